{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail', meta={'window_ahead': 1}
) }}

-- the last figures of an account in a month; December of the year before is read for what was collected
with ledger as (
    select
        year,
        month,
        loan_key,
        borrower_key,
        citizen_key,
        unit_id,
        programme,
        disbursed_date,
        as_of_date,
        amount_disbursed,
        outstanding,
        overdue,
        frozen,
        status
    from {{ ref('stg_loan_ledger') }}
    where {{ in_window(back=1, ahead=1) }} and ({{ in_window(ahead=1) }} or month(month) = 12)
    qualify lead(month) over (partition by loan_key order by as_of_date) is distinct from month
),

followed as (
    select
        *,
        -- of an earlier year only December counts, whatever the window: over a gap nobody knows the months
        if(
            lag(month) over (partition by loan_key order by as_of_date) >= make_date(year - 1, 12, 1),
            lag(outstanding) over (partition by loan_key order by as_of_date),
            null
        ) as previous_outstanding
    from ledger
)

select
    year,
    month,
    unit_id,
    programme,
    loan_key,
    borrower_key,
    citizen_key,
    outstanding,
    overdue,
    frozen,
    if(date_trunc('month', disbursed_date) = month, amount_disbursed, 0) as disbursed,
    case
        -- what is written off was not collected
        when status = 'written_off' then 0
        when previous_outstanding is not null
            then greatest(
                    previous_outstanding
                    + if(date_trunc('month', disbursed_date) = month, amount_disbursed, 0)
                    - outstanding,
                    0
                )
        when date_trunc('month', disbursed_date) = month then greatest(amount_disbursed - outstanding, 0)
    end as collected
from followed
where {{ in_window(ahead=1) }}
