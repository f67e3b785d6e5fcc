{#
  Errors of the multidimensional measures: sums by PSU side by side, a row a PSU, group and cut-off, and a
  column a measure. A row a measure as well (some seventy of them) would be beyond memory for a large sample.
#}

{#
  Sums by PSU with what the measures are made of. by_cutoff: measure_by_cutoff with stratum and psu.
  indicators: [{name, dimension, weight}], weight as SQL.
#}
{% macro measure_psu_sums(by_cutoff, indicators) -%}
select
    *,
    {% for dimension in fromjson(measure_dimensions(indicators)) -%}
        {% set outer = loop.index -%}
        {% for number in dimension.indicators %}part_{{ number }}{{ " + " if not loop.last }}{% endfor %} as dimension_{{ outer }},
    {% endfor -%}
    {% for indicator in indicators %}part_{{ loop.index }}{{ " + " if not loop.last }}{% endfor %} as adjusted
from (
    select
        *
        {% for indicator in indicators -%}
            , {{ indicator.weight }} * censored_{{ loop.index }} as part_{{ loop.index }}
        {% endfor %}
    from {{ by_cutoff }}
)
{%- endmacro %}

{# The dimensions in their order, with the numbers of their indicators, as JSON. #}
{% macro measure_dimensions(indicators) -%}
{% set names, found = [], [] -%}
{% for indicator in indicators if indicator.dimension not in names %}{% do names.append(indicator.dimension) %}{% endfor -%}
{% for name in names -%}
    {% set numbers = [] -%}
    {% for indicator in indicators -%}
        {% if indicator.dimension == name %}{% do numbers.append(loop.index) %}{% endif -%}
    {% endfor -%}
    {% do found.append({'name': name, 'indicators': numbers}) -%}
{% endfor -%}
{{ found | tojson }}
{%- endmacro %}

{# The measures as columns of measure_psu_sums, as JSON: measure, indicator, y, x. Shares of groups stand apart. #}
{% macro measure_columns(indicators, by_k) -%}
{% set found = [] -%}
{% for m in fromjson(measure_definitions()) if m.by_k == by_k -%}
    {% if m.source == 'score' -%}
        {% do found.append({'measure': m.measure, 'indicator': none, 'y': m.y, 'x': m.x}) -%}
    {% elif m.source == 'indicator' -%}
        {% for i in indicators -%}
            {% do found.append({'measure': m.measure, 'indicator': i.name, 'y': m.y ~ '_' ~ loop.index, 'x': m.x}) -%}
        {% endfor -%}
    {% elif m.source == 'dimension' -%}
        {% for d in fromjson(measure_dimensions(indicators)) -%}
            {% do found.append({'measure': m.measure, 'indicator': d.name, 'y': 'dimension_' ~ loop.index, 'x': m.x}) -%}
        {% endfor -%}
    {% endif -%}
{% endfor -%}
{{ found | tojson }}
{%- endmacro %}

{#
  The estimates r_1 … r_n by group, and the linearised values z_1 … z_n = (y - r x) / X by PSU.
  columns: measure_columns.
#}
{% macro measure_psu_ratios(sums, columns, over) -%}
{% set used = [] -%}
{% for c in columns -%}
    {% for name in (c.y, c.x) if name not in used %}{% do used.append(name) %}{% endfor -%}
{% endfor -%}
{% set group_key = (over + ['unit', 'group_type', 'group_value', 'position']) | join(', ') -%}
select
    {{ group_key }},
    {% for c in columns %}{{ measure_quotient('all_' ~ c.y, 'all_' ~ c.x) }} as r_{{ loop.index }}, {% endfor %}
    {% for name in used %}all_{{ name }}{{ ", " if not loop.last }}{% endfor %}

from (
    select
        {{ group_key }},
        {% for name in used %}cast(sum({{ name }}) as double) as all_{{ name }}{{ ", " if not loop.last }}{% endfor %}

    from {{ sums }}
    group by {{ group_key }}
)
{%- endmacro %}

{% macro measure_psu_influence(sums, ratios, columns, over) -%}
select
    {% for key in over + ['unit', 'group_type', 'group_value', 'position', 'stratum', 'psu'] %}s.{{ key }}, {% endfor %}
    {% for c in columns -%}
        case
            when abs(s.{{ c.y }} - g.r_{{ loop.index }} * s.{{ c.x }})
                <= 1e-12 * (abs(s.{{ c.y }}) + abs(s.{{ c.x }})) then 0
            else (s.{{ c.y }} - g.r_{{ loop.index }} * s.{{ c.x }}) / g.all_{{ c.x }}
        end as z_{{ loop.index }}{{ "," if not loop.last }}
    {% endfor %}
from {{ sums }} as s
inner join {{ ratios }} as g using ({{ (over + ['unit', 'group_type', 'group_value', 'position']) | join(', ') }})
{%- endmacro %}

{# A row an estimate: its variance, from the linearised values side by side. See measure_variance. #}
{% macro measure_psu_variance(influence, design, columns, over, within=[], single_psu='certainty', change=none) -%}
{% set keys = over + ['unit', 'group_type', 'group_value', 'position'] -%}
with by_stratum as (
    select
        {% for key in keys %}i.{{ key }}, {% endfor %}
        d.psus,
        count(*) as present
        {% for c in columns -%}
            , avg(z_{{ loop.index }}) as mean_{{ loop.index }}
            , var_pop(z_{{ loop.index }}) * count(*) as squares_{{ loop.index }}
        {% endfor %}
    from {{ influence }} as i
    inner join {{ design }} as d
        on i.stratum = d.stratum {% for column in within %}and i.{{ column }} = d.{{ column }} {% endfor %}

    group by {% for key in keys %}i.{{ key }}, {% endfor %}i.stratum, d.psus
),

variance as (
    select
        {{ keys | join(', ') }}
        {% for c in columns -%}
            {% set part = measure_stratum_part('squares_' ~ loop.index, 'mean_' ~ loop.index, single_psu) -%}
            , sum({{ part }}) as v_{{ loop.index }}
        {% endfor %}
    from by_stratum
    group by {{ keys | join(', ') }}
)

select
    {{ keys | join(', ') }},
    {{ measure_text(change) ~ " as change," if change }}
    unnest([
        {% for c in columns -%}
            {
                measure: {{ measure_text(c.measure) }},
                indicator: {{ measure_text(c.indicator) if c.indicator else "cast(null as varchar)" }},
                variance: v_{{ loop.index }}
            }{{ "," if not loop.last }}
        {% endfor -%}
    ], recursive := true)
from variance
{%- endmacro %}

{#
  The linearised value of a change between rounds 1 and 2, by PSU of either or both: of r2 - r1, or of
  r2 / r1 - 1 (`relative`). A change a year is a multiple of one of these.
#}
{% macro measure_psu_change(influence, ratios, columns, relative) -%}
{% set keys = ['unit', 'group_type', 'group_value', 'position'] -%}
select
    {% for key in keys %}i.{{ key }}, {% endfor %}
    i.stratum,
    i.psu
    {% for c in columns -%}
        {% set n = loop.index -%}
        {% if relative -%}
            , sum(if(
                b.r_{{ n }} > 0,
                i.z_{{ n }} * if(i.round = 1, -a.r_{{ n }} / (b.r_{{ n }} * b.r_{{ n }}), 1 / b.r_{{ n }}), null
            )) as z_{{ n }}
        {% else -%}
            , sum(if(i.round = 1, -i.z_{{ n }}, i.z_{{ n }})) as z_{{ n }}
        {% endif -%}
    {% endfor %}
from {{ influence }} as i
inner join (select * from {{ ratios }} where round = 1) as b using ({{ keys | join(', ') }})
inner join (select * from {{ ratios }} where round = 2) as a using ({{ keys | join(', ') }})
group by {% for key in keys %}i.{{ key }}, {% endfor %}i.stratum, i.psu
{%- endmacro %}
