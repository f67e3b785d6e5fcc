with rows_of_checks as (
    select
        year,
        table_name,
        file_hash,
        file_name,
        outcome,
        reason,
        records
    from {{ ref('stg_quality') }}
    union all
    select
        year,
        'survey_total' as table_name,
        file_hash,
        file_name,
        'flagged' as outcome,
        reason,
        records
    from {{ ref('int_denominator_finding') }}
    union all
    select
        year,
        'survey_household' as table_name,
        file_hash,
        file_name,
        'flagged' as outcome,
        reason,
        records
    from {{ ref('int_sample_finding') }}
)

select
    year,
    table_name,
    file_hash,
    outcome,
    reason,
    max(file_name) as file_name,
    cast(sum(records) as double) as records
from rows_of_checks
group by year, table_name, file_hash, outcome, reason
