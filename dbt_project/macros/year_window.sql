{#
  The window of years that a run rebuilds, and the incremental strategy `window` that puts it in place:
  delete the window, insert the window, in the one transaction of the materialisation. A slice that has
  shrunk leaves no stale rows, which `delete+insert` by key would.

  ahead: years after the window that depend on it (a list is in force in the year after its review);
  'all' where every later year does.
#}
{% macro years_to(ahead=0) -%}
    {%- if ahead == 'all' -%} 9999 {%- else -%} {{ run_value('years_to') | int + ahead }} {%- endif -%}
{%- endmacro %}

{% macro in_window(column='year', back=0, ahead=0) -%}
    {{ column }} between {{ run_value('years_from') | int - back }} and {{ years_to(ahead) }}
{%- endmacro %}

{% macro get_incremental_window_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set ahead = config.get('meta', {}).get('window_ahead', 0) -%}
    -- a row outside the window would stand there twice, where no test of this run looks
    select error('{{ this.name }} made rows outside the years that this run makes')
    from {{ arg_dict['temp_relation'] }}
    where ({{ in_window('year', ahead=ahead) }}) is not true
    limit 1;
    delete from {{ arg_dict['target_relation'] }} where {{ in_window('year', ahead=ahead) }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }};
{% endmacro %}
