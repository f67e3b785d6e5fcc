{% set classes = transition_classes() %}
{% set units = transition_units() %}
{% set items = transition_items().keys() | list + ['at_end'] %}
{% set linked = [
    'not_on_list', 'linked_stayed', 'linked_to_other_class', 'linked_above_near_poor', 'linked_left',
    'linked_entered'
] %}
{% set links = [
    'listed_households', 'linked_households', 'weakly_linked_households', 'begin_filled_households',
    'begin_mismatch_households', 'begin_without_link_households'
] %}
with counts as (
    select
        t.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        m.province_code,
        t.standard,
        {% for class in classes %}
            {% for unit in units %}
                {% for item in items %}
                    -- a commune of which a part does not know its start does not know it either
                    {% set mine = "if(t.poverty_class = '" ~ class ~ "', t." ~ unit ~ "_" ~ item ~ ", 0)" %}
                    if(
                        count(t.{{ unit }}_{{ item }}) = count(*), {{ carried(mine, 'm.weight') }}, null
                    ) as {{ class }}_{{ unit }}_{{ item }},
                {% endfor %}
            {% endfor %}
            {% for item in linked %}
                {% set mine = "if(t.poverty_class = '" ~ class ~ "', t." ~ item ~ "_households, 0)" %}
                if(
                    count(t.{{ item }}_households) = count(*), {{ carried(mine, 'm.weight') }}, null
                ) as {{ class }}_{{ item }},
            {% endfor %}
        {% endfor %}
        case
            when count(t.start_source) < count(*) then null
            when min(t.start_source) = max(t.start_source) then min(t.start_source)
            else 'mixed'
        end as start_source
    from {{ ref('int_transition_unit_year') }} as t
    inner join {{ ref('int_map_year') }} as m on t.year = m.year and t.unit_id = m.unit_id
    group by t.year, m.geography, m.commune_code, m.commune_name, m.province_code, t.standard
),

links as (
    select
        l.year,
        m.geography,
        m.commune_code,
        {% for column in links %}
            {{ carried('l.' ~ column, 'm.weight') }} as {{ column }},
        {% endfor %}
        l.standard
    from {{ ref('int_link_unit_year') }} as l
    inner join {{ ref('int_map_year') }} as m on l.year = m.year and l.unit_id = m.unit_id
    group by l.year, m.geography, m.commune_code, l.standard
),

gaps as (
    select
        *
        {% for class in classes %}
            {% for unit in units %}
                ,
                {{ transition_gap(class ~ '_' ~ unit ~ '_') }} as {{ class }}_{{ unit }}_gap
            {% endfor %}
        {% endfor %}
    from counts
)

select
    g.year,
    g.geography,
    g.commune_code,
    g.commune_name,
    g.province_code,
    g.standard,
    g.start_source,
    {% for class in classes %}
        {% for unit in units %}
            {% for item in items + ['gap'] %}
                cast(g.{{ class }}_{{ unit }}_{{ item }} as double)
                    as {{ transition_column(class, unit, item) }},
            {% endfor %}
        {% endfor %}
    {% endfor %}
    -- the weights of a divided commune have six places
    {% for class in classes %}
        {% for unit in units %}
            {{ "and" if not (loop.first and class == classes[0]) }} abs(g.{{ class }}_{{ unit }}_gap) < 0.001
        {% endfor %}
    {% endfor %} as balances,
    {% for class in classes %}
        {% for item in linked %}
            cast(g.{{ class }}_{{ item }} as double)
                as {{ transition_column(class, 'households', item) }},
        {% endfor %}
    {% endfor %}
    {% for column in links %}
        cast(coalesce(l.{{ column }}, 0) as double) as {{ column }},
    {% endfor %}
    r.is_headline,
    r.is_final
from gaps as g
inner join {{ ref('int_review_year') }} as r on g.year = r.year and g.standard = r.standard
left join links as l
    on
        g.year = l.year and g.geography = l.geography and g.commune_code = l.commune_code
        and g.standard = l.standard
