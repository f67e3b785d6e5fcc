{% set over = ['year', 'geography', 'standard'] -%}
{% set design = ['stratum', 'psu'] -%}
{% set within = ['year', 'standard'] -%}
{% set key = ['unit', 'group_type', 'group_value', 'measure', 'indicator', 'position'] -%}
{% set units = [
    {'name': 'household', 'weight': 'weight'}, {'name': 'person', 'weight': 'weight * household_size'}
] -%}
-- on both maps: a household of a divided commune counts on each part by the part's share, within its PSU
with household as (
    select
        h.year,
        m.geography,
        h.standard,
        h.stratum,
        h.psu,
        m.province_code,
        h.former_province_code,
        t.district_code,
        m.commune_code,
        h.area_type,
        h.ethnicity,
        h.head_sex,
        h.household_size_group,
        h.household_size,
        h.sample_weight * cast(m.weight as double) as weight,
        cast(m.weight as double) as share,
        h.income,
        h.line
    from {{ ref('int_sample_household') }} as h
    inner join {{ ref('int_map_year') }} as m on h.year = m.year and h.unit_id = m.unit_id
    inner join {{ ref('stg_unit') }} as t on m.target_unit_id = t.unit_id
    where h.not_measured_reason is null
),

every_row as (
    {{ measure_monetary_rows('household', over + ['share'], measure_groups(), design, units) }}
),

usable as (
    select *
    from every_row
    where income is not null and line > 0
),

ratio as (
    {{ measure_monetary_ratios('usable', over, design, poor_at_line=true) }}
),

estimate as (
    {{ measure_estimates('ratio', over) }}
),

influence as (
    {{ measure_influence('ratio', 'estimate', over) }}
),

variance as (
    {{ measure_variance('influence', ref('int_sample_design'), over + key, within) }}
),

fact as (
    select
        {{ over | join(', ') }},
        unit,
        group_type,
        group_value,
        coalesce(sum(share) filter (where income is not null and line > 0), 0) as observations,
        coalesce(sum(weight) filter (where income is not null and line > 0), 0) as population,
        coalesce(sum(weight) filter (where not coalesce(income is not null and line > 0, false)), 0)
        / nullif(sum(weight), 0) as not_judged_share
    from every_row
    group by {{ over | join(', ') }}, unit, group_type, group_value
),

{{ result_of_sample(over) }}

select
    r.year,
    r.geography,
    r.standard,
    r.unit,
    r.group_type,
    r.group_value,
    replace(r.measure, 'monetary_', '') as measure,
    r.estimate,
    r.standard_error,
    r.ci_low,
    r.ci_high,
    r.method,
    r.interval_method,
    r.observations,
    r.population,
    r.not_judged_share,
    s.flags
from result as r
inner join sample as s on r.year = s.year and r.standard = s.standard
where r.estimate is not null
