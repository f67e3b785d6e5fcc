{#
  Every deprivation mark of every layout, without the prefix dep_: the columns that the contract gives
  the accepted households. A layout that is added to the contract is read here at once. While dbt only
  parses, the sources are not there yet; nothing of what a model depends on hangs on them.
#}
{% macro deprivation_indicators() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values() if source.source_name == 'accepted' and source.name == 'survey_household' -%}
            {%- for column in source.columns if column.startswith('dep_') -%}
                {%- do found.append(column[4:]) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if not found -%}
            {{ exceptions.raise_compiler_error("the source accepted.survey_household has no column dep_*: run python -m checks.dbt_sources") }}
        {%- endif -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{# The causes of poverty, without the prefix cause_. #}
{% macro causes() -%}
    {{ return(['land', 'capital', 'labour', 'tools', 'knowledge', 'skill', 'illness', 'other']) }}
{%- endmacro %}
