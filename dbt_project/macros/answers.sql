{#
  How raw answers become deprivations: the parts that the rules share. The rules themselves, one an
  indicator, stand in int_member_answer (of one member) and int_household_answer (of the household).

  Nothing that was not answered is taken for an answer: every part is true, false or null, and null
  stays null unless the rest of the rule decides without it.
#}

{# The questions that int_household_answer answers; each is the indicator of Decree 07/2021 of that code. #}
{% macro answered_questions() -%}
    {{ return([
        'employment', 'dependents', 'nutrition', 'health_insurance', 'adult_education', 'child_schooling',
        'housing_quality', 'housing_area', 'water', 'toilet', 'telecom', 'info_means'
    ]) }}
{%- endmacro %}

{# Whether an answer is one that means deprived; null where it is blank or not judged. #}
{% macro judged_answer(column, question) -%}
    case
        when {{ column }} in (select answer from {{ ref('answers') }} where question = '{{ question }}' and is_deprived)
            then true
        when {{ column }} in (select answer from {{ ref('answers') }} where question = '{{ question }}' and not is_deprived)
            then false
    end
{%- endmacro %}

{# A yes-or-no answer of a file that only ticks its yeses: there a blank is a no, elsewhere no answer. #}
{% macro ticked(column) -%}
    bool_or({{ column }}) and not coalesce(bool_or(not {{ column }}), false) as is_ticked_{{ column }}
{%- endmacro %}

{% macro answered(column, record='r', file='f') -%}
    coalesce({{ record }}.{{ column }}, if({{ file }}.is_ticked_{{ column }}, false, null)) as {{ column }}
{%- endmacro %}

{#
  Whether it holds of at least one member: yes as soon as it does of one; no only where it does not of
  every member and all members were sent.
#}
{% macro of_any_member(column) -%}
    case
        when m.any_{{ column }} then true
        when m.unknown_{{ column }} = 0 and m.members_sent >= h.household_size then false
    end
{%- endmacro %}
