{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}
{% set over = ['year', 'geography', 'standard'] -%}
{% set units = [
    {'name': 'household', 'weight': 'share'}, {'name': 'person', 'weight': 'share * coalesce(household_size, 0)'}
] -%}
{% set place = 'year, geography, standard, group_type, group_value' -%}
-- households of the list on both maps; one of a divided commune counts on each part by the part's share
with household as (
    select
        h.year,
        m.geography,
        h.standard,
        m.province_code,
        f.former_province_code,
        t.district_code,
        m.commune_code,
        h.area_type,
        h.ethnicity,
        h.head_sex,
        {{ household_size_group('h.household_size') }} as household_size_group,
        h.household_size,
        cast(m.weight as double) as share,
        if(h.income_per_capita >= 0, cast(h.income_per_capita as double), null) as income,
        cast(if(h.area_type = 'urban', s.urban_line, s.rural_line) as double) as line
    from {{ ref('int_household_year') }} as h
    inner join {{ ref('standards') }} as s on h.standard = s.standard
    inner join {{ ref('int_former_province') }} as f on h.unit_id = f.unit_id
    inner join {{ ref('int_map_year') }} as m on h.year = m.year and h.unit_id = m.unit_id
    inner join {{ ref('stg_unit') }} as t on m.target_unit_id = t.unit_id
    where {{ in_window('h.year') }}
),

every_row as (
    {{ measure_monetary_rows('household', over, measure_groups(), [], units) }}
),

usable as (
    select *
    from every_row
    where {{ usable_income() }}
),

ratio as (
    {{ measure_monetary_ratios('usable', over, [], poor_at_line=true, exact=true) }}
),

estimate as (
    {{ measure_estimates('ratio', over) }}
),

counted as (
    select
        {{ place }},
        unit,
        coalesce({{ measure_sum('weight', true, 'filter (where ' ~ usable_income() ~ ')') }}, 0)
            as population,
        {{ measure_sum('weight', true) }} as listed
    from every_row
    group by {{ place }}, unit
),

fact as (
    select
        {{ place }},
        unit,
        population,
        (listed - population) / nullif(listed, 0) as not_judged_share,
        max(if(unit = 'household', population, null)) over (partition by {{ place }}) as observations
    from counted
),

result as (
    {{ measure_result('estimate', 'fact', over) }}
)

select
    year,
    geography,
    standard,
    unit,
    group_type,
    group_value,
    replace(measure, 'monetary_', '') as measure,
    estimate,
    standard_error,
    ci_low,
    ci_high,
    method,
    observations,
    population,
    -- sums in two orders: rounding alone is 0
    if(abs(not_judged_share) <= 1e-12, 0, not_judged_share) as not_judged_share
from result
where estimate is not null
