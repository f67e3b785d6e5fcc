select
    cast(year as integer) as year,
    unit_id,
    indicator,
    target_value,
    unit as target_unit,
    programme,
    budget_allocated,
    budget_disbursed,
    as_of_date,
    responsible_department,
    deadline,
    flags,
    file_hash
from {{ source('accepted', 'programme_plan') }}
