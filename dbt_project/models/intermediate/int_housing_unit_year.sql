-- a withdrawn case counts only as withdrawn
select
    year,
    unit_id,
    work_type,
    count(*) filter (where is_approved and not is_withdrawn) as approved,
    count(*) filter (where is_started and not is_withdrawn) as started,
    count(*) filter (where is_finished and not is_withdrawn) as finished,
    count(*) filter (where is_accepted and not is_withdrawn) as accepted,
    count(*) filter (where is_withdrawn) as withdrawn,
    coalesce(sum(approved_amount) filter (where is_approved and not is_withdrawn), 0) as approved_amount,
    coalesce(sum(disbursed_amount) filter (where is_approved and not is_withdrawn), 0) as disbursed_amount
from {{ ref('int_housing_case_year') }}
group by year, unit_id, work_type
