-- on the units of 31 December: who has sent a list, and what was announced
with listed as (
    select
        p.year,
        m.target_unit_id as unit_id,
        p.standard,
        {{ carried('p.listed_households', 'm.weight') }} as listed_households
    from {{ ref('int_poverty_unit_year') }} as p
    inner join {{ ref('int_map_year') }} as m
        on p.year = m.year and p.unit_id = m.unit_id and m.geography = 'as_reported'
    group by p.year, m.target_unit_id, p.standard
),

announced as (
    select
        a.year,
        m.target_unit_id as unit_id,
        a.standard,
        {{ carried('a.announced_poor_households', 'm.weight') }} as announced_poor_households,
        {{ carried('a.announced_near_poor_households', 'm.weight') }} as announced_near_poor_households
    from {{ ref('int_announced_unit_year') }} as a
    inner join {{ ref('int_map_year') }} as m
        on a.year = m.year and a.unit_id = m.unit_id and m.geography = 'as_reported'
    group by a.year, m.target_unit_id, a.standard
),

held as (
    select distinct
        year,
        standard
    from listed
)

select
    c.year,
    c.unit_id,
    h.standard,
    l.listed_households,
    a.announced_poor_households,
    a.announced_near_poor_households,
    -- a commune that announces none has sent an empty list
    l.listed_households is not null
    or coalesce(a.announced_poor_households = 0 and a.announced_near_poor_households = 0, false) as has_list
from {{ ref('int_commune_year') }} as c
inner join held as h on c.year = h.year
left join listed as l on c.year = l.year and c.unit_id = l.unit_id and h.standard = l.standard
left join announced as a on c.year = a.year and c.unit_id = a.unit_id and h.standard = a.standard
where c.geography = 'as_reported'
