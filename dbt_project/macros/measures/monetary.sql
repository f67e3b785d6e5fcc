{#
  The monetary family, as ratios of the same shape (position 1, no k), and the Gini coefficient.

  Foster, Greer and Thorbecke (1984), Watts (1968). Zero incomes are counted in the headcount, gap,
  severity and Gini; the Watts index leaves them out of its sum, since their logarithm is infinite, and
  keeps them in its denominator. Rows without an income, or with a negative one, must not be among the rows.
#}

{# One row a row and group: the groups one below the other. Columns: over, design, unit, weight, income, line. #}
{% macro measure_monetary_rows(relation, over, groups, design, units) -%}
{% for unit in units %}
    {% set outer = loop.last %}
    {% for group in [none] + groups %}
        select
            {% for column in over + design %}{{ column }}, {% endfor %}
            {{ measure_text(unit.name) }} as unit,
            {{ measure_text(group.name) if group else "'all'" }} as group_type,
            {{ "coalesce(cast(" ~ group.column ~ " as varchar), '(missing)')" if group else "'all'" }} as group_value,
            cast({{ unit.weight }} as double) as weight,
            income,
            line
        from {{ relation }}
        {{ "union all" if not (loop.last and outer) }}
    {% endfor %}
{% endfor %}
{%- endmacro %}

{#
  The sum of a value. exact: of its first twelve decimals, the same in whatever order the rows come
  (docs/decisions/0007-exact-sums.md); for weights of about 1, as those of a census are.
#}
{% macro measure_sum(value, exact, scope='') -%}
{%- if exact -%}
    cast(sum(cast({{ value }} as decimal(38, 12))) {{ scope }} as double)
{%- else -%}
    sum({{ value }}) {{ scope }}
{%- endif -%}
{%- endmacro %}

{# poor_at_line: whether an income that equals the line is poor. #}
{% macro measure_monetary_ratios(rows, over, design, poor_at_line, exact=false) -%}
{% set place = over + ['unit', 'group_type', 'group_value'] -%}
{% set keys = (place + design) | join(', ') -%}
with row_measure as (
    select
        *,
        income {{ "<=" if poor_at_line else "<" }} line as is_poor,
        1 - income / line as gap
    from {{ rows }}
),

sums as (
    select
        {{ keys }},
        {{ measure_sum("weight", exact) }} as population,
        coalesce({{ measure_sum("weight", exact, "filter (where is_poor)") }}, 0) as headcount,
        coalesce({{ measure_sum("weight * gap", exact, "filter (where is_poor)") }}, 0) as gap,
        coalesce({{ measure_sum("weight * gap * gap", exact, "filter (where is_poor)") }}, 0) as severity,
        coalesce({{ measure_sum("weight * ln(line / nullif(income, 0))", exact, "filter (where is_poor and income > 0)") }}, 0)
            as watts
    from row_measure
    group by {{ keys }}
),

{# weight below and income above each row, half of its ties on either side: the trapezoid of the Lorenz curve #}
{% set by_place -%}partition by {{ place | join(', ') }}{%- endset -%}
{% set rising = ' order by income range unbounded preceding' -%}
ranked as (
    select
        *,
        {{ measure_sum("weight", exact, "over (" ~ by_place ~ ")") }} as all_weight,
        {{ measure_sum("weight * income", exact, "over (" ~ by_place ~ ")") }} as all_income,
        {{ measure_sum("weight", exact, "over (" ~ by_place ~ rising ~ ")") }} as weight_to,
        {{ measure_sum("weight", exact, "over (" ~ by_place ~ ", income)") }} as weight_at,
        {{ measure_sum("weight * income", exact, "over (" ~ by_place ~ rising ~ ")") }} as income_to,
        {{ measure_sum("weight * income", exact, "over (" ~ by_place ~ ", income)") }} as income_at
    from row_measure
),

paired as (
    select
        *,
        income * (weight_to - weight_at / 2) + (all_income - income_to) + income_at / 2 as pairs
    from ranked
),

concentrated as (
    select
        *,
        2 * {{ measure_sum("weight * income * (weight_to - weight_at / 2)", exact, "over (" ~ by_place ~ ")") }}
        / (all_weight * nullif(all_income, 0)) as twice_area
    from paired
),

-- the linearised Gini, written as a ratio whose estimate and PSU values are those of the coefficient
gini as (
    select
        {{ keys }},
        {{ measure_sum(
            "weight * (2 * pairs / all_income - twice_area * (1 + income * all_weight / all_income)"
            ~ " + twice_area - 1)",
            exact
        ) }} as gini,
        {{ measure_sum("weight", exact) }} as population
    from concentrated
    where all_income > 0
    group by {{ keys }}
)

{% for measure in fromjson(measure_monetary_names()) %}
    select
        {{ keys }},
        1 as position,
        cast(null as double) as k,
        'monetary_{{ measure }}' as measure,
        cast(null as varchar) as indicator,
        {{ measure }} as y,
        population as x
    from {{ 'gini' if measure == 'gini' else 'sums' }}
    {{ "union all" if not loop.last }}
{% endfor %}
{%- endmacro %}

{# The measures of the family, as JSON. #}
{% macro measure_monetary_names() -%}
["headcount", "gap", "severity", "watts", "gini"]
{%- endmacro %}

{#
  Every measure of every group that facts speak of: without an estimate where it has none (no income to go by;
  the Gini coefficient of incomes that are all zero).
#}
{% macro measure_monetary_estimates(estimates, facts, over) -%}
{% set place = over + ['unit', 'group_type', 'group_value'] -%}
select
    {% for column in place %}f.{{ column }}, {% endfor %}
    m.measure,
    cast(null as varchar) as indicator,
    1 as position,
    cast(null as double) as k,
    e.x,
    e.estimate
from {{ facts }} as f
cross join (
    select unnest([
        {% for name in fromjson(measure_monetary_names()) %}'monetary_{{ name }}'{{ ", " if not loop.last }}{% endfor %}

    ]) as measure
) as m
left join {{ estimates }} as e
    on {% for column in place %}f.{{ column }} = e.{{ column }} and {% endfor %}m.measure = e.measure
{%- endmacro %}

{# Whether a row has an income and a line to go by: true or false. #}
{% macro usable_income() -%}
coalesce(income is not null and line > 0, false)
{%- endmacro %}

{#
  Who a monetary row speaks of. usable: whether a row has an income to go by, true or false. observed: the sum
  of the rows that do.
#}
{% macro measure_monetary_facts(rows, over, usable, observed='count(*)') -%}
{% set place = (over + ['unit', 'group_type', 'group_value']) | join(', ') -%}
select
    {{ place }},
    cast(coalesce({{ observed }} filter (where {{ usable }}), 0) as double) as observations,
    coalesce(sum(weight) filter (where {{ usable }}), 0) as population,
    coalesce(sum(weight) filter (where not {{ usable }}), 0) / nullif(sum(weight), 0) as not_judged_share
from {{ rows }}
group by {{ place }}
{%- endmacro %}
