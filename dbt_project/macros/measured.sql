{# What the marts measure: the marks of the review as indicators, and the cut-offs beside the standard's own. #}
{% macro measure_indicators() -%}
    {% set found = [] -%}
    {% for indicator in deprivation_indicators() -%}
        {% do found.append({'name': indicator, 'column': 'dep_' ~ indicator}) -%}
    {% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro measure_cutoffs() -%}
    {{ return(['1.0 / 3', '1.0 / 2']) }}
{%- endmacro %}
