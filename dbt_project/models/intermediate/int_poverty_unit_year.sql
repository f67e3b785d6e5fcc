{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

select
    year,
    standard,
    unit_id,
    area_type,
    count(*) as listed_households,
    count(*) filter (where poverty_class = 'poor') as poor_households,
    count(*) filter (where poverty_class = 'near_poor') as near_poor_households,
    coalesce(sum(household_size) filter (where poverty_class = 'poor'), 0) as poor_persons,
    coalesce(sum(household_size) filter (where poverty_class = 'near_poor'), 0) as near_poor_persons,
    count(*) filter (where poverty_class = 'poor' and is_ethnic_minority) as ethnic_minority_poor_households,
    count(*) filter (where derived_class = 'poor') as derived_poor_households,
    count(*) filter (where derived_class = 'near_poor') as derived_near_poor_households,
    count(*) filter (where is_class_mismatch) as class_mismatch_households,
    count(*) filter (where is_class_filled) as class_filled_households
from {{ ref('int_household_year') }}
where {{ in_window() }}
group by year, standard, unit_id, area_type
