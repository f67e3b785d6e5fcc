{# The rows that a reader gets: estimate, error, interval, method, and of whom they speak. #}

{# t: SQL of the quantile of Student's t, by row; variance: relation, or nothing for a census. #}
{% macro measure_result(estimates, facts, over, variance=none, t='null') -%}
with estimate as (
    select
        e.*,
        {% if variance -%}
            sqrt(v.variance) as standard_error,
            if(e.measure = 'monetary_watts', 'symmetric', 'logit') as interval_method,
            'taylor' as method
        {%- else -%}
            cast(null as double) as standard_error,
            cast(null as varchar) as interval_method,
            'census' as method
        {%- endif %}

    from {{ estimates }} as e
    {% if variance -%}
        left join {{ variance }} as v
            on
                {% for column in over %}e.{{ column }} = v.{{ column }} and {% endfor %}
                e.unit = v.unit and e.group_type = v.group_type and e.group_value = v.group_value
                and e.measure = v.measure and e.indicator is not distinct from v.indicator
                and e.position = v.position
    {%- endif %}

)

select
    {% for column in over %}e.{{ column }}, {% endfor %}
    e.k,
    e.unit,
    e.group_type,
    e.group_value,
    e.measure,
    e.indicator,
    e.estimate,
    e.standard_error,
    cast({{ measure_interval('-', t) }} as double) as ci_low,
    cast({{ measure_interval('+', t) }} as double) as ci_high,
    e.method,
    e.interval_method,
    f.observations,
    f.population,
    f.not_judged_share
from estimate as e
inner join {{ facts }} as f
    on
        {% for column in over %}e.{{ column }} = f.{{ column }} and {% endfor %}
        e.unit = f.unit and e.group_type = f.group_type and e.group_value = f.group_value
{%- endmacro %}
