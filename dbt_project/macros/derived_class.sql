{#
  The class that follows from a score and from being deprived, under a standard; null where it does
  not follow.

  A score is the points of form B1 where they are given and the standard has point lines, else the
  income. Above the upper line nothing else is needed; a standard of rule `or` needs nothing else
  below its lower line either; between, being deprived (`deprived`: true, false or null) decides, and
  without it there is no class. A standard of rule `deprivations` looks at no score. Points derive no
  `average`.
#}
{% macro derived_class(score, line, upper_line, average_line, deprived, rule) -%}
    case
        when {{ rule }} = 'deprivations'
            then case when {{ deprived }} then 'poor' when not {{ deprived }} then 'not_poor' end
        when {{ score }} is null or {{ upper_line }} is null then null
        when {{ score }} > {{ upper_line }}
            then if({{ score }} <= {{ average_line }}, 'average', 'not_poor')
        when {{ rule }} = 'or' and {{ score }} <= {{ line }} then 'poor'
        when {{ deprived }} is null then null
        when {{ deprived }} then 'poor'
        else 'near_poor'
    end
{%- endmacro %}
