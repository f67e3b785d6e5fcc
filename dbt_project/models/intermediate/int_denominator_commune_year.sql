-- both maps, with the area of the units of that year apart; a commune of which a part has none has none
with later as (
    -- totals of a list on a later map: they stand for the units of the year that became theirs
    select
        d.year,
        d.unit_id,
        u.valid_from
    from {{ ref('int_denominator_unit_year') }} as d
    inner join {{ ref('int_unit') }} as u on d.unit_id = u.unit_id
    where d.households_source = 'sent' and u.valid_from > make_date(d.year, 12, 31)
),

stood_for as (
    -- on today's communes of the later unit; where it is divided, its other part is still its own
    select distinct
        l.year,
        m.unit_id,
        t.target_unit_id
    from later as l
    inner join {{ ref('int_map_year') }} as t
        on l.year = t.year and l.unit_id = t.unit_id and t.geography = 'current'
    inner join {{ ref('int_map') }} as m
        on
            l.unit_id = m.target_unit_id and m.geography = 'as_reported'
            and l.valid_from between m.era_from and m.era_until
    where m.unit_id <> l.unit_id
),

parts as (
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
    inner join {{ ref('int_unit') }} as u on d.unit_id = u.unit_id
    left join stood_for as s
        on d.year = s.year and d.unit_id = s.unit_id and m.target_unit_id = s.target_unit_id
    where
        m.geography = 'as_reported'
        -- of today's commune a unit of a later map is no further part where it sent no total of its own; and
        -- where it did, what is carried of those that it stands for is in it already
        or coalesce(d.households_source = 'sent', false)
        or (s.unit_id is null and u.valid_from <= make_date(d.year, 12, 31))
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
