select
    cast(year as integer) as year,
    unit_id,
    month,
    households_total as households,
    households_hygienic_latrine as hygienic_latrine_households,
    households_clean_water as clean_water_households,
    children_u5_measured,
    children_u5_stunted,
    visits_total,
    visits_insured,
    flags,
    file_hash
from {{ source('accepted', 'health_station') }}
