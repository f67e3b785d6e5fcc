{% set counts = [
    'households', 'hygienic_latrine_households', 'clean_water_households', 'children_u5_measured',
    'children_u5_stunted'
] -%}
with counts as (
    select
        s.year,
        m.geography,
        m.commune_code,
        m.commune_name,
    {% for count in counts %}
        {{ carried('s.' ~ count, 'm.weight') }} as {{ count }},
        -- a station that left it out would lower the numerator or the denominator of the others: no rate
        if(count(s.whole_{{ count }}) = count(*), {{ carried('s.whole_' ~ count, 'm.weight') }}, null)
            as whole_{{ count }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_station_unit_year') }} as s
    inner join {{ ref('int_map_year') }} as m on s.year = m.year and s.unit_id = m.unit_id
    group by s.year, m.geography, m.commune_code, m.commune_name
)

select
    year,
    geography,
    commune_code,
    commune_name,
    cast(households as double) as households,
    cast(hygienic_latrine_households as double) as hygienic_latrine_households,
    cast(clean_water_households as double) as clean_water_households,
    {{ rate('whole_hygienic_latrine_households', 'whole_households') }} as hygienic_latrine_rate,
    {{ rate('whole_clean_water_households', 'whole_households') }} as clean_water_rate,
    cast(children_u5_measured as double) as children_u5_measured,
    cast(children_u5_stunted as double) as children_u5_stunted,
    {{ rate('whole_children_u5_stunted', 'whole_children_u5_measured') }} as stunted_rate
from counts
