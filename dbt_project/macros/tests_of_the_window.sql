{#
  What a data test looks at: in a model that a run makes by windows of years, the window; else all of it.

  Rows outside the window stand as an earlier run of the same models made and tested them: another version of
  the project, or of what all years depend on, makes every year anew. So a night costs what it touches, however
  many years are kept. A grain without the year is looked at whole: only there could two years meet. The units that
  rows refer to are among what all years depend on.

  dbt puts this in place of `model` in every generic test (it is dbt's own hook, under dbt's name).
#}
{% macro get_where_subquery(relation) -%}
    {%- set tested = graph.nodes.get(model.get('attached_node')) if execute -%}
    {%- if config.get('where') or not tested or not is_made_by_window(tested.config) -%}
        {%- do return(default__get_where_subquery(relation)) -%}
    {%- elif is_grain_without_year(model.test_metadata) -%}
        {%- do return(relation) -%}
    {%- else -%}
        {%- set ahead = tested.config.meta.get('window_ahead', 0) -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ in_window(ahead=ahead) ~ ')') -%}
    {%- endif -%}
{%- endmacro %}

{% macro is_made_by_window(config) -%}
    {{ return(config.get('incremental_strategy') == 'window' or 'window_ahead' in config.meta) }}
{%- endmacro %}

{% macro is_grain_without_year(test) -%}
    {{ return(test.name == 'unique_grain' and 'year' not in test.kwargs.columns) }}
{%- endmacro %}
