select
    cast(year as integer) as year,
    coalesce(insurance_number_pseudonym, citizen_id_pseudonym, card_number_pseudonym) as person_key,
    insurance_number_pseudonym as insurance_key,
    citizen_id_pseudonym as citizen_key,
    unit_id,
    record_date,
    group_code,
    valid_from,
    valid_to,
    flags,
    file_hash
from {{ source('accepted', 'health_card') }}
