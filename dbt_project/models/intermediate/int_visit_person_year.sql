{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

select
    year,
    unit_id,
    citizen_key,
    insurance_key,
    count(*) as visits,
    sum(total_cost) as total_cost,
    sum(out_of_pocket) as out_of_pocket
from {{ ref('stg_health_visit') }}
where {{ in_window() }}
group by year, unit_id, citizen_key, insurance_key
