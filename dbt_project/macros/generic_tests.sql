{# What must hold of a table: its grain, its rates, its sums. A row that is returned is a breach. #}

{% test unique_grain(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as rows_of_grain
    from {{ model }}
    group by {{ columns | join(', ') }}
    -- a key column is never null either
    having
        count(*) > 1
        {% for column in columns %}or {{ column }} is null {% endfor %}
{% endtest %}

{% test rate_between_0_and_1(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < 0 or {{ column_name }} > 1
{% endtest %}

{% test not_negative(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} < 0
{% endtest %}

{# Every number of a table at once, but for columns with one of these endings. #}
{% test none_negative(model, but=[]) %}
    select *
    from {{ model }}
    where
        false
        {% for column in adapter.get_columns_in_relation(model) if column.is_number() or column.is_float() %}
            {% if not but | select('in', column.name) | list %}
                or {{ column.name }} < 0
            {% endif %}
        {% endfor %}
{% endtest %}

{% test not_above(model, part, whole) %}
    select
        {{ part }},
        {{ whole }}
    from {{ model }}
    where {{ part }} > {{ whole }} + 0.000001
{% endtest %}

{# Whatever is carried to today's map was reported on the other: nothing is lost or won on the way. #}
{% test same_total_on_both_maps(model, columns, by) %}
    select
        {{ by | join(', ') }}
    from {{ model }}
    group by {{ by | join(', ') }}
    having
        {% for column in columns -%}
            abs(
                coalesce(sum({{ column }}) filter (where geography = 'as_reported'), 0)
                - coalesce(sum({{ column }}) filter (where geography = 'current'), 0)
            ) > 0.001 + 0.000000001 * abs(coalesce(sum({{ column }}), 0))
            {{ "or" if not loop.last }}
        {% endfor %}
{% endtest %}

{% test weights_add_up(model, by, tolerance) %}
    select
        {{ by | join(', ') }},
        sum(weight) as total
    from {{ model }}
    group by {{ by | join(', ') }}
    having abs(sum(weight) - 1) > {{ tolerance }}
{% endtest %}

{# Two tables that count the same things agree, row by row; `columns` pairs the one's with the other's. #}
{% test same_counts_as(model, other, by, columns) %}
    select
        {% for key in by %}
            m.{{ key }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ model }} as m
    inner join {{ other }} as o on {% for key in by %} m.{{ key }} = o.{{ key }} {{ "and" if not loop.last }} {% endfor %}
    where
        {% for mine, theirs in columns.items() %}
            abs(m.{{ mine }} - o.{{ theirs }}) > 0.001 {{ "or" if not loop.last }}
        {% endfor %}
{% endtest %}

{# 9 = 1 - 2 - 3 - 4 + 5 + 6 + 7 + 8, or the row says by how much it is missed. #}
{% test balance_is_told(model) %}
    select *
    from {{ model }}
    where
        {% for class in transition_classes() %}
            {% for unit in transition_units() %}
                abs(
                    {% for item, sign in transition_items().items() %}
                        {{ '+' if sign > 0 else '-' }} {{ transition_column(class, unit, item) }}
                    {% endfor %}
                    + {{ transition_column(class, unit, 'gap') }} - {{ transition_column(class, unit, 'at_end') }}
                ) > 0.001
                or (balances and abs({{ transition_column(class, unit, 'gap') }}) > 0.001)
                {{ "or" if not (loop.last and class == transition_classes()[-1]) }}
            {% endfor %}
        {% endfor %}
{% endtest %}
