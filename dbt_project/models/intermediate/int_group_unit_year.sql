{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}
{# type and value of a group; of whom it is known whether the group holds, and whether it does #}
{% set groups = [
    ('ethnicity', 'ethnicity', 'ethnicity is not null', 'true'),
    ('no_labour_capacity', "'true'", 'is_labour_asked', 'no_labour_capacity'),
    ('merit', "'true'", 'is_merit_asked', 'has_merit_member'),
    ('female_head', "'true'", 'head_sex is not null', "head_sex = 'female'"),
    (
        'other', "'true'", 'is_ethnic_minority is not null and is_labour_asked and is_merit_asked',
        'not is_ethnic_minority and not no_labour_capacity and not has_merit_member'
    ),
] -%}
with household as (
    select
        *,
        -- a count of the villages whose lists have the column would pass for that of the whole unit
        bool_and(no_labour_capacity is not null) over of_unit as is_labour_asked,
        bool_and(has_merit_member is not null) over of_unit as is_merit_asked
    from {{ ref('int_household_year') }}
    where {{ in_window() }} and poverty_class in ('poor', 'near_poor')
    window of_unit as (partition by year, standard, unit_id)
),

member as (
    {% for group_type, group_value, is_known, belongs in groups %}
        select
            year,
            standard,
            unit_id,
            poverty_class,
            household_size,
            '{{ group_type }}' as group_type,
            {{ group_value }} as group_value,
            {{ belongs }} as belongs
        from household
        where {{ is_known }}
        {{ "union all" if not loop.last }}
    {% endfor %}
)

-- a group that was asked for and holds for nobody stands with 0; one that was not asked for has no row
select
    year,
    standard,
    unit_id,
    group_type,
    group_value,
    count(*) filter (where belongs and poverty_class = 'poor') as poor_households,
    count(*) filter (where belongs and poverty_class = 'near_poor') as near_poor_households,
    coalesce(sum(household_size) filter (where belongs and poverty_class = 'poor'), 0) as poor_persons,
    coalesce(sum(household_size) filter (where belongs and poverty_class = 'near_poor'), 0)
        as near_poor_persons
from member
group by year, standard, unit_id, group_type, group_value
