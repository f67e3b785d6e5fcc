{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- a number that two households of a village carry leads to the first of them
with household as (
    select *
    from {{ ref('int_household_year') }}
    where {{ in_window() }}
    qualify
        row_number() over (
            partition by year, standard, unit_id, lower(village), household_code order by household_key
        ) = 1
)

select
    m.year,
    m.standard,
    h.unit_id,
    h.household_key,
    h.poverty_class,
    m.citizen_key,
    m.insurance_key,
    true as is_member,
    m.member_key as person_row
from {{ ref('stg_survey_member') }} as m
inner join household as h
    on
        m.year = h.year and m.standard = h.standard and m.unit_id = h.unit_id
        and lower(m.village) = lower(h.village) and m.household_code = h.household_code
-- whoever was drawn for a sample is no member of a household on the list that has its number
where {{ in_window('m.year') }} and m.is_sampled is not true
union all
-- the head by the household's own record: found even where the members were not sent
select
    year,
    standard,
    unit_id,
    household_key,
    poverty_class,
    head_citizen_key as citizen_key,
    null as insurance_key,
    false as is_member,
    household_key as person_row
from {{ ref('int_household_year') }}
where {{ in_window() }} and head_citizen_key is not null
