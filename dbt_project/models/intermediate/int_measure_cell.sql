{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}
{% set keys = [
    'year', 'standard', 'unit_id', 'area_type', 'former_province_code', 'ethnicity', 'head_sex',
    'household_size_group'
] -%}
{% set units = [
    {'name': 'household', 'weight': '1'}, {'name': 'person', 'weight': 'household_size'}
] -%}
-- the weights of a standard in one row; an indicator that it does not have weighs nothing
with weight as (
    select
        {% for indicator in deprivation_indicators() %}
            coalesce(sum(weight) filter (where indicator = '{{ indicator }}'), 0) as weight_{{ indicator }},
        {% endfor %}
        standard
    from {{ ref('int_measure_weight') }}
    group by standard
),

household as (
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
        {% for indicator in deprivation_indicators() %}
            if(h.dep_{{ indicator }}, w.weight_{{ indicator }}, 0) {{ "+" if not loop.last }}
        {% endfor %}
            as score,
        -- a form without a single mark says "not deprived" only where its score says so too
        h.b2_points = 0
        {% for indicator in deprivation_indicators() %}
            or h.dep_{{ indicator }}
        {% endfor %}
            as is_judged
    from {{ ref('int_household_year') }} as h
    inner join {{ ref('int_former_province') }} as f on h.unit_id = f.unit_id
    inner join weight as w on h.standard = w.standard
    where {{ in_window('h.year') }}
),

-- sums of twelfths are not exact: a score counts as reaching the cut-off that it equals but for rounding
levelled as (
    select
        h.*,
        if(
            coalesce(h.is_judged, false),
            (
                select count(*)
                from {{ ref('int_measure_cutoff') }} as c
                where c.standard = h.standard and c.k <= h.score + 0.000000001
            ),
            -1
        ) as level
    from household as h
),

cell as (
    {{ measure_cells('levelled', keys, measure_indicators(), units) }}
)

select * from cell
