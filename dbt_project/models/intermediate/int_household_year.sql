{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- here alone lists and samples part: whatever reads this model counts the households of the lists
select * exclude (is_sampled, sample_weight, stratum, psu)
from {{ ref('int_household') }}
where {{ in_window() }} and not is_sampled
