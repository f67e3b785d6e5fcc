{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- the visits of everybody, and of those on the headline list
with visit as (
    select *
    from {{ ref('int_visit_person_year') }}
    where {{ in_window() }}
),

citizens as (
    select
        year,
        citizen_key,
        max(poverty_class) as poverty_class
    from {{ ref('int_listed_person_health') }}
    where {{ in_window() }} and citizen_key is not null
    group by year, citizen_key
),

numbers as (
    select
        year,
        insurance_key,
        max(poverty_class) as poverty_class
    from {{ ref('int_listed_person_health') }}
    where {{ in_window() }} and insurance_key is not null
    group by year, insurance_key
),

classed as (
    select
        v.*,
        coalesce(c.poverty_class, n.poverty_class) as poverty_class
    from visit as v
    left join citizens as c on v.year = c.year and v.citizen_key = c.citizen_key
    left join numbers as n on v.year = n.year and v.insurance_key = n.insurance_key
)

select
    year,
    unit_id,
    'all' as poverty_class,
    sum(visits) as visits,
    sum(total_cost) as total_cost,
    sum(out_of_pocket) as out_of_pocket
from classed
group by year, unit_id
union all
select
    year,
    unit_id,
    poverty_class,
    sum(visits) as visits,
    sum(total_cost) as total_cost,
    sum(out_of_pocket) as out_of_pocket
from classed
where poverty_class is not null
group by year, unit_id, poverty_class
