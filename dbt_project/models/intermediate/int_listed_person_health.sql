{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- members of the headline list, each once: in two households, the poorer one counts
with person as (
    select
        p.year,
        p.unit_id,
        p.poverty_class,
        p.citizen_key,
        p.insurance_key
    from {{ ref('int_listed_person') }} as p
    inner join {{ ref('int_review_year') }} as r
        on p.year = r.year and p.standard = r.standard and r.is_headline
    where {{ in_window('p.year') }} and p.is_member and p.poverty_class in ('poor', 'near_poor')
    qualify
        row_number() over (
            partition by p.year, coalesce(p.citizen_key, p.insurance_key, p.person_row)
            order by p.poverty_class desc, p.unit_id, p.household_key, p.person_row
        ) = 1
),

citizens as (
    select distinct
        year,
        citizen_key
    from {{ ref('int_card') }}
    where citizen_key is not null
),

numbers as (
    select distinct
        year,
        insurance_key
    from {{ ref('int_card') }}
    where insurance_key is not null
),

registers as (
    select distinct year from numbers
    union
    select distinct year from citizens
)

select
    p.year,
    p.unit_id,
    p.poverty_class,
    p.citizen_key,
    p.insurance_key,
    -- by citizen id, else by insurance number; unknown in a year without a register
    if(r.year is null, null, c.citizen_key is not null or n.insurance_key is not null) as is_insured
from person as p
left join registers as r on p.year = r.year
left join citizens as c on p.year = c.year and p.citizen_key = c.citizen_key
left join numbers as n on p.year = n.year and p.insurance_key = n.insurance_key
