select
    unit_id,
    commune_code,
    commune_name,
    commune_type,
    area_type,
    district_code,
    district_name,
    province_code,
    province_name,
    valid_from,
    valid_to,
    coalesce(valid_to, date '9999-12-31') as valid_until,
    is_current,
    latitude,
    longitude,
    area_km2
from {{ source('reference', 'units') }}
