{#
  The balance of the official forms 2 and 3: what is counted, and its items in their official order
  (9 = 1 - 2 - 3 - 4 + 5 + 6 + 7 + 8), each with its sign.
#}
{% macro transition_classes() -%}
    {{ return(['poor', 'near_poor']) }}
{%- endmacro %}

{% macro transition_units() -%}
    {{ return(['households', 'persons']) }}
{%- endmacro %}

{% macro transition_items() -%}
    {{ return({
        'at_start': 1, 'to_other_class': -1, 'above_near_poor': -1, 'other_decrease': -1,
        'from_other_class': 1, 'fell_back': 1, 'new': 1, 'other_increase': 1
    }) }}
{%- endmacro %}

{# An item's name in the mart: the other class of the poor is near-poor, and the other way round. #}
{% macro transition_column(poverty_class, unit, item) -%}
    {{ return(
        poverty_class ~ '_' ~ unit ~ '_'
        ~ item.replace('other_class', 'near_poor' if poverty_class == 'poor' else 'poor')
    ) }}
{%- endmacro %}

{# What is at the end without having come by any item: 0 where the balance holds. #}
{% macro transition_gap(prefix) -%}
    {{ prefix }}at_end
    {%- for item, sign in transition_items().items() %}
    {{ '-' if sign > 0 else '+' }} {{ prefix }}{{ item }}
    {%- endfor %}
{%- endmacro %}
