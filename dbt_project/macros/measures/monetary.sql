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

{# poor_at_line: whether an income that equals the line is poor. #}
{% macro measure_monetary_ratios(rows, over, design, poor_at_line) -%}
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
        sum(weight) as population,
        coalesce(sum(weight) filter (where is_poor), 0) as headcount,
        coalesce(sum(weight * gap) filter (where is_poor), 0) as gap,
        coalesce(sum(weight * gap * gap) filter (where is_poor), 0) as severity,
        coalesce(sum(weight * ln(line / income)) filter (where is_poor and income > 0), 0) as watts
    from row_measure
    group by {{ keys }}
),

{# weight below and income above each row, half of its ties on either side: the trapezoid of the Lorenz curve #}
{% set by_place -%}partition by {{ place | join(', ') }}{%- endset -%}
ranked as (
    select
        *,
        sum(weight) over ({{ by_place }}) as all_weight,
        sum(weight * income) over ({{ by_place }}) as all_income,
        sum(weight) over ({{ by_place }} order by income range unbounded preceding) as weight_to,
        sum(weight) over ({{ by_place }}, income) as weight_at,
        sum(weight * income) over ({{ by_place }} order by income range unbounded preceding) as income_to,
        sum(weight * income) over ({{ by_place }}, income) as income_at
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
        2 * sum(weight * income * (weight_to - weight_at / 2)) over ({{ by_place }})
        / (all_weight * nullif(all_income, 0)) as twice_area
    from paired
),

-- the linearised Gini, written as a ratio whose estimate and PSU values are those of the coefficient
gini as (
    select
        {{ keys }},
        sum(weight * (
            2 * pairs / all_income - twice_area * (1 + income * all_weight / all_income) + twice_area - 1
        )) as gini,
        sum(weight) as population
    from concentrated
    where all_income > 0
    group by {{ keys }}
)

{% for measure in ['headcount', 'gap', 'severity', 'watts', 'gini'] %}
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

{# Who a monetary row speaks of. usable: whether a row has an income to go by. #}
{% macro measure_monetary_facts(rows, over, usable) -%}
{% set place = (over + ['unit', 'group_type', 'group_value']) | join(', ') -%}
select
    {{ place }},
    cast(count(*) filter (where {{ usable }}) as double) as observations,
    coalesce(sum(weight) filter (where {{ usable }}), 0) as population,
    coalesce(sum(weight) filter (where not {{ usable }}), 0) / sum(weight) as not_judged_share
from {{ rows }}
group by {{ place }}
{%- endmacro %}
