{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- whoever was drawn in one year and under one standard is one sample; a stratum or PSU that no row has is
-- none, and one that only some rows have is lacking in the others
with drawn as (
    select
        *,
        bool_or(stratum is not null) over (partition by year, standard) as has_strata,
        bool_or(psu is not null) over (partition by year, standard) as has_psus
    from {{ ref('int_household') }}
    where {{ in_window() }} and is_sampled
)

select
    d.household_key,
    d.year,
    d.standard,
    d.unit_id,
    d.area_type,
    f.former_province_code,
    d.ethnicity,
    d.head_sex,
    {{ household_size_group('d.household_size') }} as household_size_group,
    coalesce(d.household_size, 0) as household_size,
    if(d.income_per_capita >= 0, cast(d.income_per_capita as double), null) as income,
    cast(if(d.area_type = 'urban', s.urban_line, s.rural_line) as double) as line,
    {% for indicator in deprivation_indicators() %}
        d.dep_{{ indicator }},
    {% endfor %}
    d.indicators_not_judged,
    cast(d.sample_weight as double) as sample_weight,
    if(d.has_strata, d.stratum, 'all') as stratum,
    -- without PSUs the households were drawn one by one
    if(d.has_psus, d.psu, d.household_key) as psu,
    case
        when not coalesce(d.sample_weight > 0 and isfinite(cast(d.sample_weight as double)), false)
            then 'sample_weight_unusable'
        when d.has_strata and d.stratum is null or d.has_psus and d.psu is null then 'sample_design_lacking'
    end as not_measured_reason,
    d.file_hash
from drawn as d
left join {{ ref('int_former_province') }} as f on d.unit_id = f.unit_id
left join {{ ref('standards') }} as s on d.standard = s.standard
