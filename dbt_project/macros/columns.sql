{# The causes of poverty, without the prefix cause_. #}
{% macro causes() -%}
    {{ return(['land', 'capital', 'labour', 'tools', 'knowledge', 'skill', 'illness', 'other']) }}
{%- endmacro %}
