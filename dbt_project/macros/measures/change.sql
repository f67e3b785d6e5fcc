{#
  Change between two rounds. Absolute: R2 - R1; relative: R2 / R1 - 1; a year: (R2 - R1) / T and
  (R2 / R1) ** (1 / T) - 1, T years apart. The error follows from the same linearised values: each PSU
  contributes its part of the difference (delta method), so that a PSU drawn in both rounds brings its
  covariance with it, and independent samples, whose PSUs have names of their own, bring none.
#}

{% macro measure_changes(estimates, years) -%}
with pair as (
    select
        b.unit, b.group_type, b.group_value, b.measure, b.indicator, b.position, b.k,
        a.estimate as before,
        b.estimate as after
    from {{ estimates }} as b
    inner join {{ estimates }} as a
        on
            a.round = 1 and b.round = 2 and a.unit = b.unit and a.group_type = b.group_type
            and a.group_value = b.group_value and a.measure = b.measure
            and a.indicator is not distinct from b.indicator and a.position = b.position
    where a.estimate is not null and b.estimate is not null
)

select p.*, c.change, c.estimate, c.on_before, c.on_after, c.basis, c.multiple
from pair as p,
    unnest([
        {
            change: 'absolute',
            estimate: after - before,
            on_before: -1.0,
            on_after: 1.0,
            basis: 'absolute',
            multiple: 1.0
        },
        {
            change: 'relative',
            estimate: if(before > 0, after / before - 1, null),
            on_before: if(before > 0, -after / (before * before), null),
            on_after: if(before > 0, 1 / before, null),
            basis: 'relative',
            multiple: 1.0
        }
        {% if years -%}
            , {
                change: 'annual_absolute',
                estimate: (after - before) / {{ years }},
                on_before: -1.0 / {{ years }},
                on_after: 1.0 / {{ years }},
                basis: 'absolute',
                multiple: 1.0 / {{ years }}
            },
            {
                change: 'annual_relative',
                estimate: if(before > 0, pow(after / before, 1.0 / {{ years }}) - 1, null),
                on_before: if(
                    before > 0 and after > 0,
                    -pow(after / before, 1.0 / {{ years }}) / ({{ years }} * before), null
                ),
                on_after: if(
                    before > 0 and after > 0,
                    pow(after / before, 1.0 / {{ years }}) / ({{ years }} * after), null
                ),
                basis: 'relative',
                multiple: if(
                    before > 0 and after > 0,
                    pow(after / before, 1.0 / {{ years }}) * before / ({{ years }} * after), null
                )
            }
        {%- endif %}

    ]) as u (c)
{%- endmacro %}

{# The variance of every change from those of its basis: a change a year is a multiple of one of the two. #}
{% macro measure_change_variance(changes, variance) -%}
select
    c.unit, c.group_type, c.group_value, c.measure, c.indicator, c.position, c.change,
    v.variance * c.multiple * c.multiple as variance
from {{ changes }} as c
inner join {{ variance }} as v
    on {{ measure_same_change('c', 'v') }} and c.basis = v.change
where v.variance is not null and c.multiple is not null
{%- endmacro %}

{# The linearised value of a change, by PSU of either round or of both. #}
{% macro measure_change_influence(influence, changes) -%}
select
    c.unit, c.group_type, c.group_value, c.measure, c.indicator, c.position, c.k, c.change,
    i.stratum,
    i.psu,
    sum(i.z * if(i.round = 1, c.on_before, c.on_after)) as z
from {{ influence }} as i
inner join {{ changes }} as c
    on
        i.unit = c.unit and i.group_type = c.group_type and i.group_value = c.group_value
        and i.measure = c.measure and i.indicator is not distinct from c.indicator
        and i.position = c.position
where c.on_before is not null and c.on_after is not null
group by all
{%- endmacro %}

{#
  Shares of groups in all have no linearised values by PSU (measure_share_variance): where rounds are
  independent their variance follows from those of the rounds (by_round), else it is not known.
#}
{% macro measure_change_result(changes, variance, t, method, by_round=none) -%}
with change as (
    select
        c.*,
        {% if variance -%}
            sqrt({{ "coalesce(v.variance, c.on_before * c.on_before * b.variance"
                ~ " + c.on_after * c.on_after * a.variance)" if by_round else "v.variance" }})
        {%- else -%}
            cast(null as double)
        {%- endif %} as standard_error
    from {{ changes }} as c
    {% if variance -%}
        left join {{ variance }} as v
            on {{ measure_same_change('c', 'v') }} and c.change = v.change
    {% endif -%}
    {% if variance and by_round -%}
        left join {{ by_round }} as b
            on {{ measure_same_change('c', 'b') }} and b.round = 1
        left join {{ by_round }} as a
            on {{ measure_same_change('c', 'a') }} and a.round = 2
    {% endif -%}
)

select
    k,
    unit,
    group_type,
    group_value,
    measure,
    indicator,
    change,
    before,
    after,
    estimate,
    standard_error,
    estimate - {{ t }} * standard_error as ci_low,
    estimate + {{ t }} * standard_error as ci_high,
    {{ measure_text(method) }} as method,
    {{ "'symmetric'" if variance else "cast(null as varchar)" }} as interval_method
from change
{%- endmacro %}

{% macro measure_same_change(one, other) -%}
{{ one }}.unit = {{ other }}.unit and {{ one }}.group_type = {{ other }}.group_type
    and {{ one }}.group_value = {{ other }}.group_value and {{ one }}.measure = {{ other }}.measure
    and {{ one }}.indicator is not distinct from {{ other }}.indicator
    and {{ one }}.position = {{ other }}.position
{%- endmacro %}
