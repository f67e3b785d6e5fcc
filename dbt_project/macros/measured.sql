{# What the marts measure: the marks of the review as indicators, and the cut-offs beside the standard's own. #}
{% macro measure_indicators() -%}
    {% set found = [] -%}
    {% for indicator in deprivation_indicators() -%}
        {% do found.append({'name': indicator, 'column': 'dep_' ~ indicator}) -%}
    {% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# By whom the marts tell them apart, as columns of a household on a map. #}
{% macro measure_groups() -%}
    {{ return([
        {'name': 'province', 'column': 'province_code'},
        {'name': 'former_province', 'column': 'former_province_code'},
        {'name': 'district', 'column': 'district_code'},
        {'name': 'commune', 'column': 'commune_code'},
        {'name': 'area_type', 'column': 'area_type'},
        {'name': 'ethnicity', 'column': 'ethnicity'},
        {'name': 'head_sex', 'column': 'head_sex'},
        {'name': 'household_size', 'column': 'household_size_group'},
    ]) }}
{%- endmacro %}

{% macro household_size_group(size) -%}
    if({{ size }} >= 8, '8+', cast({{ size }} as varchar))
{%- endmacro %}

{% macro measure_cutoffs() -%}
    {{ return(['1.0 / 3', '1.0 / 2']) }}
{%- endmacro %}
