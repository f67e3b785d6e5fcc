select
    cast(year as integer) as year,
    table_name,
    coalesce(file_hash, '') as file_hash,
    file_name,
    outcome,
    coalesce(reason, '') as reason,
    records
from {{ source('quality', 'quality') }}
