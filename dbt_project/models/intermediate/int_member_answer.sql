{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

{%- set ticks = [
    'job_contract', 'social_assistance', 'disability', 'is_attending_school', 'has_health_insurance',
    'uses_internet'
] -%}
-- a number that two households of a village carry leads to the first of them; lists and samples number apart
with household as (
    select *
    from {{ ref('stg_survey_household') }}
    where {{ in_window() }}
    qualify
        row_number() over (
            partition by year, standard, is_sampled, unit_id, lower(village), household_code
            order by household_key
        ) = 1
),

file_style as (
    select
        year,
        file_hash,
    {% for tick in ticks %}
        {{ ticked(tick) }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('stg_survey_member') }}
    where {{ in_window() }}
    group by year, file_hash
),

-- materialized: joined in one step with the households, the planner pairs every file with every household
answer as materialized (
    select
        r.member_key,
        r.year,
        r.standard,
        r.unit_id,
        r.village,
        r.household_code,
        r.is_sampled,
        r.sex,
        r.schooling,
        r.work_status,
        r.weight_for_age,
        r.height_for_age,
        r.birth_date,
        r.birth_year,
    {% for tick in ticks %}
        {{ answered(tick) }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('stg_survey_member') }} as r
    inner join file_style as f on r.year = f.year and r.file_hash = f.file_hash
    where {{ in_window('r.year') }}
),

member as (
    select
        a.*,
        h.household_key,
        -- by the day of the review; of whom only the birth year is known, by the year
        coalesce(
            date_sub('month', a.birth_date, h.record_date), 12 * (year(h.record_date) - a.birth_year)
        ) as months
    from answer as a
    inner join household as h
        on
            a.year = h.year and a.standard = h.standard and a.unit_id = h.unit_id
            and lower(a.village) = lower(h.village) and a.household_code = h.household_code
            and a.is_sampled is not distinct from h.is_sampled
),

aged as (
    select
        m.* replace (if(m.months >= 0, m.months, null) as months),
        case
            when m.months < 0 then null
            -- whose sex is not known is of working age only where both sexes are, and not where neither is
            when m.sex in ('male', 'female') then m.months between w.from_months and w.below_months - 1
            when m.months < b.from_months or m.months >= b.below_months then false
            when m.months < b.below_months_of_both then true
        end as is_of_working_age
    from member as m
    left join {{ ref('working_ages') }} as w
        on m.sex = w.sex and m.year between w.year_from and w.year_to
    left join (
        select
            y.year,
            min(g.from_months) as from_months,
            max(g.below_months) as below_months,
            min(g.below_months) as below_months_of_both
        from (select distinct year from member) as y
        inner join {{ ref('working_ages') }} as g on y.year between g.year_from and g.year_to
        group by y.year
    ) as b on m.year = b.year
)

select
    member_key,
    year,
    household_key,
    cast(months as integer) as age_months,
    -- 1: of working age, and finds no work or works for wages without a contract
    is_of_working_age
    and case
        when work_status = 'looking' then true
        when work_status = 'wage_earner' then not job_contract
        when work_status is not null or job_contract then false
    end as is_without_work,
    -- 2: a child under 16, or an elderly or disabled person on monthly social assistance
    months < 192 or ((months >= 720 or disability) and social_assistance) as is_dependant,
    -- 3: a child under 16 of low weight or low height for its age
    months < 192
    and (
        {{ judged_answer('weight_for_age', 'growth') }} or {{ judged_answer('height_for_age', 'growth') }}
    ) as is_malnourished,
    -- 4: 6 years or older and without health insurance
    months >= 72 and not has_health_insurance as is_uninsured,
    -- 5: 16 to 30, and neither in the schooling nor with the certificate of the age
    months >= 192 and months < 372
    and case
        when months < 216 then {{ judged_answer('schooling', 'schooling_16_17') }}
        when months >= 216 then {{ judged_answer('schooling', 'schooling_18_30') }}
    end as is_without_schooling,
    -- 6: 3 to under 16, and not in the level of the age; a level without more is one that is attended
    months >= 36 and months < 192
    and (
        not coalesce(is_attending_school, true)
        or case
            when months < 72 then {{ judged_answer('schooling', 'schooling_3_5') }}
            when months < 144 then {{ judged_answer('schooling', 'schooling_6_11') }}
            when months >= 144 then {{ judged_answer('schooling', 'schooling_12_15') }}
        end
    ) as is_out_of_school,
    uses_internet
from aged
