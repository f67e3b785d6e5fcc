{# Every deprivation mark of every layout, without the prefix dep_; a test holds the list to the contract. #}
{% macro deprivation_indicators() -%}
    {{ return([
        'adult_edu', 'child_school', 'health_access', 'health_ins', 'house_quality', 'house_area',
        'water', 'toilet', 'telecom', 'info_asset',
        'employment', 'dependents', 'nutrition', 'health_insurance', 'adult_education', 'child_schooling',
        'housing_quality', 'housing_area', 'info_means',
        'water_source', 'hygienic_toilet', 'digital_use', 'waste_treatment'
    ]) }}
{%- endmacro %}

{# The causes of poverty, without the prefix cause_. #}
{% macro causes() -%}
    {{ return(['land', 'capital', 'labour', 'tools', 'knowledge', 'skill', 'illness', 'other']) }}
{%- endmacro %}
