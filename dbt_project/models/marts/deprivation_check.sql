{%- set counts = [
    'households', 'judged_households', 'derived_households', 'marked_households', 'compared_households',
    'marked_not_derived_households', 'derived_not_marked_households'
] -%}
with carried as (
    select
        d.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        d.standard,
        d.indicator,
    {% for count in counts %}
        {{ carried('d.' ~ count, 'm.weight') }} as {{ count }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_deprivation_check_unit_year') }} as d
    inner join {{ ref('int_map_year') }} as m on d.year = m.year and d.unit_id = m.unit_id
    group by d.year, m.geography, m.commune_code, m.commune_name, d.standard, d.indicator
)

select
    year,
    geography,
    commune_code,
    commune_name,
    standard,
    indicator,
    {% for count in counts %}
        cast({{ count }} as double) as {{ count }},
    {% endfor %}
    cast(households - judged_households as double) as not_judged_households,
    {{ rate('households - judged_households', 'households') }} as not_judged_share,
    cast(marked_not_derived_households + derived_not_marked_households as double) as differing_households,
    {{ rate(
        'marked_not_derived_households + derived_not_marked_households', 'compared_households'
    ) }} as differing_share
from carried
