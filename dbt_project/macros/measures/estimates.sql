{#
  Second pass: from ratios to estimates, and for a sample to standard errors and intervals.

  Taylor linearisation of a ratio R = Y / X: a primary sampling unit (PSU) contributes z = (y - R x) / X,
  and with PSUs drawn with replacement inside strata
      variance = sum over strata of n / (n - 1) * sum over the stratum's n PSUs of (z - mean z)².
  A domain keeps every PSU of the sample: those without a member of it count with z = 0
  (Binder 1983; Demnati and Rao 2004; Alkire et al. 2015, chapter 8).
#}

{# Sums may be added in any order: what differs from 0 or 1 by rounding alone is 0 or 1. #}
{% macro measure_quotient(y, x) -%}
case
    when {{ x }} > 0 and abs({{ y }} - {{ x }}) <= 1e-12 * {{ x }} then 1.0
    when {{ x }} > 0 then {{ y }} / {{ x }}
end
{%- endmacro %}

{% macro measure_key(over) -%}
{{ (over + ['unit', 'group_type', 'group_value', 'measure', 'indicator', 'position', 'k']) | join(', ') }}
{%- endmacro %}

{% macro measure_estimates(ratios, over) -%}
with total as (
    select {{ measure_key(over) }}, sum(y) as y, sum(x) as x
    from {{ ratios }}
    group by {{ measure_key(over) }}
)

select {{ measure_key(over) }}, x, {{ measure_quotient('y', 'x') }} as estimate
from total
{%- endmacro %}

{#
  What each PSU contributes to each estimate: its linearised value z. For the monetary family; the
  multidimensional one has too many measures for a row each (measure_psu_influence).
#}
{% macro measure_influence(ratios, estimates, over) -%}
select
    {% for column in over + ['unit', 'group_type', 'group_value', 'measure', 'indicator', 'position', 'k'] -%}
        r.{{ column }},
    {% endfor -%}
    r.stratum,
    r.psu,
    case
        when abs(r.y - e.estimate * r.x) <= 1e-12 * (abs(r.y) + abs(r.x)) then 0
        else (r.y - e.estimate * r.x) / e.x
    end as z
from {{ ratios }} as r
inner join {{ estimates }} as e
    on
        {% for column in over %}r.{{ column }} = e.{{ column }} and {% endfor %}
        r.unit = e.unit and r.group_type = e.group_type and r.group_value = e.group_value
        and r.measure = e.measure and r.indicator is not distinct from e.indicator
        and r.position = e.position
where e.estimate is not null
{%- endmacro %}

{#
  The variance of each estimate. design: relation (stratum, psus) over the whole sample, with the columns
  of `within` where each of these is a sample of its own (a round).
  single_psu: what a stratum of one PSU adds: `certainty` nothing (the unit was sure to be drawn),
  `adjust` its square about the sample's mean, which is 0.
#}
{% macro measure_variance(influence, design, keys, within=[], single_psu='certainty') -%}
with by_stratum as (
    select
        {% for key in keys %}i.{{ key }}, {% endfor %}
        i.stratum,
        d.psus,
        count(*) as present,
        -- the mean over the PSUs present, and the squares about it: sums that do not cancel
        avg(i.z) as mean_z,
        var_pop(i.z) * count(*) as squares
    from {{ influence }} as i
    inner join {{ design }} as d
        on i.stratum = d.stratum {% for column in within %}and i.{{ column }} = d.{{ column }} {% endfor %}

    group by {% for key in keys %}i.{{ key }}, {% endfor %}i.stratum, d.psus
)

select
    {% for key in keys %}{{ key }}, {% endfor %}
    sum({{ measure_stratum_part('squares', 'mean_z', single_psu) }}) as variance
from by_stratum
group by {{ keys | join(', ') }}
{%- endmacro %}

{#
  What a stratum adds to a variance: n / (n - 1) times the squares about the mean of all its n PSUs, of
  which those not present count with 0. squares: about the mean of the present ones.
#}
{% macro measure_stratum_part(squares, mean, single_psu) -%}
case
    when psus > 1
        then
            psus / (psus - 1.0)
            * ({{ squares }} + present * {{ mean }} * {{ mean }} * (1 - present / cast(psus as double)))
    else {{ mean ~ ' * ' ~ mean if single_psu == 'adjust' else '0' }}
end
{%- endmacro %}

{#
  Interval with t on (PSUs - strata) degrees of freedom: on the logit scale for what lies between 0 and 1,
  else symmetric. Where an estimate is 0 or 1 because every observation is alike, the sample knows no
  interval and there is none; the intensity alone is 1 by its own nature.
#}
{% macro measure_interval(side, t) -%}
case
    when standard_error is null or {{ t }} is null then null
    when interval_method = 'symmetric' then estimate {{ side }} {{ t }} * standard_error
    when measure = 'A' and estimate = 1 then 1.0
    when estimate <= 0 or estimate >= 1 then null
    else 1 / (1 + exp(-(
        ln(estimate / (1 - estimate)) {{ side }} {{ t }} * standard_error / (estimate * (1 - estimate))
    )))
end
{%- endmacro %}
