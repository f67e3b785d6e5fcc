{% set counts = [
    'poor_households', 'near_poor_households', 'poor_persons', 'ethnic_minority_poor_households',
    'derived_poor_households', 'derived_near_poor_households', 'class_mismatch_households',
    'class_filled_households'
] -%}
{% set with_denominator = ['poor_households_with_denominator', 'near_poor_households_with_denominator'] -%}
with denominator as (
    select
        year,
        geography,
        unit_id
    from {{ ref('int_denominator_commune_year') }}
    group by year, geography, unit_id
    having sum(households) is not null
),

-- a commune counts for a rate where it has a denominator and has sent its whole list: a review that
-- is still under way must not look like a fall of poverty
commune as (
    select
        c.year,
        c.geography,
        c.unit_id,
        c.commune_code,
        c.province_code,
        c.area_type,
        r.standard,
        d.unit_id is not null and coalesce(n.has_whole_list, false) as is_counted
    from {{ ref('int_commune_year') }} as c
    inner join {{ ref('int_review_year') }} as r on c.year = r.year
    left join denominator as d on c.year = d.year and c.geography = d.geography and c.unit_id = d.unit_id
    left join {{ ref('int_announced_commune_year') }} as n
        on c.year = n.year and c.geography = n.geography and c.unit_id = n.unit_id and r.standard = n.standard
),

-- each area apart, then all of them
areas as (
    select
        'all' as area_type,
        ['urban', 'rural'] as parts
    union all
    select
        'urban' as area_type,
        ['urban'] as parts
    union all
    select
        'rural' as area_type,
        ['rural'] as parts
),

communes as (
    select
        c.year,
        c.geography,
        c.province_code,
        a.area_type,
        c.standard,
        count(*) filter (where not c.is_counted) as communes_missing,
        string_agg(c.commune_code, ' ' order by c.commune_code) filter (where not c.is_counted)
            as missing_commune_codes
    from commune as c
    inner join areas as a on list_contains(a.parts, c.area_type)
    group by c.year, c.geography, c.province_code, a.area_type, c.standard
),

denominators as (
    select
        d.year,
        d.geography,
        c.province_code,
        a.area_type,
        c.standard,
        sum(d.households) as households,
        -- the persons of those households all together, or unknown
        if(count(d.persons) = count(*), sum(d.persons), null) as persons,
        if(
            min(d.households_source) = max(d.households_source), min(d.households_source), 'partly_carried'
        ) as households_source
    from {{ ref('int_denominator_commune_year') }} as d
    inner join commune as c on d.year = c.year and d.geography = c.geography and d.unit_id = c.unit_id
    inner join areas as a on list_contains(a.parts, d.area_type)
    where d.households is not null and c.is_counted
    group by d.year, d.geography, c.province_code, a.area_type, c.standard
),

-- on both maps in the area of the unit that announced; a commune of which a part announced nothing has none
announced as (
    select
        n.year,
        n.geography,
        c.province_code,
        a.area_type,
        n.standard,
        {{ carried('l.announced_poor_households', 'm.weight') }}
        filter (where n.announced_poor_households is not null) as announced_poor_households,
        bool_or(n.has_list) as has_list
    from {{ ref('int_announced_commune_year') }} as n
    inner join commune as c
        on
            n.year = c.year and n.geography = c.geography and n.unit_id = c.unit_id
            and n.standard = c.standard
    inner join {{ ref('int_map_year') }} as m
        on n.year = m.year and n.geography = m.geography and n.unit_id = m.target_unit_id
    inner join {{ ref('int_list_unit_year') }} as l
        on m.year = l.year and m.unit_id = l.unit_id and n.standard = l.standard
    inner join {{ ref('int_commune_year') }} as u
        on l.year = u.year and l.unit_id = u.unit_id and u.geography = 'as_reported'
    inner join areas as a on list_contains(a.parts, u.area_type)
    group by n.year, n.geography, c.province_code, a.area_type, n.standard
),

numerators as (
    select
        p.year,
        p.geography,
        c.province_code,
        a.area_type,
        p.standard,
        {% for count in counts %}
            sum(p.{{ count }}) as {{ count }},
        {% endfor %}
        coalesce(sum(p.poor_households_area_changed), 0) as poor_households_area_changed,
        coalesce(sum(p.poor_households) filter (where c.is_counted), 0)
            as poor_households_with_denominator,
        coalesce(sum(p.near_poor_households) filter (where c.is_counted), 0)
            as near_poor_households_with_denominator
    from {{ ref('int_poverty_commune_year') }} as p
    inner join commune as c
        on
            p.year = c.year and p.geography = c.geography and p.unit_id = c.unit_id
            and p.standard = c.standard
    inner join areas as a on list_contains(a.parts, p.area_type)
    group by p.year, p.geography, c.province_code, a.area_type, p.standard
),

-- the units of the year before, on the map of this one
followed as (
    select
        b.year,
        b.province_code,
        t.province_code as province_today,
        b.province_code = a.province_code as is_in_its_province,
        b.area_type = a.area_type as has_its_area
    from {{ ref('int_map_year') }} as b
    inner join {{ ref('int_commune_year') }} as a
        on b.unit_id = a.unit_id and b.year = a.year + 1 and a.geography = 'as_reported'
    inner join {{ ref('int_map_year') }} as t
        on b.year = t.year and b.unit_id = t.unit_id and t.geography = 'current'
    where b.geography = 'as_reported'
),

-- the territory of a province stays the same where every unit of the year before lies in it alone
territory as (
    select
        year,
        province_code,
        bool_and(is_in_its_province) as is_unchanged
    from followed
    group by year, province_code
),

-- urban and rural ground of today's province stays the same where no unit changed its area
ground as (
    select
        year,
        province_today as province_code,
        bool_and(has_its_area) as is_unchanged
    from followed
    group by year, province_today
),

joined as (
    select
        c.year,
        c.geography,
        c.province_code,
        c.area_type,
        r.standard,
        r.is_headline,
        r.is_final,
        c.communes_missing,
        c.missing_commune_codes,
        d.households,
        d.persons,
        d.households_source,
        -- none where lists came and held none; unknown where no list came
        {% for count in counts + with_denominator + ['poor_households_area_changed'] %}
            coalesce(n.{{ count }}, if(a.has_list, 0, null)) as {{ count }},
        {% endfor %}
        a.announced_poor_households,
        if(
            c.geography = 'current',
            c.area_type = 'all' or coalesce(g.is_unchanged, false),
            coalesce(t.is_unchanged, false)
        ) as is_same_territory
    from communes as c
    inner join {{ ref('int_review_year') }} as r on c.year = r.year and c.standard = r.standard
    left join numerators as n
        on
            c.year = n.year and c.geography = n.geography and c.province_code = n.province_code
            and c.area_type = n.area_type and r.standard = n.standard
    left join denominators as d
        on
            c.year = d.year and c.geography = d.geography and c.province_code = d.province_code
            and c.area_type = d.area_type and c.standard = d.standard
    left join announced as a
        on
            c.year = a.year and c.geography = a.geography and c.province_code = a.province_code
            and c.area_type = a.area_type and r.standard = a.standard
    left join territory as t on c.year = t.year and c.province_code = t.province_code
    left join ground as g on c.year = g.year and c.province_code = g.province_code
    where n.poor_households is not null or d.households is not null
),

rated as (
    select
        *,
        {{ rate('poor_households_with_denominator', 'households') }} as poor_rate,
        {{ rate('near_poor_households_with_denominator', 'households') }} as near_poor_rate,
        {{ rate(
            'poor_households_with_denominator + near_poor_households_with_denominator', 'households'
        ) }} as multidimensional_poor_rate
    from joined
)

select
    j.year,
    j.geography,
    j.province_code,
    j.area_type,
    j.standard,
    cast(j.households as double) as households,
    cast(j.persons as double) as persons,
    {% for count in counts + with_denominator + [
        'poor_households_area_changed', 'announced_poor_households', 'communes_missing'
    ] %}
        cast(j.{{ count }} as double) as {{ count }},
    {% endfor %}
    j.missing_commune_codes,
    j.poor_rate,
    j.near_poor_rate,
    j.multidimensional_poor_rate,
    if(j.is_same_territory, j.poor_rate - before.poor_rate, null) as change_from_previous_year,
    j.households_source,
    j.is_headline,
    j.is_final
from rated as j
left join rated as before
    on
        j.year = before.year + 1 and j.geography = before.geography and j.province_code = before.province_code
        and j.area_type = before.area_type and j.standard = before.standard
