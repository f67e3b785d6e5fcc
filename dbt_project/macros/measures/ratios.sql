{#
  From grouped cells to numerators and denominators: every measure of the family is a ratio y / x of two
  weighted totals, so that one table, long by measure, serves estimates and standard errors alike.
#}

{#
  The measures, as JSON (what dbt and we both can hand from one macro to another): source, the table that
  has them; y and x, its columns; by_k, whether they depend on the cut-off.
#}
{% macro measure_definitions() -%}
[
    {"source": "score", "measure": "H", "y": "poor", "x": "population", "by_k": true},
    {"source": "score", "measure": "A", "y": "adjusted", "x": "poor", "by_k": true},
    {"source": "score", "measure": "M0", "y": "adjusted", "x": "population", "by_k": true},
    {"source": "indicator", "measure": "uncensored", "y": "uncensored", "x": "population", "by_k": false},
    {"source": "indicator", "measure": "censored", "y": "censored", "x": "population", "by_k": true},
    {"source": "indicator", "measure": "contribution", "y": "part", "x": "adjusted", "by_k": true},
    {"source": "indicator", "measure": "absolute_contribution", "y": "part", "x": "population", "by_k": true},
    {"source": "dimension", "measure": "dimension_contribution", "y": "part", "x": "adjusted", "by_k": true},
    {
        "source": "dimension", "measure": "absolute_dimension_contribution",
        "y": "part", "x": "population", "by_k": true
    },
    {
        "source": "group_part", "measure": "population_share",
        "y": "population", "x": "population_of_all", "by_k": false
    },
    {
        "source": "group_part", "measure": "group_contribution",
        "y": "adjusted", "x": "adjusted_of_all", "by_k": true
    }
]
{%- endmacro %}

{#
  Sums at every cut-off. cutoffs: relation (position, k, and the columns of `match`), position 1 … n in
  rising order of k.
#}
{% macro measure_by_cutoff(grouped, cutoffs, over, design, indicators, match=[]) -%}
{% set keys = over + ['unit', 'group_type', 'group_value'] + design -%}
select
    {% for key in keys %}g.{{ key }}, {% endfor %}
    c.position,
    c.k,
    sum(g.observations) filter (where g.level >= 0) as observations,
    coalesce(sum(g.population) filter (where g.level >= 0), 0) as population,
    coalesce(sum(g.population) filter (where g.level < 0), 0) as not_judged,
    coalesce(sum(g.population) filter (where g.level >= c.position), 0) as poor
    {% for indicator in indicators -%}
        , coalesce(sum(g.deprived_{{ loop.index }}) filter (where g.level >= 0), 0)
        as uncensored_{{ loop.index }}
        , coalesce(sum(g.deprived_{{ loop.index }}) filter (where g.level >= c.position), 0)
        as censored_{{ loop.index }}
    {% endfor -%}
from {{ grouped }} as g
{% if match %}inner{% else %}cross{% endif %} join {{ cutoffs }} as c
    {% if match %}on {% for column in match %}g.{{ column }} = c.{{ column }}{{ " and " if not loop.last }}{% endfor %}{% endif %}

group by {% for key in keys %}g.{{ key }}, {% endfor %}c.position, c.k
{%- endmacro %}

{#
  One row an indicator. weights: relation (indicator, dimension, weight, and the columns of `match`); an
  indicator that the standard does not have falls out here.
#}
{% macro measure_by_indicator(by_cutoff, weights, over, indicators, match=[]) -%}
{% set keys = over + ['unit', 'group_type', 'group_value'] + ['position', 'k', 'population', 'poor'] -%}
with long as (
    select
        {% for key in keys %}{{ key }}, {% endfor %}
        unnest([
            {% for indicator in indicators -%}
                {
                    indicator: {{ measure_text(indicator.name) }},
                    uncensored: uncensored_{{ loop.index }},
                    censored: censored_{{ loop.index }}
                }{{ "," if not loop.last }}
            {% endfor -%}
        ], recursive := true)
    from {{ by_cutoff }}
)

select
    {% for key in keys %}l.{{ key }}, {% endfor %}
    l.indicator,
    w.dimension,
    l.uncensored,
    l.censored,
    w.weight * l.censored as part
from long as l
inner join {{ weights }} as w
    on l.indicator = w.indicator {% for column in match %}and l.{{ column }} = w.{{ column }} {% endfor %}

{%- endmacro %}

{#
  every_k: repeat at each k what does not depend on it. Result: over, unit, group_type, group_value, position, k,
  measure, indicator, y, x.
#}
{% macro measure_ratios(by_indicator, over, every_k=false) -%}
{% set keys = (over + ['unit', 'group_type', 'group_value']) | join(', ') -%}
with score as (
    select
        {{ keys }}, position, k,
        any_value(population) as population,
        any_value(poor) as poor,
        sum(part) as adjusted
    from {{ by_indicator }}
    group by {{ keys }}, position, k
),

indicator as (
    select
        b.*,
        s.adjusted
    from {{ by_indicator }} as b
    inner join score as s using ({{ keys }}, position, k)
),

dimension as (
    select
        {{ keys }}, position, k, dimension,
        any_value(population) as population,
        any_value(adjusted) as adjusted,
        sum(part) as part
    from indicator
    group by {{ keys }}, position, k, dimension
),

{% set apart = (over + ['unit']) | join(', ') -%}
group_part as (
    select
        s.*,
        a.population as population_of_all,
        a.adjusted as adjusted_of_all
    from score as s
    inner join (
        select {{ apart }}, position, population, adjusted
        from score
        where group_type = 'all'
    ) as a using ({{ apart }}, position)
    where s.group_type <> 'all'
),

{% set measures = fromjson(measure_definitions()) -%}
ratio as (
{% for measure in measures %}
    {% set varies = measure.by_k or every_k -%}
    select
        {{ keys }},
        position,
        {{ "k" if varies else "cast(null as double)" }} as k,
        '{{ measure.measure }}' as measure,
        cast({{ measure.source if measure.source in ('indicator', 'dimension') else 'null' }} as varchar) as indicator,
        cast({{ measure.y }} as double) as y,
        cast({{ measure.x }} as double) as x
    from {{ measure.source }}
    {{ "where position = 1" if not varies }}
    {{ "union all" if not loop.last }}
{% endfor %}
)

select * from ratio
{%- endmacro %}

{# Who a row speaks of: rows counted, weighted population, share that could not be judged. #}
{% macro measure_facts(by_cutoff, over) -%}
select
    {{ (over + ['unit', 'group_type', 'group_value']) | join(', ') }},
    cast(coalesce(sum(observations), 0) as double) as observations,
    cast(sum(population) as double) as population,
    cast(sum(not_judged) as double) / nullif(cast(sum(population + not_judged) as double), 0) as not_judged_share
from {{ by_cutoff }}
where position = 1
group by {{ (over + ['unit', 'group_type', 'group_value']) | join(', ') }}
{%- endmacro %}
