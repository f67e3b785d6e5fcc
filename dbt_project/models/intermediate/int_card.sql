{{ config(materialized='view') }}

-- the cards of the window that are valid on 31 December, or on the last drop's day
with days as (
    select
        year,
        least(max(record_date), make_date(year, 12, 31), date '{{ run_value("today") }}') as day
    from {{ ref('stg_health_card') }}
    where {{ in_window() }}
    group by year
)

select
    c.year,
    c.person_key,
    c.citizen_key,
    c.insurance_key,
    c.unit_id,
    c.valid_from
from {{ ref('stg_health_card') }} as c
inner join days as d on c.year = d.year
where {{ in_window('c.year') }} and d.day between c.valid_from and c.valid_to
