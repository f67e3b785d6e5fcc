{#
  A value of one run: `years_from` and `years_to`, the window of years that the facts rebuild (everything
  outside it stays as it is); `today` (ISO), the day that counts as today, so that a run can be repeated;
  `province`, whose marts are built (its predecessors come with it over the bridge).

  They come by the environment, as THOATNGHEO_DBT_YEARS_FROM and so on, and are looked at only while a
  query is made: as variables of dbt they would have the whole project read anew each night.
#}
{% macro run_value(name) -%}
    {%- set unset = {
        'years_from': '2016', 'years_to': '2100', 'today': '2100-12-31', 'province': '19'
    } -%}
    {{- env_var('THOATNGHEO_DBT_' ~ name | upper, unset[name]) if execute else unset[name] -}}
{%- endmacro %}
