{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

-- where every household of a list stood at the start, as declared, and where it stands at the end
with placed as (
    select
        p.year,
        m.unit_id,
        p.standard,
        bool_and(p.has_previous_list) as has_previous_list
    from {{ ref('int_previous_list') }} as p
    inner join {{ ref('int_map_year') }} as m
        on p.year = m.year and p.unit_id = m.target_unit_id and m.geography = 'as_reported'
    group by p.year, m.unit_id, p.standard
),

-- since when a head has been known as poor or near-poor, under whatever standard
history as (
    select
        head_citizen_key,
        min(year) filter (where poverty_class = 'poor') as poor_since,
        min(year) filter (where poverty_class = 'near_poor') as near_poor_since
    from {{ ref('int_household_year') }}
    where head_citizen_key is not null
    group by head_citizen_key
),

household as (
    select
        h.household_key,
        h.year,
        h.standard,
        h.unit_id,
        h.household_size,
        h.change_type,
        l.linked_by,
        l.previous_class,
        l.previous_size,
        coalesce(l.is_moved, false) as is_moved,
        coalesce(p.has_previous_list, false) as has_previous_list,
        coalesce(s.poor_since < h.year, false) as was_poor_before,
        coalesce(s.near_poor_since < h.year, false) as was_near_poor_before,
        if(h.poverty_class = 'average', 'not_poor', h.poverty_class) as end_class,
        -- a movement that can begin in one class only declares it too
        coalesce(
            if(h.class_begin = 'average', 'not_poor', h.class_begin),
            case
                when h.change_type in ('still_poor', 'escaped') then 'poor'
                when h.change_type = 'escaped_near_poor' then 'near_poor'
            end
        ) as declared_begin
    from {{ ref('int_household_year') }} as h
    left join {{ ref('int_household_link') }} as l on h.household_key = l.household_key
    left join placed as p on h.year = p.year and h.unit_id = p.unit_id and h.standard = p.standard
    left join history as s on h.head_citizen_key = s.head_citizen_key
    where {{ in_window('h.year', ahead='all') }}
),

begun as (
    select
        *,
        coalesce(
            declared_begin,
            previous_class,
            if(change_type in ('new_poor', 'poor_again', 'fell_to_near_poor'), 'not_poor', null),
            -- not on the list before, where there was one
            if(has_previous_list, 'not_poor', null)
        ) as begin_class
    from household
)

select
    household_key,
    year,
    standard,
    unit_id,
    household_size,
    change_type,
    linked_by,
    previous_class,
    previous_size,
    is_moved,
    has_previous_list,
    begin_class,
    end_class,
    declared_begin is null and begin_class is not null as is_begin_filled,
    coalesce(declared_begin <> previous_class, false) as is_begin_mismatch,
    has_previous_list and linked_by is null
    and coalesce(declared_begin in ('poor', 'near_poor'), false) as is_begin_without_link,
    case
        when begin_class <> 'not_poor' or end_class not in ('poor', 'near_poor') then null
        when begin_class is null then null
        when change_type = 'other' then 'arrived'
        when change_type = 'poor_again' and end_class = 'poor' then 'fell_back'
        when change_type = 'new_poor' and end_class = 'poor' then 'new'
        when end_class = 'poor' and was_poor_before then 'fell_back'
        when end_class = 'near_poor' and was_near_poor_before then 'fell_back'
        else 'new'
    end as entry
from begun
