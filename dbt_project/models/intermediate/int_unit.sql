-- the province's own units of every date, and the units of other provinces that came to it
select u.*
from {{ ref('stg_unit') }} as u
where
    u.province_code = '{{ run_value("province") }}'
    or u.unit_id in (
        select b.old_unit_id
        from {{ ref('stg_unit_bridge') }} as b
        inner join {{ ref('stg_unit') }} as heir on b.unit_id = heir.unit_id
        where heir.province_code = '{{ run_value("province") }}'
    )
