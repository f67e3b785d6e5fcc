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

{#
  What points of form B1 say of lines in money, without knowing what a point is worth: within a line of
  their own standard is within every line at least as high, above it is above every line at most as
  high. An income that stands on the same side of every line of the applied standard, or null where the
  points leave the side open.
#}
{% macro implied_income(points, own_line_points, own_upper_points, own_line, own_upper, line, upper_line) -%}
    case
        when {{ points }} <= {{ own_line_points }} and {{ own_line }} <= {{ line }} then {{ line }}
        when {{ points }} <= {{ own_upper_points }} and {{ own_upper }} <= {{ line }} then {{ line }}
        when {{ points }} > {{ own_upper_points }} and {{ own_upper }} >= {{ upper_line }} then {{ upper_line }} + 1
        when {{ points }} > {{ own_line_points }} and {{ own_line }} >= {{ upper_line }} then {{ upper_line }} + 1
        when
            {{ points }} > {{ own_line_points }} and {{ points }} <= {{ own_upper_points }}
            and {{ own_line }} >= {{ line }} and {{ own_upper }} <= {{ upper_line }}
            then {{ upper_line }}
    end
{%- endmacro %}
