{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- one case as one folder shows it
select
    folder_year as year,
    case_id,
    unit_id,
    head_citizen_key,
    beneficiary_group,
    work_type,
    decision_number,
    decision_date,
    start_date,
    finish_date,
    acceptance_date,
    approved_amount,
    disbursed_amount,
    is_withdrawn,
    file_hash
from {{ ref('stg_housing_case') }}
where {{ in_window('folder_year') }}
