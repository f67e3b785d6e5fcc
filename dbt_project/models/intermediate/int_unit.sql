-- what is the province's on the map of any time, wholly or in part: assets.places.unit_map.own_units
with own as (
    select distinct m.unit_id
    from {{ ref('stg_unit_map') }} as m
    inner join {{ ref('stg_unit') }} as target on m.target_unit_id = target.unit_id
    where target.province_code = '{{ run_value("province") }}'
)

select u.*
from {{ ref('stg_unit') }} as u
inner join own as o on u.unit_id = o.unit_id
