{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}
{% set keys = [
    'year', 'standard', 'unit_id', 'area_type', 'former_province_code', 'ethnicity', 'head_sex',
    'household_size_group'
] -%}
{% set units = [
    {'name': 'household', 'weight': '1'}, {'name': 'person', 'weight': 'household_size'}
] -%}
with household as (
    select
        h.year,
        h.standard,
        h.unit_id,
        h.area_type,
        f.former_province_code,
        h.ethnicity,
        h.head_sex,
        {{ household_size_group('h.household_size') }} as household_size_group,
        h.household_size,
        {% for indicator in deprivation_indicators() %}
            h.dep_{{ indicator }},
        {% endfor %}
        h.indicators_not_judged
    from {{ ref('int_household_year') }} as h
    inner join {{ ref('int_former_province') }} as f on h.unit_id = f.unit_id
    where {{ in_window('h.year') }}
),

levelled as (
    {{ household_levels('household', ref('int_measure_weight'), ref('int_measure_cutoff')) }}
),

cell as (
    {{ measure_cells('levelled', keys, measure_indicators(), units) }}
)

select * from cell
