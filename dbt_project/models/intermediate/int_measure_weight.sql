-- the seed's weights are decimals of twelve digits; what matters is their proportion
select
    standard,
    indicator,
    dimension,
    weight / sum(weight) over (partition by standard) as weight
from {{ ref('indicators') }}
