{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

with counts as (
    select
        year,
        standard,
        unit_id,
        count(*) as poor_households_total,
    {% for cause in causes() %}
        count(*) filter (where cause_{{ cause }}) as {{ cause }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_household_year') }}
    where {{ in_window() }} and poverty_class = 'poor'
    group by year, standard, unit_id
)

unpivot counts
on {{ causes() | join(', ') }}
into name cause value poor_households
