{#
  The variance of a group's share in all, S = Y / X: of the population, of M0. Every PSU has a linearised
  value z = (y - S x) / X, also those without a member of the group; their number times that of the groups
  may be beyond any memory. The sum of squares is therefore taken apart,
      C(z, z) X² = C(y, y) - 2 S C(x, y) + S² C(x, x),
  C being n / (n - 1) times the products about the stratum's means: the first two need only the PSUs that
  have members, the last is the same for every group.
#}
{% macro measure_share_variance(ratios, estimates, design, over, within=[], single_psu='certainty') -%}
{% set place = over + ['unit', 'position'] -%}
{% set group_key = over + ['unit', 'group_type', 'group_value', 'measure', 'position'] -%}
with base as (
    select
        {% for column in place %}r.{{ column }}, {% endfor %}
        m.measure,
        r.stratum,
        r.psu,
        d.psus,
        if(m.measure = 'population_share', r.x, r.y) as x
    from {{ ratios }} as r
    inner join {{ design }} as d
        on r.stratum = d.stratum {% for column in within %}and r.{{ column }} = d.{{ column }} {% endfor %}

    cross join (select unnest(['population_share', 'group_contribution']) as measure) as m
    where r.measure = 'M0' and r.group_type = 'all'
),

base_stratum as (
    select
        {{ place | join(', ') }}, measure, stratum,
        any_value(psus) as psus,
        {% if single_psu == 'adjust' -%}
            if(any_value(psus) = 1, 0, sum(x) / any_value(psus)) as mean_x,
            if(any_value(psus) = 1, 1, any_value(psus) / (any_value(psus) - 1.0)) as factor,
        {%- else -%}
            sum(x) / any_value(psus) as mean_x,
            if(any_value(psus) = 1, 0, any_value(psus) / (any_value(psus) - 1.0)) as factor,
        {%- endif %}

        {{ measure_squares('x', 'any_value(psus)') }} as xx
    from base
    group by {{ place | join(', ') }}, measure, stratum
),

base_all as (
    select
        {{ place | join(', ') }}, measure,
        sum(factor * xx) as xx
    from base_stratum
    group by {{ place | join(', ') }}, measure
),

part as (
    select
        {% for column in group_key %}r.{{ column }}, {% endfor %}
        r.stratum,
        any_value(s.factor) as factor,
        {{ measure_squares('r.y', 'any_value(s.psus)') }} as yy,
        sum(r.y * (b.x - s.mean_x)) as xy
    from {{ ratios }} as r
    inner join base as b
        on
            {% for column in place %}r.{{ column }} = b.{{ column }} and {% endfor %}
            r.measure = b.measure and r.stratum = b.stratum and r.psu = b.psu
    inner join base_stratum as s
        on
            {% for column in place %}r.{{ column }} = s.{{ column }} and {% endfor %}
            r.measure = s.measure and r.stratum = s.stratum
    group by {% for column in group_key %}r.{{ column }}, {% endfor %}r.stratum
),

part_all as (
    select {{ group_key | join(', ') }}, sum(factor * yy) as yy, sum(factor * xy) as xy
    from part
    group by {{ group_key | join(', ') }}
),

apart as (
    select
        e.*,
        coalesce(p.yy, 0) as yy,
        2 * e.estimate * coalesce(p.xy, 0) as xy,
        e.estimate * e.estimate * a.xx as xx
    from {{ estimates }} as e
    inner join base_all as a
        on
            {% for column in place %}e.{{ column }} = a.{{ column }} and {% endfor %}
            e.measure = a.measure
    left join part_all as p
        on {% for column in group_key %}e.{{ column }} = p.{{ column }}{{ " and " if not loop.last }}{% endfor %}

    where e.estimate is not null
)

select
    {{ measure_key(over) }},
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
