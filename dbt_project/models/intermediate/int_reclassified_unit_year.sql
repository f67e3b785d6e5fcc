{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

select
    year,
    reviewed_standard,
    applied_standard,
    unit_id,
    count(*) as listed_households,
    count(*) filter (where applied_class = 'poor') as poor_households,
    count(*) filter (where applied_class = 'near_poor') as near_poor_households,
    count(*) filter (where applied_class in ('average', 'not_poor')) as not_poor_households,
    count(*) filter (where applied_class is null) as not_classifiable_households,
    count(*) filter (where applied_class is null and is_without_score) as without_score_households,
    count(*) filter (where applied_class is null and not is_without_score) as without_deprivations_households
from {{ ref('int_reclassified_household') }}
where {{ in_window() }}
group by year, reviewed_standard, applied_standard, unit_id
