{#
  The class that follows from a score under a standard; null where it does not follow.

  A score is the points of form B1 where they are given and the standard has point lines, else the
  income. Above the upper line nothing else is needed; a standard of rule `or` needs nothing else
  below its lower line either; between, the deprivations decide, and without them there is no class.
  Points derive no `average`.
#}
{% macro derived_class(score, line, upper_line, average_line, b2_points, rule, cutoff) -%}
    case
        when {{ score }} is null or {{ upper_line }} is null then null
        when {{ score }} > {{ upper_line }}
            then if({{ score }} <= {{ average_line }}, 'average', 'not_poor')
        when {{ rule }} = 'or' and {{ score }} <= {{ line }} then 'poor'
        when {{ b2_points }} is null then null
        when {{ b2_points }} >= 10 * {{ cutoff }} then 'poor'
        else 'near_poor'
    end
{%- endmacro %}
