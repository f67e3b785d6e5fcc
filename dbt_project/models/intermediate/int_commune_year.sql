-- the units that stand on each map: every one should send its list and its totals
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
where m.geography = 'current' or make_date(m.year, 12, 31) between u.valid_from and u.valid_until
