{% set counts = [
    'approved', 'started', 'finished', 'accepted', 'withdrawn', 'approved_amount', 'disbursed_amount'
] -%}
with cases as (
    select
        c.year,
        m.geography,
        m.target_unit_id as unit_id,
        m.commune_code,
        m.commune_name,
        c.work_type,
    {% for count in counts %}
        {{ carried('c.' ~ count, 'm.weight') }} as {{ count }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_housing_unit_year') }} as c
    inner join {{ ref('int_map_year') }} as m on c.year = m.year and c.unit_id = m.unit_id
    group by c.year, m.geography, m.target_unit_id, m.commune_code, m.commune_name, c.work_type
),

need as (
    select
        n.year,
        m.geography,
        m.target_unit_id as unit_id,
        m.commune_code,
        m.commune_name,
        {{ carried('n.eligible', 'm.weight') }} as eligible,
        {{ carried('n.poor_households_in_bad_housing', 'm.weight') }} as poor_households_in_bad_housing,
        {{ carried('n.unmet_need', 'm.weight') }} as unmet_need
    from {{ ref('int_housing_need_unit_year') }} as n
    inner join {{ ref('int_map_year') }} as m on n.year = m.year and n.unit_id = m.unit_id
    group by n.year, m.geography, m.target_unit_id, m.commune_code, m.commune_name
),

-- no drop for a year, no rows
places as (
    select distinct
        year,
        geography,
        unit_id,
        commune_code,
        commune_name
    from cases
    union
    select
        n.year,
        n.geography,
        n.unit_id,
        n.commune_code,
        n.commune_name
    from need as n
    where n.year in (select c.year from cases as c)
)

select
    p.year,
    p.geography,
    p.commune_code,
    p.commune_name,
    w.work_type,
    -- without a list in force the need is unknown; on the list, a commune without such households has none
    cast(if(f.year is null, null, coalesce(n.eligible, 0)) as double) as eligible,
    {% for count in counts %}
        cast(coalesce(c.{{ count }}, 0) as double) as {{ count }},
    {% endfor %}
    {{ rate('c.disbursed_amount', 'c.approved_amount') }} as disbursement_rate,
    cast(
        if(f.year is null, null, coalesce(n.poor_households_in_bad_housing, 0)) as double
    ) as poor_households_in_bad_housing,
    cast(if(f.year is null, null, coalesce(n.unmet_need, 0)) as double) as unmet_need
from places as p
cross join (select unnest(['new_build', 'repair']) as work_type) as w
left join cases as c
    on
        p.year = c.year and p.geography = c.geography and p.unit_id = c.unit_id
        and w.work_type = c.work_type
left join need as n on p.year = n.year and p.geography = n.geography and p.unit_id = n.unit_id
left join {{ ref('int_list_in_force') }} as f on p.year = f.year
