{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}
{# a household belongs to every group that holds for it, and to its ethnic group where that is known #}
{% set groups = [
    ('ethnicity', 'ethnicity', 'ethnicity is not null'),
    ('no_labour_capacity', "'true'", 'no_labour_capacity'),
    ('merit', "'true'", 'has_merit_member'),
    ('female_head', "'true'", "head_sex = 'female'"),
    ('other', "'true'", 'not is_ethnic_minority and not no_labour_capacity and not has_merit_member'),
] -%}
with household as (
    select *
    from {{ ref('int_household_year') }}
    where {{ in_window() }} and poverty_class in ('poor', 'near_poor')
),

member as (
    {% for group_type, group_value, belongs in groups %}
        select
            year,
            standard,
            unit_id,
            poverty_class,
            household_size,
            '{{ group_type }}' as group_type,
            {{ group_value }} as group_value
        from household
        where {{ belongs }}
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    year,
    standard,
    unit_id,
    group_type,
    group_value,
    count(*) filter (where poverty_class = 'poor') as poor_households,
    count(*) filter (where poverty_class = 'near_poor') as near_poor_households,
    coalesce(sum(household_size) filter (where poverty_class = 'poor'), 0) as poor_persons,
    coalesce(sum(household_size) filter (where poverty_class = 'near_poor'), 0) as near_poor_persons
from member
group by year, standard, unit_id, group_type, group_value
