select
    era_from,
    coalesce(era_to, date '9999-12-31') as era_until,
    unit_id,
    target_unit_id,
    commune_code,
    cast(weight as decimal(9, 6)) as weight
from {{ source('reference', 'unit_map') }}
