{%- set counts = [
    'listed_households', 'poor_households', 'near_poor_households', 'not_poor_households',
    'not_classifiable_households', 'without_score_households', 'without_deprivations_households'
] -%}
with carried as (
    select
        r.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        r.applied_standard,
        r.reviewed_standard,
    {% for count in counts %}
        {{ carried('r.' ~ count, 'm.weight') }} as {{ count }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_reclassified_unit_year') }} as r
    inner join {{ ref('int_review_year') }} as v
        on r.year = v.year and r.reviewed_standard = v.standard and v.is_headline
    inner join {{ ref('int_map_year') }} as m on r.year = m.year and r.unit_id = m.unit_id
    group by
        r.year, m.geography, m.commune_code, m.commune_name, r.applied_standard, r.reviewed_standard
)

select
    year,
    geography,
    commune_code,
    commune_name,
    applied_standard,
    reviewed_standard,
{% for count in counts %}
    cast({{ count }} as double) as {{ count }}{{ "," if not loop.last }}
{% endfor %}
from carried
