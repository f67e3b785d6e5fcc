{#
  A rate is null where its denominator is missing or 0, or where it would exceed 1: never 0 for
  want of knowledge, never above 1.
#}
{% macro rate(numerator, denominator) -%}
    case
        when {{ denominator }} > 0 and {{ numerator }} between 0 and {{ denominator }}
            then cast({{ numerator }} as double) / cast({{ denominator }} as double)
    end
{%- endmacro %}

{# A count or an amount carried over a map: exact decimals, so that the order of adding does not matter. #}
{% macro carried(amount, weight='weight') -%}
    sum(cast({{ amount }} as decimal(28, 6)) * cast({{ weight }} as decimal(9, 6)))
{%- endmacro %}
