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
    observations,
    population,
    not_judged_share
from {{ ref('int_monetary_measure') }}
