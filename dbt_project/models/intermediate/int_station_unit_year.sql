{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- the last month of the year that any station of the unit of 31 December has sent
with station as (
    select
        s.year,
        m.target_unit_id as unit_id,
        s.month,
        {% for count in [
            'households', 'hygienic_latrine_households', 'clean_water_households', 'children_u5_measured',
            'children_u5_stunted'
        ] %}
        {{ carried('s.' ~ count, 'm.weight') }} as {{ count }},
        -- of several stations on one unit: all of them or unknown
        if(count(s.{{ count }}) = count(*), {{ carried('s.' ~ count, 'm.weight') }}, null)
            as whole_{{ count }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('stg_health_station') }} as s
    inner join {{ ref('int_map_year') }} as m
        on s.year = m.year and s.unit_id = m.unit_id and m.geography = 'as_reported'
    where {{ in_window('s.year') }}
    group by s.year, m.target_unit_id, s.month
)

select *
from station
qualify row_number() over (partition by year, unit_id order by month desc) = 1
