-- both maps, with the area of the units of that year apart; a commune of which a part has none has none
with parts as (
    select
        d.year,
        m.geography,
        m.target_unit_id as unit_id,
        c.area_type,
        d.households,
        d.persons,
        d.households_source,
        m.weight
    from {{ ref('int_denominator_unit_year') }} as d
    inner join {{ ref('int_commune_year') }} as c
        on d.year = c.year and d.unit_id = c.unit_id and c.geography = 'as_reported'
    inner join {{ ref('int_map_year') }} as m on d.year = m.year and d.unit_id = m.unit_id
),

communes as (
    select
        year,
        geography,
        unit_id,
        count(households) = count(*) as has_households,
        count(persons) = count(*) as has_persons,
        case
            when count(households) < count(*) then null
            when min(households_source) = max(households_source) then min(households_source)
            else 'partly_carried'
        end as households_source
    from parts
    group by year, geography, unit_id
)

select
    p.year,
    p.geography,
    p.unit_id,
    p.area_type,
    if(c.has_households, {{ carried('p.households', 'p.weight') }}, null) as households,
    if(c.has_households and c.has_persons, {{ carried('p.persons', 'p.weight') }}, null) as persons,
    c.households_source
from parts as p
inner join communes as c on p.year = c.year and p.geography = c.geography and p.unit_id = c.unit_id
group by p.year, p.geography, p.unit_id, p.area_type, c.has_households, c.has_persons, c.households_source
