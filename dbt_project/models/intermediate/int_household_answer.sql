{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

{%- set ticks = ['has_internet_user', 'has_shared_means', 'has_personal_means'] -%}
{%- set facts = [
    'is_without_work', 'is_dependant', 'is_malnourished', 'is_uninsured', 'is_without_schooling',
    'is_out_of_school', 'uses_internet'
] -%}
with file_style as (
    select
        year,
        file_hash,
    {% for tick in ticks %}
        {{ ticked(tick) }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('stg_survey_household') }}
    where {{ in_window() }}
    group by year, file_hash
),

household as (
    select
        r.household_key,
        r.year,
        r.standard,
        r.unit_id,
        r.household_size,
        r.has_marks,
        r.floor_area,
        {{ judged_answer('r.wall_material', 'material') }} as is_poor_wall,
        {{ judged_answer('r.frame_material', 'material') }} as is_poor_frame,
        {{ judged_answer('r.roof_material', 'material') }} as is_poor_roof,
        {{ judged_answer('r.water_supply', 'water_supply') }} as is_poor_water,
        {{ judged_answer('r.latrine_type', 'latrine') }} as is_poor_latrine,
    {% for tick in ticks %}
        {{ answered(tick) }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('stg_survey_household') }} as r
    inner join file_style as f on r.year = f.year and r.file_hash = f.file_hash
    where {{ in_window('r.year') }}
),

members as (
    select
        household_key,
        count(*) as members_sent,
        {% for fact in facts %}
            coalesce(bool_or({{ fact }}), false) as any_{{ fact }},
            count(*) filter (where {{ fact }} is null) as unknown_{{ fact }},
        {% endfor %}
        count(*) filter (where is_dependant) as dependants
    from {{ ref('int_member_answer') }}
    where {{ in_window() }}
    group by household_key
),

parts as (
    select
        household_key,
        coalesce(cast(is_poor_wall as integer), 0)
        + coalesce(cast(is_poor_frame as integer), 0)
        + coalesce(cast(is_poor_roof as integer), 0) as poor_parts,
        cast(is_poor_wall is null as integer)
        + cast(is_poor_frame is null as integer)
        + cast(is_poor_roof is null as integer) as unknown_parts
    from household
),

judged as (
    select
        h.household_key,
        h.year,
        h.standard,
        h.unit_id,
        h.has_marks,
        coalesce(m.members_sent, 0) as members_sent,
        {{ of_any_member('is_without_work') }} as is_deprived_employment,
        -- more than half; members who were not sent or not judged may be either
        case
            when h.household_size is null then null
            when 2 * m.dependants > greatest(h.household_size, m.members_sent) then true
            when
                2 * (
                    m.dependants + m.unknown_is_dependant + greatest(h.household_size - m.members_sent, 0)
                ) <= greatest(h.household_size, m.members_sent)
                then false
        end as is_deprived_dependents,
        {{ of_any_member('is_malnourished') }} as is_deprived_nutrition,
        {{ of_any_member('is_uninsured') }} as is_deprived_health_insurance,
        {{ of_any_member('is_without_schooling') }} as is_deprived_adult_education,
        {{ of_any_member('is_out_of_school') }} as is_deprived_child_schooling,
        -- two of wall, frame and roof
        case
            when p.poor_parts >= 2 then true
            when p.poor_parts + p.unknown_parts < 2 then false
        end as is_deprived_housing_quality,
        h.floor_area / nullif(h.household_size, 0) < 8 as is_deprived_housing_area,
        h.is_poor_water as is_deprived_water,
        h.is_poor_latrine as is_deprived_toilet,
        -- no member uses the internet; the household's own answer comes first
        not coalesce(h.has_internet_user, {{ of_any_member('uses_internet') }}) as is_deprived_telecom,
        not h.has_shared_means and not h.has_personal_means as is_deprived_info_means
    from household as h
    inner join parts as p on h.household_key = p.household_key
    left join members as m on h.household_key = m.household_key
),

-- the questions that a standard's form asks under their own code
asked as (
    select
        standard,
        list_sort(list(indicator)) as indicators,
        list(question) filter (where question = indicator) as questions
    from {{ ref('indicators') }}
    group by standard
)

select
    j.*,
    -- where no marks were sent, the answers stand in for them
    if(j.has_marks, null, list_sort(list_distinct([
        {% for question in answered_questions() %}
            case
                when j.is_deprived_{{ question }} and list_contains(a.questions, '{{ question }}')
                    then '{{ question }}'
            end{{ "," if not loop.last }}
        {% endfor %}
    ]))) as answered_marks,
    -- where marks were sent, no answer is asked
    if(j.has_marks, a.indicators, list_filter(a.indicators, lambda i: not list_contains([ -- noqa: RF02
        {% for question in answered_questions() %}
            case
                when j.is_deprived_{{ question }} is not null and list_contains(a.questions, '{{ question }}')
                    then '{{ question }}'
            end{{ "," if not loop.last }}
        {% endfor %}
    ], i))) as indicators_not_answered -- noqa: RF02
from judged as j
left join asked as a on j.standard = a.standard
