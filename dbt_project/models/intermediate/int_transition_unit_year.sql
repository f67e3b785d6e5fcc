{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

{% set units = transition_units() %}
{# what is counted of this year's rows, by class; then what the link shows alone #}
{% set kinds = {
    'begins': "is_begin",
    'at_end': "is_end",
    'to_other_class': "is_begin and not is_end and is_end_listed",
    'above_near_poor': "is_begin and end_class = 'not_poor' and change_type is distinct from 'other'",
    'dropped': "is_begin and end_class = 'not_poor' and change_type = 'other'",
    'moved_in': "is_begin and is_moved",
    'from_other_class': "is_end and not is_begin and is_begin_listed",
    'fell_back': "is_end and entry = 'fell_back'",
    'new': "is_end and entry = 'new'",
    'arrived': "is_end and entry = 'arrived'",
    'unlinked_begins': "is_begin and linked_by is null",
} %}
{% set links = {
    'unlinked_others': "is_begin and linked_by is null and change_type = 'other'",
    'linked_stayed': "was_here and is_end",
    'linked_to_other_class': "was_here and not is_end and is_end_listed",
    'linked_above_near_poor': "was_here and end_class = 'not_poor'",
    'linked_entered': "is_end and not was_here",
} %}
-- on the units of 31 December; first what this year's rows declare
with classes as (
    select unnest({{ transition_classes() }}) as poverty_class
),

household as (
    select
        h.year,
        h.standard,
        h.begin_class,
        h.end_class,
        h.change_type,
        h.linked_by,
        h.is_moved,
        h.entry,
        m.target_unit_id as unit_id,
        m.weight,
        c.poverty_class,
        1 as households,
        coalesce(h.household_size, 0) as persons,
        coalesce(h.previous_size, 0) as previous_persons,
        coalesce(h.begin_class = c.poverty_class, false) as is_begin,
        coalesce(h.begin_class in ('poor', 'near_poor'), false) as is_begin_listed,
        coalesce(h.end_class = c.poverty_class, false) as is_end,
        coalesce(h.end_class in ('poor', 'near_poor'), false) as is_end_listed,
        coalesce(h.previous_class = c.poverty_class and not h.is_moved, false) as was_here
    from {{ ref('int_household_movement') }} as h
    inner join {{ ref('int_map_year') }} as m
        on h.year = m.year and h.unit_id = m.unit_id and m.geography = 'as_reported'
    cross join classes as c
    where {{ in_window('h.year', ahead='all') }}
),

declared as (
    select
        year,
        standard,
        unit_id,
        poverty_class,
        {% for kind, condition in kinds.items() %}
            {% for unit in units %}
                {{ carried("if(" ~ condition ~ ", " ~ unit ~ ", 0)") }} as {{ kind }}_{{ unit }},
            {% endfor %}
        {% endfor %}
        {% for link, condition in links.items() %}
            {{ carried("if(" ~ condition ~ ", 1, 0)") }} as {{ link }},
        {% endfor %}
        -- births and deaths, marriages and departures in households that are on both lists
        {{ carried("if(is_begin and was_here, greatest(persons - previous_persons, 0), 0)") }}
            as grown_persons,
        {{ carried("if(is_begin and was_here, greatest(previous_persons - persons, 0), 0)") }}
            as shrunk_persons,
        count(begin_class) as known_begins
    from household
    group by year, standard, unit_id, poverty_class
),

-- then the list before, on this year's units: a household that is found stands where it is found
last_list as (
    select
        h.year + 1 as year,
        h.standard,
        h.poverty_class,
        1 as households,
        coalesce(h.household_size, 0) as persons,
        l.household_key is not null as is_linked,
        coalesce(l.is_moved, false) as is_moved,
        if(l.household_key is not null and not l.is_moved, l.unit_id, h.unit_id) as unit_id
    from {{ ref('int_household_year') }} as h
    left join {{ ref('int_household_link') }} as l on h.household_key = l.previous_key
    where {{ in_window('h.year', back=1, ahead='all') }} and h.poverty_class in ('poor', 'near_poor')
),

started as (
    select
        b.year,
        b.standard,
        m.target_unit_id as unit_id,
        {% for unit in units %}
            {{ carried("if(not b.is_linked, b." ~ unit ~ ", 0)") }} as unlinked_before_{{ unit }},
            {{ carried("if(b.is_moved, b." ~ unit ~ ", 0)") }} as moved_out_{{ unit }},
            {{ carried("b." ~ unit) }} as before_{{ unit }},
        {% endfor %}
        b.poverty_class
    from last_list as b
    inner join {{ ref('int_map_year') }} as m
        on b.year = m.year and b.unit_id = m.unit_id and m.geography = 'as_reported'
    group by b.year, b.standard, m.target_unit_id, b.poverty_class
),

paired as (
    select
        l.year,
        l.standard,
        l.unit_id,
        l.listed_households is not null as has_rows,
        p.has_previous_list,
        coalesce(d.known_begins, 0) as known_begins,
        {% for column in links.keys() | list + ['grown_persons', 'shrunk_persons'] %}
            coalesce(d.{{ column }}, 0) as {{ column }},
        {% endfor %}
        {% for unit in units %}
            {% for kind in kinds %}
                coalesce(d.{{ kind }}_{{ unit }}, 0) as {{ kind }}_{{ unit }},
            {% endfor %}
            coalesce(s.before_{{ unit }}, 0) as before_{{ unit }},
            coalesce(s.moved_out_{{ unit }}, 0) as moved_out_{{ unit }},
            coalesce(s.unlinked_before_{{ unit }}, 0) as unlinked_before_{{ unit }},
            -- who declares the class at the start and is not found stands for who is on the list before and
            -- not found; what is over on one side or the other is no household of both lists
            coalesce(d.unlinked_begins_{{ unit }}, 0) - coalesce(s.unlinked_before_{{ unit }}, 0)
                as excess_{{ unit }},
        {% endfor %}
        c.poverty_class
    from {{ ref('int_list_unit_year') }} as l
    inner join {{ ref('int_previous_list') }} as p
        on l.year = p.year and l.unit_id = p.unit_id and l.standard = p.standard
    cross join classes as c
    left join declared as d
        on
            l.year = d.year and l.unit_id = d.unit_id and l.standard = d.standard
            and c.poverty_class = d.poverty_class
    left join started as s
        on
            l.year = s.year and l.unit_id = s.unit_id and l.standard = s.standard
            and c.poverty_class = s.poverty_class
    where l.has_list and {{ in_window('l.year', ahead='all') }}
),

explained as (
    select
        *,
        -- without a list before, and without one declared class, nobody knows where they began
        has_previous_list or known_begins > 0 or not has_rows as is_start_known,
        has_previous_list and excess_households <= unlinked_others as is_excess_explained
    from paired
)

select
    year,
    standard,
    unit_id,
    poverty_class,
    case
        when has_previous_list then 'previous_list'
        when is_start_known then 'declared'
    end as start_source,
    {% for unit in units %}
        case
            when has_previous_list then before_{{ unit }}
            when is_start_known then begins_{{ unit }}
        end as {{ unit }}_at_start,
        {% for item in ['to_other_class', 'above_near_poor', 'from_other_class', 'fell_back', 'new'] %}
            if(is_start_known, {{ item }}_{{ unit }}, null) as {{ unit }}_{{ item }},
        {% endfor %}
        case
            when has_previous_list
                then
                    dropped_{{ unit }} + moved_out_{{ unit }}
                    {{ '+ shrunk_persons' if unit == 'persons' }}
                    + if(is_excess_explained, greatest(-excess_{{ unit }}, 0), 0)
            when is_start_known then dropped_{{ unit }}
        end as {{ unit }}_other_decrease,
        case
            when has_previous_list
                then
                    arrived_{{ unit }} + moved_in_{{ unit }}
                    {{ '+ grown_persons' if unit == 'persons' }}
                    + if(is_excess_explained, greatest(excess_{{ unit }}, 0), 0)
            when is_start_known then arrived_{{ unit }}
        end as {{ unit }}_other_increase,
        at_end_{{ unit }} as {{ unit }}_at_end,
    {% endfor %}
    if(has_previous_list, greatest(-excess_households, 0), null) as not_on_list_households,
    {% for item in ['stayed', 'to_other_class', 'above_near_poor', 'entered'] %}
        if(has_previous_list, linked_{{ item }}, null) as linked_{{ item }}_households,
    {% endfor %}
    if(has_previous_list, unlinked_before_households + moved_out_households, null) as linked_left_households
from explained
