select
    unit_id,
    commune_code,
    commune_name,
    commune_type,
    area_type,
    -- districts ended on 30 June 2025
    if(valid_from > date '2025-06-30', null, district_code) as district_code,
    if(valid_from > date '2025-06-30', null, district_name) as district_name,
    province_code,
    province_name,
    valid_from,
    valid_to,
    is_current,
    latitude,
    longitude,
    area_km2
from {{ ref('int_unit') }}
