select
    md5(concat_ws(':', year, file_hash, source_sheet, source_row)) as household_key,
    cast(year as integer) as year,
    standard,
    unit_id,
    record_date,
    village,
    household_code,
    head_citizen_id_pseudonym as head_citizen_key,
    head_sex,
    cast(head_birth_year as integer) as head_birth_year,
    ethnicity,
    cast(household_size as integer) as household_size,
    b1_points,
    b2_points,
    income_per_capita,
    declared_class,
    class_begin,
    change_type,
    -- a blank mark is no mark: the forms are ticked with an x
    {% for cause in causes() %}
        coalesce(cause_{{ cause }}, false) as cause_{{ cause }},
    {% endfor %}
    -- null where the file has no such column, which is no blank
    {% for indicator in deprivation_indicators() %}
        dep_{{ indicator }},
    {% endfor %}
    -- whether the file had any column of marks
    coalesce(
        {% for indicator in deprivation_indicators() %}
            dep_{{ indicator }}{{ "," if not loop.last }}
        {% endfor %}
    ) is not null as has_marks,
    wall_material,
    frame_material,
    roof_material,
    floor_area,
    water_supply,
    latrine_type,
    has_internet_user,
    has_shared_means,
    has_personal_means,
    -- likewise null where the file has no such column
    no_labour_capacity,
    has_merit_member,
    is_sampled,
    weight as sample_weight,
    stratum,
    psu,
    flags,
    file_hash
from {{ source('accepted', 'survey_household') }}
