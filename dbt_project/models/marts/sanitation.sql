with counts as (
    select
        s.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        {% for count in [
            'households', 'hygienic_latrine_households', 'clean_water_households', 'children_u5_measured',
            'children_u5_stunted'
        ] %}
        {{ carried('s.' ~ count, 'm.weight') }} as {{ count }}{{ "," if not loop.last }}
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
    {{ rate('hygienic_latrine_households', 'households') }} as hygienic_latrine_rate,
    {{ rate('clean_water_households', 'households') }} as clean_water_rate,
    cast(children_u5_measured as double) as children_u5_measured,
    cast(children_u5_stunted as double) as children_u5_stunted,
    {{ rate('children_u5_stunted', 'children_u5_measured') }} as stunted_rate
from counts
