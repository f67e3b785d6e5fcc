-- households and persons of the units of 31 December: as sent, else carried from the last plausible year
with recursive listed as (
    select
        year,
        unit_id,
        max(listed_households) as listed_households
    from {{ ref('int_list_unit_year') }}
    group by year, unit_id
),

years as (
    select
        min(year) as first_year,
        max(year) as last_year
    from (
        select year from {{ ref('int_total_unit_year') }}
        union all
        select year from listed
    )
),

unit_year as (
    select
        c.year,
        c.unit_id
    from {{ ref('int_commune_year') }} as c
    inner join years as y on c.year between y.first_year and y.last_year
    where c.geography = 'as_reported'
),

-- totals sent under units of an earlier date count where every part of the unit has sent one
parts as (
    select
        y.year,
        y.unit_id,
        m.unit_id as part_id,
        m.weight
    from unit_year as y
    inner join {{ ref('int_unit') }} as u on y.unit_id = u.unit_id
    inner join {{ ref('int_map_year') }} as m
        on y.year = m.year and y.unit_id = m.target_unit_id and m.geography = 'as_reported'
    inner join {{ ref('int_unit') }} as p
        on m.unit_id = p.unit_id and p.valid_until = u.valid_from - interval 1 day
),

by_parts as (
    select
        p.year,
        p.unit_id,
        if(count(t.households) = count(*), {{ carried('t.households', 'p.weight') }}, null) as households,
        if(count(t.persons) = count(*), {{ carried('t.persons', 'p.weight') }}, null) as persons,
        coalesce(bool_or(t.is_implausible), true) as is_implausible
    from parts as p
    left join {{ ref('int_total_unit_year') }} as t on p.year = t.year and p.part_id = t.unit_id
    group by p.year, p.unit_id
),

sent as (
    select
        y.year,
        y.unit_id,
        coalesce(l.listed_households, 0) as listed_households,
        cast(coalesce(t.households, b.households) as decimal(38, 6)) as sent_households,
        cast(if(t.unit_id is not null, t.persons, b.persons) as decimal(38, 6)) as sent_persons,
        -- fewer than the listed households is as implausible as none
        coalesce(
            not if(t.unit_id is not null, t.is_implausible, b.is_implausible)
            and sent_households >= coalesce(l.listed_households, 0),
            false
        ) as is_plausible
    from unit_year as y
    left join listed as l on y.year = l.year and y.unit_id = l.unit_id
    left join {{ ref('int_total_unit_year') }} as t on y.year = t.year and y.unit_id = t.unit_id
    left join by_parts as b on y.year = b.year and y.unit_id = b.unit_id
),

-- from the units of one 31 December to those of the next: by unit over the map, never by code
step as (
    select
        y.year,
        y.unit_id,
        m.unit_id as previous_unit_id,
        m.weight
    from unit_year as y
    inner join {{ ref('int_map_year') }} as m
        on y.year = m.year and y.unit_id = m.target_unit_id and m.geography = 'as_reported'
    inner join unit_year as p on m.unit_id = p.unit_id and y.year = p.year + 1
),

preceded as (
    select distinct
        year,
        unit_id
    from step
),

denominator as (
    select
        s.year,
        s.unit_id,
        if(s.is_plausible, s.sent_households, null) as households,
        if(s.is_plausible, s.sent_persons, null) as persons,
        if(s.is_plausible, 'sent', null) as households_source,
        cast(null as decimal(38, 6)) as previous_households
    from sent as s
    inner join years as y on true
    left join preceded as t on s.year = t.year and s.unit_id = t.unit_id
    -- with nothing before it: the first year, and a unit of a later map that first stands in this one
    where s.year = y.first_year or t.unit_id is null
    union all
    select
        t.year,
        t.unit_id,
        cast(
            if(
                any_value(s.is_plausible),
                any_value(s.sent_households),
                if(count(d.households) = count(*), {{ carried('d.households', 't.weight') }}, null)
            ) as decimal(38, 6)
        ) as households,
        cast(
            if(
                any_value(s.is_plausible),
                any_value(s.sent_persons),
                if(count(d.persons) = count(*), {{ carried('d.persons', 't.weight') }}, null)
            ) as decimal(38, 6)
        ) as persons,
        case
            when any_value(s.is_plausible) then 'sent'
            when count(d.households) < count(*) then null
            when min(d.households_source) <> max(d.households_source) then 'partly_carried'
            when min(d.households_source) = 'sent' then concat('carried_', t.year - 1)
            else min(d.households_source)
        end as households_source,
        cast(
            if(
                count(d.households) = count(*), {{ carried('d.households', 't.weight') }}, null
            ) as decimal(38, 6)
        ) as previous_households
    from denominator as d
    inner join step as t on d.unit_id = t.previous_unit_id and t.year = d.year + 1
    inner join sent as s on t.year = s.year and t.unit_id = s.unit_id
    group by t.year, t.unit_id
)

select
    d.year,
    d.unit_id,
    s.sent_households,
    s.listed_households,
    d.previous_households,
    -- a carried value below the listed households is no denominator either
    if(d.households >= s.listed_households, d.households, null) as households,
    if(d.households >= s.listed_households, d.persons, null) as persons,
    if(d.households >= s.listed_households, d.households_source, null) as households_source
from denominator as d
inner join sent as s on d.year = s.year and d.unit_id = s.unit_id
