{#
  The variance of a group's share in all, S = Y / X: of the population, of M0. Every PSU has a linearised
  value z = (y - S x) / X, also those without a member of the group; their number times that of the groups
  may be beyond any memory. The sum of squares is therefore taken apart,
      C(z, z) X² = C(y, y) - 2 S C(x, y) + S² C(x, x),
  C being n / (n - 1) times the products about the stratum's means: the first two need only the PSUs that
  have members, the last is the same for every group.

  sums: by PSU, of the groups of one type; sums_of_all: of everybody (measure_psu_sums).
#}
{% macro measure_share_variance(sums, sums_of_all, estimates, design, over, within=[], single_psu='certainty') -%}
{% set place = over + ['unit', 'position'] -%}
{% set group_key = over + ['unit', 'group_type', 'group_value', 'position'] -%}
{% set shares = [('population_share', 'population'), ('group_contribution', 'adjusted')] -%}
with base as (
    select
        {% for column in place %}s.{{ column }}, {% endfor %}
        s.stratum,
        s.psu,
        d.psus,
        s.population,
        s.adjusted
    from {{ sums_of_all }} as s
    inner join {{ design }} as d
        on s.stratum = d.stratum {% for column in within %}and s.{{ column }} = d.{{ column }} {% endfor %}

),

base_stratum as (
    select
        {{ place | join(', ') }}, stratum,
        any_value(psus) as psus,
        {% for _, column in shares -%}
            {% if single_psu == 'adjust' -%}
                if(any_value(psus) = 1, 0, sum({{ column }}) / any_value(psus)) as mean_{{ column }},
            {%- else -%}
                sum({{ column }}) / any_value(psus) as mean_{{ column }},
            {%- endif %}
            {{ measure_squares(column, 'any_value(psus)') }} as xx_{{ column }},
        {% endfor -%}
        if(
            any_value(psus) = 1, {{ "1" if single_psu == 'adjust' else "0" }},
            any_value(psus) / (any_value(psus) - 1.0)
        ) as factor
    from base
    group by {{ place | join(', ') }}, stratum
),

base_all as (
    select
        {{ place | join(', ') }}
        {% for _, column in shares %}, sum(factor * xx_{{ column }}) as xx_{{ column }}{% endfor %}

    from base_stratum
    group by {{ place | join(', ') }}
),

part as (
    select
        {% for column in group_key %}s.{{ column }}, {% endfor %}
        any_value(t.factor) as factor
        {% for _, column in shares -%}
            , {{ measure_squares('s.' ~ column, 'any_value(t.psus)') }} as yy_{{ column }}
            , sum(s.{{ column }} * (b.{{ column }} - t.mean_{{ column }})) as xy_{{ column }}
        {% endfor %}
    from {{ sums }} as s
    inner join base as b
        on
            {% for column in place %}s.{{ column }} = b.{{ column }} and {% endfor %}
            s.stratum = b.stratum and s.psu = b.psu
    inner join base_stratum as t
        on
            {% for column in place %}s.{{ column }} = t.{{ column }} and {% endfor %}
            s.stratum = t.stratum
    group by {% for column in group_key %}s.{{ column }}, {% endfor %}s.stratum
),

part_all as (
    select
        {{ group_key | join(', ') }}
        {% for _, column in shares -%}
            , sum(factor * yy_{{ column }}) as yy_{{ column }}
            , sum(factor * xy_{{ column }}) as xy_{{ column }}
        {% endfor %}
    from part
    group by {{ group_key | join(', ') }}
),

apart as (
    {% for share, column in shares %}
        select
            {% for key in group_key %}e.{{ key }}, {% endfor %}
            e.measure,
            e.indicator,
            e.x,
            coalesce(p.yy_{{ column }}, 0) as yy,
            2 * e.estimate * coalesce(p.xy_{{ column }}, 0) as xy,
            e.estimate * e.estimate * a.xx_{{ column }} as xx
        from {{ estimates }} as e
        inner join base_all as a
            on {% for key in place %}e.{{ key }} = a.{{ key }}{{ " and " if not loop.last }}{% endfor %}

        inner join part_all as p
            on {% for key in group_key %}e.{{ key }} = p.{{ key }}{{ " and " if not loop.last }}{% endfor %}

        where e.estimate is not null and e.measure = '{{ share }}'
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    {{ group_key | join(', ') }},
    measure,
    indicator,
    -- what is left of equal terms is rounding, and no variance
    if(abs(yy - xy + xx) <= 1e-13 * (yy + abs(xy) + xx), 0, greatest(yy - xy + xx, 0)) / (x * x) as variance
from apart
{%- endmacro %}

{# Sum of squares about the mean of n PSUs, of which those that are not present count with 0. #}
{% macro measure_squares(value, psus) -%}
(
    if({{ psus }} = 1, sum({{ value }} * {{ value }}),
        var_pop({{ value }}) * count(*)
        + count(*) * avg({{ value }}) * avg({{ value }}) * (1 - count(*) / cast({{ psus }} as double)))
)
{%- endmacro %}
