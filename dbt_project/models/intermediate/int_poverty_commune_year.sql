{% set counts = [
    'listed_households', 'poor_households', 'near_poor_households', 'poor_persons', 'near_poor_persons',
    'ethnic_minority_poor_households', 'derived_poor_households', 'derived_near_poor_households',
    'class_mismatch_households', 'class_filled_households'
] -%}
-- both maps, with the area of the record's own unit apart
select
    p.year,
    m.geography,
    m.target_unit_id as unit_id,
    p.standard,
    p.area_type,
    {% for count in counts %}
        {{ carried('p.' ~ count, 'm.weight') }} as {{ count }},
    {% endfor %}
    -- the ground has another area on this map than it had on the record's date
    {{ carried('p.poor_households', 'm.weight') }} filter (where m.area_type <> p.area_type)
        as poor_households_area_changed
from {{ ref('int_poverty_unit_year') }} as p
inner join {{ ref('int_map_year') }} as m on p.year = m.year and p.unit_id = m.unit_id
group by p.year, m.geography, m.target_unit_id, p.standard, p.area_type
