select
    old_unit_id,
    old_code,
    old_valid_from,
    old_valid_to,
    unit_id,
    commune_code,
    cast(weight as decimal(9, 6)) as weight,
    method,
    legal_basis
from {{ source('reference', 'bridge') }}
