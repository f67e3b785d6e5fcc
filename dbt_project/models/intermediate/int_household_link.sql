{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail',
    meta={'window_ahead': 'all'}
) }}

-- a household on its year's list and on the list before, under one standard: first by the head's citizen id
with household as (
    select
        household_key,
        year,
        standard,
        unit_id,
        head_citizen_key,
        lower(trim(village)) as village,
        head_birth_year,
        head_sex,
        ethnicity,
        household_size,
        if(poverty_class = 'average', 'not_poor', poverty_class) as poverty_class
    from {{ ref('int_household_year') }}
    where {{ in_window('year', back=1, ahead='all') }}
),

-- an id that heads two households of a list tells neither of them
identified as (
    select
        year,
        standard,
        head_citizen_key,
        any_value(household_key) as household_key
    from household
    where head_citizen_key is not null
    group by year, standard, head_citizen_key
    having count(*) = 1
),

by_citizen as (
    select
        n.household_key,
        b.household_key as previous_key
    from identified as n
    inner join identified as b
        on n.year = b.year + 1 and n.standard = b.standard and n.head_citizen_key = b.head_citizen_key
),

-- the weaker link, for who is left on both lists: the head's birth year, sex and group in one village of
-- a commune. The number in the village is no help, it changes from year to year.
described as (
    select
        h.year + shift.years as year,
        shift.years = 1 as is_before,
        h.standard,
        m.target_unit_id,
        h.village,
        h.head_birth_year,
        h.head_sex,
        h.ethnicity,
        h.household_key
    from household as h
    cross join (values (0), (1)) as shift (years)
    inner join {{ ref('int_map_year') }} as m
        on h.year + shift.years = m.year and h.unit_id = m.unit_id and m.geography = 'as_reported'
    left join by_citizen as n on shift.years = 0 and h.household_key = n.household_key
    left join by_citizen as b on shift.years = 1 and h.household_key = b.previous_key
    where
        n.household_key is null and b.previous_key is null
        and h.village is not null and h.head_birth_year is not null and h.head_sex is not null
),

resembling as (
    select distinct
        n.household_key,
        b.household_key as previous_key
    from described as n
    inner join described as b
        on
            n.year = b.year and n.standard = b.standard and n.target_unit_id = b.target_unit_id
            and n.village = b.village and n.head_birth_year = b.head_birth_year
            and n.head_sex = b.head_sex and n.ethnicity is not distinct from b.ethnicity
    where not n.is_before and b.is_before
),

linked as (
    select
        household_key,
        previous_key,
        'citizen_id' as linked_by
    from by_citizen
    union all
    -- only where nobody else answers to the description
    select
        household_key,
        previous_key,
        'village_and_birth_year' as linked_by
    from resembling
    qualify
        count(*) over (partition by household_key) = 1 and count(*) over (partition by previous_key) = 1
),

neighbours as (
    select distinct
        a.year,
        a.unit_id,
        b.unit_id as previous_unit_id
    from {{ ref('int_map_year') }} as a
    inner join {{ ref('int_map_year') }} as b
        on a.year = b.year and a.geography = b.geography and a.target_unit_id = b.target_unit_id
    where a.geography = 'as_reported'
)

select
    n.household_key,
    n.year,
    n.standard,
    n.unit_id,
    l.linked_by,
    b.household_key as previous_key,
    b.unit_id as previous_unit_id,
    b.poverty_class as previous_class,
    b.household_size as previous_size,
    -- on the map of this year both units have nothing in common
    s.unit_id is null as is_moved
from linked as l
inner join household as n on l.household_key = n.household_key
inner join household as b on l.previous_key = b.household_key
left join neighbours as s
    on n.year = s.year and n.unit_id = s.unit_id and b.unit_id = s.previous_unit_id
where {{ in_window('n.year', ahead='all') }}
