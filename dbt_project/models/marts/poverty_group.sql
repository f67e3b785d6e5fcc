select
    g.year,
    m.geography,
    m.commune_code,
    m.commune_name,
    g.standard,
    g.group_type,
    g.group_value,
    cast({{ carried('g.poor_households', 'm.weight') }} as double) as poor_households,
    cast({{ carried('g.near_poor_households', 'm.weight') }} as double) as near_poor_households,
    cast({{ carried('g.poor_persons', 'm.weight') }} as double) as poor_persons,
    cast({{ carried('g.near_poor_persons', 'm.weight') }} as double) as near_poor_persons
from {{ ref('int_group_unit_year') }} as g
inner join {{ ref('int_map_year') }} as m on g.year = m.year and g.unit_id = m.unit_id
group by g.year, m.geography, m.commune_code, m.commune_name, g.standard, g.group_type, g.group_value
