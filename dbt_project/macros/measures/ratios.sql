{#
  From grouped cells to numerators and denominators: every measure of the family is a ratio y / x of two
  weighted totals, so that one table, long by measure, serves estimates and standard errors alike.
#}

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
{% macro measure_by_indicator(by_cutoff, weights, over, design, indicators, match=[]) -%}
{% set keys = over + ['unit', 'group_type', 'group_value'] + design + ['position', 'k', 'population', 'poor'] -%}
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

{# every_k: repeat at each k what does not depend on it. The ratios: over, unit, group_type, group_value, design, position, k, measure, indicator, y, x. #}
{% macro measure_ratios(by_indicator, over, design, every_k=false) -%}
{% set keys = (over + ['unit', 'group_type', 'group_value'] + design) | join(', ') -%}
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

{# the total of all stands in one row of its own, without a PSU, instead of in a row for each PSU and group #}
group_part as (
    select
        {{ keys }}, position, k, population, adjusted,
        0 as population_of_all,
        0 as adjusted_of_all
    from score
    where group_type <> 'all'
    union all by name
    select
        {% for column in over %}g.{{ column }}, {% endfor %}
        g.unit,
        g.group_type,
        g.group_value,
        {% for column in design %}cast(null as varchar) as {{ column }}, {% endfor %}
        g.position,
        g.k,
        0 as population,
        0 as adjusted,
        a.population as population_of_all,
        a.adjusted as adjusted_of_all
    from (
        select distinct {{ (over + ['unit', 'group_type', 'group_value']) | join(', ') }}, position, k
        from score
        where group_type <> 'all'
    ) as g
    inner join (
        select
            {{ (over + ['unit']) | join(', ') }}, position,
            sum(population) as population,
            sum(adjusted) as adjusted
        from score
        where group_type = 'all'
        group by {{ (over + ['unit']) | join(', ') }}, position
    ) as a using ({{ (over + ['unit']) | join(', ') }}, position)
),

{# the measures: name, column of the indicator or dimension, numerator, denominator, by cut-off or not #}
{% set measures = [
    ('score', 'H', 'null', 'poor', 'population', true),
    ('score', 'A', 'null', 'adjusted', 'poor', true),
    ('score', 'M0', 'null', 'adjusted', 'population', true),
    ('indicator', 'uncensored', 'indicator', 'uncensored', 'population', false),
    ('indicator', 'censored', 'indicator', 'censored', 'population', true),
    ('indicator', 'contribution', 'indicator', 'part', 'adjusted', true),
    ('indicator', 'absolute_contribution', 'indicator', 'part', 'population', true),
    ('dimension', 'dimension_contribution', 'dimension', 'part', 'adjusted', true),
    ('dimension', 'absolute_dimension_contribution', 'dimension', 'part', 'population', true),
    ('group_part', 'population_share', 'null', 'population', 'population_of_all', false),
    ('group_part', 'group_contribution', 'null', 'adjusted', 'adjusted_of_all', true),
] -%}
ratio as (
{% for source, measure, name, numerator, denominator, by_k in measures %}
    select
        {{ keys }},
        position,
        {{ "k" if by_k or every_k else "cast(null as double)" }} as k,
        '{{ measure }}' as measure,
        cast({{ name }} as varchar) as indicator,
        cast({{ numerator }} as double) as y,
        cast({{ denominator }} as double) as x
    from {{ source }}
    {{ "where position = 1" if not by_k and not every_k }}
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
