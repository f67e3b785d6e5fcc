select
    cast(year as integer) as year,
    visit_id_pseudonym as visit_key,
    citizen_id_pseudonym as citizen_key,
    card_insurance_number_pseudonym as insurance_key,
    unit_id,
    record_date,
    total_cost,
    insurer_paid,
    copayment,
    own_pay,
    -- what the patient paid: own pay and co-payment, null only where neither was sent
    case
        when own_pay is not null or copayment is not null
            then coalesce(own_pay, 0) + coalesce(copayment, 0)
    end as out_of_pocket,
    flags,
    file_hash
from {{ source('accepted', 'health_visit') }}
