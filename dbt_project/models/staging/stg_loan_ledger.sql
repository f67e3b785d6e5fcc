select
    cast(year as integer) as year,
    loan_account_pseudonym as loan_key,
    -- a borrower without a readable citizen id is known by the account alone
    coalesce(borrower_citizen_id_pseudonym, loan_account_pseudonym) as borrower_key,
    borrower_citizen_id_pseudonym as citizen_key,
    unit_id,
    programme,
    disbursed_date,
    as_of_date,
    cast(date_trunc('month', as_of_date) as date) as month,
    amount_disbursed,
    outstanding,
    overdue,
    frozen,
    status,
    beneficiary_type,
    flags,
    file_hash
from {{ source('accepted', 'loan_ledger') }}
