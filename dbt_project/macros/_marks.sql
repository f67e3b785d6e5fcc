{#
  Every deprivation mark of every layout, without the prefix dep_. Derived from the contract
  by checks/dbt_sources.py: `python -m checks.dbt_sources` rewrites it.
#}
{% macro deprivation_indicators() -%}
    {{ return([
        'adult_edu', 'child_school', 'health_access', 'health_ins', 'house_quality', 'house_area',
        'water', 'toilet', 'telecom', 'info_asset', 'employment', 'dependents',
        'nutrition', 'health_insurance', 'adult_education', 'child_schooling', 'housing_quality', 'housing_area',
        'info_means', 'water_source', 'hygienic_toilet', 'digital_use', 'waste_treatment'
    ]) }}
{%- endmacro %}
