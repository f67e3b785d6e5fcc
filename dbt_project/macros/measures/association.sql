{#
  How far two indicators say the same: Cramér's V of their two-by-two table, and the share of the rarer
  deprivation that the other one covers, R = P(both) / min(P(a), P(b)) (Alkire et al. 2015, chapter 7).
  Uncensored. Null where an indicator does not vary (V) or deprives nobody (R).

  patterns: measure_pattern_groups.
#}
{% macro measure_association(patterns, over, indicators) -%}
{% set place = (over + ['unit', 'group_type', 'group_value']) | join(', ') -%}
with joint as (
    select
        {{ place }},
        sum(population) as population
        {% for a in indicators -%}
            {% set i = loop.index -%}
            {% set bit = 2 ** loop.index0 -%}
            , sum(population * cast(pattern & {{ bit }} = {{ bit }} as integer)) as alone_{{ i }}
            {% for b in indicators[i:] -%}
                {% set bits = bit + 2 ** (i + loop.index - 1) -%}
                , sum(population * cast(pattern & {{ bits }} = {{ bits }} as integer))
                as both_{{ i }}_{{ i + loop.index }}
            {% endfor -%}
        {% endfor -%}
    from {{ patterns }}
    group by {{ place }}
),

pair as (
    select
        {{ place }},
        cast(population as double) as population,
        unnest([
            {% for a in indicators -%}
                {% set i = loop.index -%}
                {% set last = loop.last -%}
                {% for b in indicators[i:] -%}
                    {
                        indicator: {{ measure_text(a.name) }},
                        other_indicator: {{ measure_text(b.name) }},
                        p_a: alone_{{ i }} / cast(population as double),
                        p_b: alone_{{ i + loop.index }} / cast(population as double),
                        p_both: both_{{ i }}_{{ i + loop.index }} / cast(population as double)
                    }{{ "," if not (loop.last and i == indicators | length - 1) }}
                {% endfor -%}
            {% endfor -%}
        ], recursive := true)
    from joint
    where population > 0
)

select
    {{ place }},
    indicator,
    other_indicator,
    p_a as share_deprived,
    p_b as other_share_deprived,
    p_both as share_both,
    case
        when p_a > 1e-12 and p_a < 1 - 1e-12 and p_b > 1e-12 and p_b < 1 - 1e-12
            then least(1, abs(p_both - p_a * p_b) / sqrt(p_a * (1 - p_a) * p_b * (1 - p_b)))
    end as cramers_v,
    case when least(p_a, p_b) > 0 then least(1, p_both / least(p_a, p_b)) end as redundancy
from pair
{%- endmacro %}

