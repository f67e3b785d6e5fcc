{#
  First pass of the measures: from rows (households or persons) to sums by cell.

  The relation has, beside the key columns: `level` (how many of the cut-offs, in rising order, the
  deprivation score reaches; -1 where the row could not be judged), one column true/false an indicator,
  and one weight column a unit of counting. Because a row that reaches a cut-off reaches every lower one,
  sums by level give the headcounts at every cut-off: the number of cut-offs costs nothing here.

  keys: group columns, and stratum and psu of a sample. indicators: [{name, column}].
  units: [{name, weight}]. counted: how many rows a row stands for; one, unless they were added up before.
  Result: keys, unit, level, observations, population, deprived_1 … deprived_n.
#}
{% macro measure_cells(relation, keys, indicators, units, counted='count(*)') -%}
with wide as (
    select
        {% for key in keys %}{{ key }}, {% endfor %}
        level,
        {{ counted }} as observations
        {% for unit in units -%}
            , sum({{ unit.weight }}) as population_{{ loop.index }}
            {% set outer = loop.index -%}
            {% for indicator in indicators -%}
                -- a product is added up more than twice as fast as with a filter
                , coalesce(sum(({{ unit.weight }}) * cast({{ indicator.column }} as integer)), 0)
                as deprived_{{ outer }}_{{ loop.index }}
            {% endfor -%}
        {% endfor -%}
    from {{ relation }}
    group by {% for key in keys %}{{ key }}, {% endfor %}level
)
{% for unit in units %}
    {% set outer = loop.index %}
    select
        {% for key in keys %}{{ key }}, {% endfor %}
        {{ measure_text(unit.name) }} as unit,
        level,
        observations,
        population_{{ outer }} as population
        {% for indicator in indicators -%}
            , deprived_{{ outer }}_{{ loop.index }} as deprived_{{ loop.index }}
        {% endfor -%}
    from wide
    {{ "union all" if not loop.last }}
{% endfor %}
{%- endmacro %}

{#
  Cells added up to every group that was asked for, and to all together.

  over: columns that keep apart what is never added (round; year, map and standard).
  groups: [{name, column}]; a missing value is a group of its own, so that groups add up.
  everybody: whether all together stand beside the groups.
#}
{% macro measure_grouped(cells, over, groups, indicators, everybody=true) -%}
select
    {% for column in over %}{{ column }}, {% endfor %}
    unit,
    {{ measure_group_names(groups) }},
    level,
    sum(observations) as observations,
    sum(population) as population
    {% for indicator in indicators -%}
        , sum(deprived_{{ loop.index }}) as deprived_{{ loop.index }}
    {% endfor -%}
from {{ cells }}
group by {{ measure_grouping_sets((over + ['unit', 'level']) | join(', '), groups, everybody) }}
{%- endmacro %}

{% macro measure_grouping_sets(common, groups, everybody) -%}
grouping sets (
    {{ "(" ~ common ~ ")" ~ (", " if groups) if everybody }}
    {% for group in groups %}({{ common }}, {{ group.column }}){{ ", " if not loop.last }}{% endfor %}
)
{%- endmacro %}

{# The name and value of the group that a row of grouping sets stands for. #}
{% macro measure_group_names(groups) -%}
{% if groups -%}
    case
        {% for group in groups -%}
            when grouping({{ group.column }}) = 0 then {{ measure_text(group.name) }}
        {% endfor -%}
        else 'all'
    end as group_type,
    case
        {% for group in groups -%}
            when grouping({{ group.column }}) = 0
                then coalesce(cast({{ group.column }} as varchar), '(missing)')
        {% endfor -%}
        else 'all'
    end as group_value
{%- else -%}
    'all' as group_type,
    'all' as group_value
{%- endif %}
{%- endmacro %}

{# A text as an SQL literal. #}
{% macro measure_text(value) -%}
'{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{# How many of the cut-offs, in rising order, a score reaches; -1 where the row could not be judged. #}
{% macro measure_level(score, thresholds, is_judged) -%}
case
    when not {{ is_judged }} then -1
    else {% for threshold in thresholds %}cast({{ score }} >= {{ threshold }} as integer){{ " + " if not loop.last }}{% endfor %}

end
{%- endmacro %}
