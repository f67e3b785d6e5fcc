-- the units that stand on each map: every one should send its list and its totals
with sent as (
    select
        year,
        unit_id
    from {{ ref('int_poverty_unit_year') }}
    union
    select
        year,
        unit_id
    from {{ ref('int_announced_unit_year') }}
)

select distinct
    m.year,
    m.geography,
    m.target_unit_id as unit_id,
    m.commune_code,
    m.commune_name,
    m.province_code,
    m.area_type
from {{ ref('int_map_year') }} as m
inner join {{ ref('int_unit') }} as u on m.target_unit_id = u.unit_id
left join sent as s on m.year = s.year and m.target_unit_id = s.unit_id
where
    m.geography = 'current'
    or make_date(m.year, 12, 31) between u.valid_from and u.valid_until
    -- a list that was sent on a later map, of a unit that was several: it stands as itself, and is not lost
    or (u.valid_from > make_date(m.year, 12, 31) and s.unit_id is not null)
