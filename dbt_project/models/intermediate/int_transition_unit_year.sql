{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

{% set units = transition_units() %}
{% set listed = "('poor', 'near_poor')" %}
-- on the units of 31 December; first what this year's rows declare
with classes as (
    select unnest({{ transition_classes() }}) as poverty_class
),

declared as (
    select
        h.year,
        h.standard,
        m.target_unit_id as unit_id,
        c.poverty_class,
        count(h.begin_class) as known_begins,
        {{ carried("if(h.begin_class = c.poverty_class and h.linked_by is null, 1, 0)") }} as unlinked_begins,
        {{ carried("if(h.begin_class = c.poverty_class and h.linked_by is null and h.change_type = 'other', 1, 0)") }} as unlinked_others,
        {% for unit, amount in units.items() %}
            {% set size = amount.replace('household_size', 'h.household_size') %}
            {% set kinds = {
                'begins': "h.begin_class = c.poverty_class",
                'at_end': "h.end_class = c.poverty_class",
                'to_other_class': "h.begin_class = c.poverty_class and h.end_class <> c.poverty_class and h.end_class in " ~ listed,
                'above_near_poor': "h.begin_class = c.poverty_class and h.end_class = 'not_poor' and h.change_type is distinct from 'other'",
                'dropped': "h.begin_class = c.poverty_class and h.end_class = 'not_poor' and h.change_type = 'other'",
                'moved_in': "h.begin_class = c.poverty_class and h.is_moved",
                'from_other_class': "h.end_class = c.poverty_class and h.begin_class <> c.poverty_class and h.begin_class in " ~ listed,
                'fell_back': "h.end_class = c.poverty_class and h.entry = 'fell_back'",
                'new': "h.end_class = c.poverty_class and h.entry = 'new'",
                'arrived': "h.end_class = c.poverty_class and h.entry = 'arrived'",
            } %}
            {% for kind, condition in kinds.items() %}
                {{ carried("if(" ~ condition ~ ", " ~ size ~ ", 0)") }} as {{ kind }}_{{ unit }},
            {% endfor %}
        {% endfor %}
        {{ carried("if(h.begin_class = c.poverty_class and h.linked_by is null, coalesce(h.household_size, 0), 0)") }}
            as unlinked_begin_persons,
        -- births and deaths, marriages and departures in households that are on both lists
        {{ carried("if(h.begin_class = c.poverty_class and h.previous_class = c.poverty_class and not h.is_moved, greatest(coalesce(h.household_size, 0) - coalesce(h.previous_size, 0), 0), 0)") }}
            as grown_persons,
        {{ carried("if(h.begin_class = c.poverty_class and h.previous_class = c.poverty_class and not h.is_moved, greatest(coalesce(h.previous_size, 0) - coalesce(h.household_size, 0), 0), 0)") }}
            as shrunk_persons,
        -- the same movements by the link alone
        {{ carried("if(h.previous_class = c.poverty_class and not h.is_moved and h.end_class = c.poverty_class, 1, 0)") }}
            as linked_stayed,
        {{ carried("if(h.previous_class = c.poverty_class and not h.is_moved and h.end_class <> c.poverty_class and h.end_class in " ~ listed ~ ", 1, 0)") }}
            as linked_to_other_class,
        {{ carried("if(h.previous_class = c.poverty_class and not h.is_moved and h.end_class = 'not_poor', 1, 0)") }}
            as linked_above_near_poor,
        {{ carried("if(h.end_class = c.poverty_class and not coalesce(h.previous_class = c.poverty_class and not h.is_moved, false), 1, 0)") }}
            as linked_entered
    from {{ ref('int_household_movement') }} as h
    inner join {{ ref('int_map_year') }} as m
        on h.year = m.year and h.unit_id = m.unit_id and m.geography = 'as_reported'
    cross join classes as c
    where {{ in_window('h.year', ahead='all') }}
    group by h.year, h.standard, m.target_unit_id, c.poverty_class
),

-- then the list before, on this year's units: a household that is found stands where it is found
last_list as (
    select
        h.year + 1 as year,
        h.standard,
        h.poverty_class,
        h.household_size,
        l.household_key is not null as is_linked,
        coalesce(l.is_moved, false) as is_moved,
        if(l.household_key is not null and not l.is_moved, l.unit_id, h.unit_id) as unit_id
    from {{ ref('int_household_year') }} as h
    left join {{ ref('int_household_link') }} as l on h.household_key = l.previous_key
    where {{ in_window('h.year', back=1, ahead='all') }} and h.poverty_class in {{ listed }}
),

started as (
    select
        b.year,
        b.standard,
        m.target_unit_id as unit_id,
        b.poverty_class,
        {{ carried("if(not b.is_linked, 1, 0)") }} as unlinked_before,
        {{ carried("if(not b.is_linked, coalesce(b.household_size, 0), 0)") }} as unlinked_before_persons,
        {% for unit, amount in units.items() %}
            {% set size = amount.replace('household_size', 'b.household_size') %}
            {{ carried("if(b.is_moved, " ~ size ~ ", 0)") }} as moved_out_{{ unit }},
            {{ carried(size) }} as before_{{ unit }}{{ "," if not loop.last }}
        {% endfor %}
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
        c.poverty_class,
        l.listed_households is not null as has_rows,
        p.has_previous_list,
        coalesce(d.known_begins, 0) as known_begins,
        {% for column in [
            'unlinked_others', 'unlinked_begin_persons', 'grown_persons', 'shrunk_persons',
            'linked_stayed', 'linked_to_other_class', 'linked_above_near_poor', 'linked_entered'
        ] %}
            coalesce(d.{{ column }}, 0) as {{ column }},
        {% endfor %}
        {% for unit in units %}
            {% for column in [
                'begins', 'at_end', 'to_other_class', 'above_near_poor', 'dropped', 'moved_in',
                'from_other_class', 'fell_back', 'new', 'arrived'
            ] %}
                coalesce(d.{{ column }}_{{ unit }}, 0) as {{ column }}_{{ unit }},
            {% endfor %}
            coalesce(s.before_{{ unit }}, 0) as before_{{ unit }},
            coalesce(s.moved_out_{{ unit }}, 0) as moved_out_{{ unit }},
        {% endfor %}
        coalesce(s.unlinked_before, 0) as unlinked_before,
        -- who declares the class at the start and is not found stands for who is on the list before and not
        -- found; what is over on one side or the other is no household of both lists
        coalesce(d.unlinked_begins, 0) - coalesce(s.unlinked_before, 0) as excess,
        coalesce(d.unlinked_begin_persons, 0) - coalesce(s.unlinked_before_persons, 0) as excess_persons
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
        has_previous_list and excess <= unlinked_others as is_excess_explained
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
        {% set excess = 'excess' if unit == 'households' else 'excess_persons' %}
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
                    + if(is_excess_explained, greatest(-{{ excess }}, 0), 0)
            when is_start_known then dropped_{{ unit }}
        end as {{ unit }}_other_decrease,
        case
            when has_previous_list
                then
                    arrived_{{ unit }} + moved_in_{{ unit }}
                    {{ '+ grown_persons' if unit == 'persons' }}
                    + if(is_excess_explained, greatest({{ excess }}, 0), 0)
            when is_start_known then arrived_{{ unit }}
        end as {{ unit }}_other_increase,
        at_end_{{ unit }} as {{ unit }}_at_end,
    {% endfor %}
    if(has_previous_list, greatest(-excess, 0), null) as not_on_list_households,
    {% for item in ['stayed', 'to_other_class', 'above_near_poor', 'entered'] %}
        if(has_previous_list, linked_{{ item }}, null) as linked_{{ item }}_households,
    {% endfor %}
    if(has_previous_list, unlinked_before + moved_out_households, null) as linked_left_households
from explained
