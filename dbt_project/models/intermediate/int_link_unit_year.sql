{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

select
    year,
    standard,
    unit_id,
    count(*) as listed_households,
    count(linked_by) as linked_households,
    count(*) filter (where linked_by = 'village_and_birth_year') as weakly_linked_households,
    count(*) filter (where is_begin_filled) as begin_filled_households,
    count(*) filter (where is_begin_mismatch) as begin_mismatch_households,
    count(*) filter (where is_begin_without_link) as begin_without_link_households
from {{ ref('int_household_movement') }}
where {{ in_window(ahead='all') }}
group by year, standard, unit_id
