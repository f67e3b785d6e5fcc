-- lists and samples stand one below the other, never in one row: `method` says which
select
    year,
    geography,
    standard,
    unit,
    group_type,
    group_value,
    measure,
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
        cast(null as varchar) as interval_method,
        cast(null as varchar) as flags
    from {{ ref('int_monetary_measure') }}
    union all by name
    select * from {{ ref('int_sample_monetary') }}
)
