{% set over = ['year', 'geography', 'standard'] -%}
{% set design = ['stratum', 'psu'] -%}
{% set within = ['year', 'standard'] -%}
{% set groups = measure_groups() -%}
{% set indicators = measure_indicators() -%}
{% set key = ['unit', 'group_type', 'group_value', 'measure', 'indicator', 'position'] -%}
{% set shares = "('population_share', 'group_contribution')" -%}
with household as (
    {{ household_levels(ref('int_sample_household'), ref('int_measure_weight'), ref('int_measure_cutoff')) }}
),

mapped as (
    {{ sample_on_maps('household') }}
),

cell as (
    {{ measure_cells(
        'mapped', over + design + (groups | map(attribute='column') | list), indicators, sample_units(),
        'sum(share)'
    ) }}
),

{{ estimates_of('cell', over) }},

-- the same sums by PSU
psu_group as (
    {{ measure_grouped('cell', over + design, groups, indicators) }}
),

psu_by_cutoff as (
    {{ measure_by_cutoff(
        'psu_group', ref('int_measure_cutoff'), over, design, indicators, match=['standard']
    ) }}
),

psu_by_indicator as (
    {{ measure_by_indicator(
        'psu_by_cutoff', ref('int_measure_weight'), over + design, indicators, match=['standard']
    ) }}
),

psu_ratio as (
    {{ measure_ratios('psu_by_indicator', over + design, every_k=true) }}
),

-- shares of groups in all stand apart: there a PSU without a member counts too
psu_part as (
    select *
    from psu_ratio
    where measure not in {{ shares }}
),

influence as (
    {{ measure_influence('psu_part', 'estimate', over) }}
),

of_parts as (
    {{ measure_variance('influence', ref('int_sample_design'), over + key, within) }}
),

psu_sum as (
    select
        {{ (over + design) | join(', ') }},
        unit,
        group_type,
        group_value,
        position,
        x as population,
        y as adjusted
    from psu_ratio
    where measure = 'M0'
),

psu_of_groups as (
    select *
    from psu_sum
    where group_type <> 'all'
),

psu_of_all as (
    select *
    from psu_sum
    where group_type = 'all'
),

of_shares as (
    {{ measure_share_variance(
        'psu_of_groups', 'psu_of_all', 'estimate', ref('int_sample_design'), over, within
    ) }}
),

variance as (
    select * from of_parts
    union all by name
    select * from of_shares
),

{{ result_of_sample(over) }}

select
    r.year,
    r.geography,
    r.standard,
    r.k,
    r.unit,
    r.group_type,
    r.group_value,
    r.measure,
    r.indicator,
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
