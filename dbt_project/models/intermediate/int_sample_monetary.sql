{% set over = ['year', 'geography', 'standard'] -%}
{% set design = ['stratum', 'psu'] -%}
{% set within = ['year', 'standard'] -%}
{% set key = ['unit', 'group_type', 'group_value', 'measure', 'indicator', 'position'] -%}
with household as (
    {{ sample_on_maps(ref('int_sample_household')) }}
),

every_row as (
    {{ measure_monetary_rows('household', over + ['share'], measure_groups(), design, sample_units()) }}
),

usable as (
    select *
    from every_row
    where {{ usable_income() }}
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
    {{ measure_monetary_facts('every_row', over, usable_income(), 'sum(share)') }}
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
