-- that of the unit itself, or of all the parts that it was made from where they agree
with parts as (
    select
        b.unit_id,
        if(min(o.province_code) = max(o.province_code), min(o.province_code), null) as province_code
    from {{ ref('stg_unit_bridge') }} as b
    inner join {{ ref('int_unit') }} as o on b.old_unit_id = o.unit_id
    where b.old_unit_id <> b.unit_id
    group by b.unit_id
)

select
    u.unit_id,
    if(p.unit_id is null, u.province_code, p.province_code) as former_province_code
from {{ ref('int_unit') }} as u
left join parts as p on u.unit_id = p.unit_id
