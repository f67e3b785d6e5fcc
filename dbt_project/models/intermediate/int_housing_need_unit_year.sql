{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

-- the need on the list in force; every later year depends on the cases of this one
with needy as (
    select
        f.year,
        h.unit_id,
        h.household_key,
        h.poverty_class
    from {{ ref('int_list_in_force') }} as f
    inner join {{ ref('int_household_year') }} as h on f.list_year = h.year and f.standard = h.standard
    where
        {{ in_window('f.year', ahead='all') }}
        and h.is_in_bad_housing and h.poverty_class in ('poor', 'near_poor')
),

persons as (
    select
        f.year,
        p.household_key,
        p.citizen_key
    from {{ ref('int_list_in_force') }} as f
    inner join {{ ref('int_listed_person') }} as p on f.list_year = p.year and f.standard = p.standard
    where {{ in_window('f.year', ahead='all') }} and p.citizen_key is not null
),

helped as (
    select distinct
        p.year,
        p.household_key
    from persons as p
    inner join {{ ref('int_housing_case_year') }} as c
        on p.citizen_key = c.head_citizen_key and p.year >= c.year
    where not c.is_withdrawn
)

select
    n.year,
    n.unit_id,
    count(*) as eligible,
    count(*) filter (where n.poverty_class = 'poor') as poor_households_in_bad_housing,
    count(*) filter (where h.household_key is null) as unmet_need
from needy as n
left join helped as h on n.year = h.year and n.household_key = h.household_key
group by n.year, n.unit_id
