-- as reported is the map of 31 December of the year
with years as (
    select unnest(range(2015, greatest(year(date '{{ run_value("today") }}'), 2026) + 2)) as year
)

select
    cast(y.year as integer) as year,
    m.geography,
    m.unit_id,
    m.target_unit_id,
    m.commune_code,
    m.commune_name,
    m.province_code,
    m.area_type,
    m.weight
from years as y
inner join {{ ref('int_map') }} as m
    on make_date(y.year, 12, 31) between m.era_from and m.era_until
