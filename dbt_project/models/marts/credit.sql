with loans as (
    select
        c.month,
        m.geography,
        m.commune_code,
        m.commune_name,
        c.programme,
        {% for amount in [
            'clients', 'households', 'disbursed', 'collected', 'outstanding', 'overdue', 'frozen',
            'poor_households_reached'
        ] %}
        {{ carried('c.' ~ amount, 'm.weight') }} as {{ amount }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_credit_unit_month') }} as c
    -- credit alone stands, as reported, on the map of the month's end
    inner join {{ ref('int_map') }} as m
        on c.unit_id = m.unit_id and last_day(c.month) between m.era_from and m.era_until
    group by c.month, m.geography, m.commune_code, m.commune_name, c.programme
),

months as (
    select distinct month
    from {{ ref('int_credit_unit_month') }}
),

poor as (
    select
        k.month,
        m.geography,
        m.commune_code,
        {{ carried('l.poor_households', 'm.weight') }} as poor_households
    from months as k
    inner join {{ ref('int_listed_unit_year') }} as l on year(k.month) = l.year
    inner join {{ ref('int_map') }} as m
        on l.unit_id = m.unit_id and last_day(k.month) between m.era_from and m.era_until
    group by k.month, m.geography, m.commune_code
)

select
    l.month,
    l.geography,
    l.commune_code,
    l.commune_name,
    l.programme,
    cast(l.clients as double) as clients,
    cast(l.households as double) as households,
    cast(l.disbursed as double) as disbursed,
    cast(l.collected as double) as collected,
    cast(l.outstanding as double) as outstanding,
    cast(l.overdue as double) as overdue,
    cast(l.frozen as double) as frozen,
    {{ rate('l.overdue', 'l.outstanding') }} as overdue_rate,
    cast(l.poor_households_reached as double) as poor_households_reached,
    cast(p.poor_households as double) as poor_households,
    {{ rate('l.poor_households_reached', 'p.poor_households') }} as poor_coverage
from loans as l
left join poor as p
    on l.month = p.month and l.geography = p.geography and l.commune_code = p.commune_code
