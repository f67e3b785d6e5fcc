{#
  Rows of a foreign table by their pattern of deprivations: one whole number, a bit an indicator. A table of
  millions of rows has few thousands of patterns in a group, and they say everything that the measures need.
#}

{#
  relation: deprived_1 … as true/false, is_judged, a weight column a unit. kind: a type of enough bits.
  Result: keys, pattern (-1 where the row could not be judged), observations, population_1 … by unit.
#}
{% macro measure_patterns(relation, keys, indicators, units, kind) -%}
select
    {% for key in keys %}{{ key }}, {% endfor %}
    if(is_judged, {% for indicator in indicators -%}
        if({{ indicator.column }}, {{ 2 ** loop.index0 }}::{{ kind }}, 0){{ " + " if not loop.last }}
    {%- endfor %}, -1) as pattern,
    count(*) as observations
    {% for unit in units %}, sum({{ unit.weight }}) as population_{{ loop.index }}{% endfor %}

from {{ relation }}
group by all
{%- endmacro %}

{# The patterns as rows again: deprived_1 … as true/false, is_judged. #}
{% macro measure_pattern_rows(patterns, indicators) -%}
select
    *,
    {% for indicator in indicators -%}
        pattern >= 0 and pattern & {{ 2 ** loop.index0 }} <> 0 as {{ indicator.column }},
    {% endfor -%}
    pattern >= 0 as is_judged
from {{ patterns }}
{%- endmacro %}

{# Judged patterns of every group, a row a unit of counting; everybody beside them where `everybody`. #}
{% macro measure_pattern_groups(patterns, over, groups, units, everybody=true) -%}
{% set common = (over + ['pattern']) | join(', ') -%}
with grouped as (
    select
        {{ common }},
        {{ measure_group_names(groups) }}
        {% for unit in units %}, sum(population_{{ loop.index }}) as population_{{ loop.index }}{% endfor %}

    from {{ patterns }}
    where pattern >= 0
    group by {{ measure_grouping_sets(common, groups, everybody) }}
)
{% for unit in units %}
    select
        {{ common }},
        {{ measure_text(unit.name) }} as unit,
        group_type,
        group_value,
        population_{{ loop.index }} as population
    from grouped
    {{ "union all" if not loop.last }}
{% endfor %}
{%- endmacro %}
