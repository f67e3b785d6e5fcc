{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- any card counts, whatever its group; a person with several stands where the newest one does
with person as (
    select
        year,
        person_key,
        arg_max(unit_id, (valid_from, unit_id)) as unit_id
    from {{ ref('int_card') }}
    group by year, person_key
)

select
    year,
    unit_id,
    count(*) as insured_persons
from person
group by year, unit_id
