select
    b.old_code,
    b.old_valid_from,
    b.old_valid_to,
    b.commune_code,
    cast(b.weight as double) as weight,
    b.method,
    b.legal_basis,
    u.area_type as old_area_type,
    heir.area_type
from {{ ref('stg_unit_bridge') }} as b
inner join {{ ref('int_unit') }} as u on b.old_unit_id = u.unit_id
inner join {{ ref('stg_unit') }} as heir on b.unit_id = heir.unit_id
