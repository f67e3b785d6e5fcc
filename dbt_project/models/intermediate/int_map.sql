-- both maps with their time: the map of every era, and today's, which serves every date
with lines as (
    select
        'as_reported' as geography,
        m.era_from,
        m.era_until,
        m.unit_id,
        m.target_unit_id,
        m.weight
    from {{ ref('stg_unit_map') }} as m
    inner join {{ ref('int_unit') }} as u on m.unit_id = u.unit_id
    union all
    select
        'current' as geography,
        date '0001-01-01' as era_from,
        date '9999-12-31' as era_until,
        b.old_unit_id as unit_id,
        b.unit_id as target_unit_id,
        b.weight
    from {{ ref('stg_unit_bridge') }} as b
    inner join {{ ref('int_unit') }} as u on b.old_unit_id = u.unit_id
)

select
    l.geography,
    l.era_from,
    l.era_until,
    l.unit_id,
    l.target_unit_id,
    -- a unit that does not stand on a map is told from the one whose code it has there
    if(
        if(l.geography = 'current', t.is_current, l.era_from between t.valid_from and t.valid_until),
        t.commune_code, t.unit_id
    ) as commune_code,
    t.commune_name,
    t.province_code,
    t.area_type,
    l.weight
from lines as l
inner join {{ ref('stg_unit') }} as t on l.target_unit_id = t.unit_id
