with counts as (
    select
        c.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        c.standard,
        c.cause,
        {{ carried('c.poor_households', 'm.weight') }} as poor_households,
        {{ carried('c.poor_households_total', 'm.weight') }} as poor_households_total
    from {{ ref('int_cause_unit_year') }} as c
    inner join {{ ref('int_map_year') }} as m on c.year = m.year and c.unit_id = m.unit_id
    group by c.year, m.geography, m.commune_code, m.commune_name, c.standard, c.cause
),

-- a commune without a single mark has left the section blank: its causes are unknown, not none
marked as (
    select
        *,
        sum(poor_households) over (partition by year, geography, commune_code, standard) > 0 as has_marks
    from counts
)

select
    year,
    geography,
    commune_code,
    commune_name,
    standard,
    cause,
    cast(if(has_marks, poor_households, null) as double) as poor_households,
    cast(poor_households_total as double) as poor_households_total,
    {{ rate('if(has_marks, poor_households, null)', 'poor_households_total') }} as share
from marked
