select
    md5(concat_ws(':', year, file_hash, source_sheet, source_row)) as member_key,
    cast(year as integer) as year,
    standard,
    unit_id,
    record_date,
    village,
    household_code,
    citizen_id_pseudonym as citizen_key,
    insurance_number_pseudonym as insurance_key,
    sex,
    ethnicity,
    flags,
    file_hash,
    cast(member_order as integer) as member_order,
    coalesce(
        year(birth_date),
        if(sex = 'female', birth_year_female, birth_year_male),
        birth_year_male,
        birth_year_female
    ) as birth_year
from {{ source('accepted', 'survey_member') }}
