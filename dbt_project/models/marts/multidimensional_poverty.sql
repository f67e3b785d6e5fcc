{% set over = ['year', 'geography', 'standard'] -%}
{% set indicators = measure_indicators() -%}
-- cells on both maps: a household of a divided commune counts on each part by the part's share
with mapped as (
    select
        c.year,
        m.geography,
        c.standard,
        c.unit,
        m.province_code,
        c.former_province_code,
        t.district_code,
        m.commune_code,
        c.area_type,
        c.ethnicity,
        c.head_sex,
        c.household_size_group,
        c.level,
        cast(c.observations as decimal(28, 6)) * cast(m.weight as decimal(9, 6)) as observations,
        {% for indicator in indicators %}
            cast(c.deprived_{{ loop.index }} as decimal(28, 6)) * cast(m.weight as decimal(9, 6))
                as deprived_{{ loop.index }},
        {% endfor %}
        cast(c.population as decimal(28, 6)) * cast(m.weight as decimal(9, 6)) as population
    from {{ ref('int_measure_cell') }} as c
    inner join {{ ref('int_map_year') }} as m on c.year = m.year and c.unit_id = m.unit_id
    inner join {{ ref('stg_unit') }} as t on m.target_unit_id = t.unit_id
),

{{ estimates_of('mapped', over) }},

result as (
    {{ measure_result('estimate', 'fact', over) }}
)

-- lists and samples stand one below the other, never in one row: `method` says which
select
    year,
    geography,
    standard,
    k,
    unit,
    group_type,
    group_value,
    measure,
    coalesce(indicator, 'all') as indicator,
    estimate,
    standard_error,
    ci_low,
    ci_high,
    method,
    interval_method,
    observations,
    population,
    not_judged_share,
    flags
from (
    select
        *,
        cast(null as varchar) as flags
    from result
    union all by name
    select * from {{ ref('int_sample_measure') }}
)
