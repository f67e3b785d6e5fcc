select
    standard,
    indicator,
    position,
    dimension,
    weight,
    name_vi,
    threshold,
    provenance
from {{ ref('indicators') }}
