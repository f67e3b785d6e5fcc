{{ config(materialized='view') }}

with household as (
    select
        -- where the list has no marks, what the answers show stands in for them
        h.* replace (
            {% for indicator in deprivation_indicators() %}
                coalesce(h.dep_{{ indicator }}, false)
                or coalesce(list_contains(n.answered_marks, '{{ indicator }}'), false)
                    as dep_{{ indicator }}{{ "," if not loop.last }}
            {% endfor %}
        ),
        n.indicators_not_answered,
        -- indicators that the file has no column for; looked at only where that decides
        if(
            h.b2_points is null and n.answered_marks is null,
            list_filter([
                {% for indicator in deprivation_indicators() %}
                    if(
                        h.dep_{{ indicator }} is null
                        and list_contains(n.indicators_not_answered, '{{ indicator }}'),
                        '{{ indicator }}',
                        null
                    ){{ "," if not loop.last }}
                {% endfor %}
            ], lambda i: i is not null), -- noqa: RF02
            null
        ) as indicators_not_asked,
        n.answered_marks is not null as is_marked_by_answers,
        a.area_type,
        s.rule,
        -- without a score, the answers decide where they reach the cut-off or cannot
        coalesce(
            h.b2_points >= 10 * s.cutoff,
            case
                when len(n.answered_marks) >= s.cutoff then true
                when len(n.answered_marks) + len(n.indicators_not_answered) < s.cutoff then false
            end
        ) as is_deprived,
        if(a.area_type = 'urban', s.urban_line_points, s.rural_line_points) as line_points,
        if(a.area_type = 'urban', s.urban_upper_line_points, s.rural_upper_line_points) as upper_line_points,
        if(a.area_type = 'urban', s.urban_line, s.rural_line) as line,
        if(a.area_type = 'urban', s.urban_upper_line, s.rural_upper_line) as upper_line,
        if(a.area_type = 'urban', s.urban_average_line, s.rural_average_line) as average_line,
        -- points out of range or off the steps stand as sent, and derive nothing
        list_has_any(
            coalesce(h.flags, []), ['b1_points_out_of_range', 'b2_points_out_of_range', 'b2_points_off_steps']
        ) as has_unusable_points
    from {{ ref('stg_survey_household') }} as h
    left join {{ ref('int_unit_area') }} as a
        on h.unit_id = a.unit_id and h.record_date between a.era_from and a.era_until
    left join {{ ref('standards') }} as s on h.standard = s.standard
    left join {{ ref('int_household_answer') }} as n on h.household_key = n.household_key and h.year = n.year
),

counted as (
    select
        *,
        {% for indicator in deprivation_indicators() %}
            cast(dep_{{ indicator }} as integer) {{ "+" if not loop.last }}
        {% endfor %} as marked
    from household
),

scored as (
    select
        *,
        -- the one rule of what is known of a household, clause by clause (docs/standards.md)
        case
            -- the score says that there is no deprivation but those shown
            when b2_points = 10 * marked then []
            -- what the answers leave open
            when is_marked_by_answers then indicators_not_answered
            -- marks without a score: a blank is a no, but a form without a single mark was left blank
            when b2_points is null and marked > 0 then indicators_not_asked
            -- marks that contradict the score, or neither marks nor a score: nothing is known
            else indicators_not_answered
        end as indicators_not_judged,
        b1_points is not null and upper_line_points is not null as by_points
    from counted
),

derived as (
    select
        *,
        case
            when has_unusable_points then null
            when by_points
                then {{ derived_class(
                    'b1_points', 'line_points', 'upper_line_points', 'null', 'is_deprived', 'rule'
                ) }}
            else {{ derived_class(
                'income_per_capita', 'line', 'upper_line', 'average_line', 'is_deprived', 'rule'
            ) }}
        end as derived_class
    from scored
)

select
    household_key,
    year,
    standard,
    unit_id,
    record_date,
    area_type,
    village,
    household_code,
    head_citizen_key,
    head_sex,
    head_birth_year,
    ethnicity,
    -- an unknown group counts as neither
    ethnicity <> 'Kinh' as is_ethnic_minority,
    household_size,
    b1_points,
    b2_points,
    has_unusable_points,
    income_per_capita,
    declared_class,
    derived_class,
    coalesce(declared_class, derived_class) as poverty_class,
    declared_class is null and derived_class is not null as is_class_filled,
    coalesce(
        replace(declared_class, 'average', 'not_poor') <> replace(derived_class, 'average', 'not_poor'), false
    ) as is_class_mismatch,
    class_begin,
    change_type,
    {% for cause in causes() %}
        cause_{{ cause }},
    {% endfor %}
    {% for indicator in deprivation_indicators() %}
        dep_{{ indicator }},
    {% endfor %}
    is_marked_by_answers,
    indicators_not_judged,
    dep_house_quality or dep_housing_quality as is_in_bad_housing,
    no_labour_capacity,
    has_merit_member,
    -- whoever was drawn stands for others; whoever is on a list stands for itself
    is_sampled,
    sample_weight,
    stratum,
    psu,
    file_hash
from derived
