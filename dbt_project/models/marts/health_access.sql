with facts as (
    select
        h.year,
        m.geography,
        m.target_unit_id as unit_id,
        m.commune_code,
        m.commune_name,
        h.poverty_class,
        {{ carried('h.persons', 'm.weight') }} as listed_persons,
        {{ carried('h.insured_persons', 'm.weight') }} as insured_persons,
        bool_or(h.is_unmatched) as is_unmatched,
        {{ carried('h.visits', 'm.weight') }} as visits,
        {{ carried('h.total_cost', 'm.weight') }} as total_cost,
        {{ carried('h.out_of_pocket', 'm.weight') }} as out_of_pocket
    from {{ ref('int_health_unit_year') }} as h
    inner join {{ ref('int_map_year') }} as m on h.year = m.year and h.unit_id = m.unit_id
    group by
        h.year, m.geography, m.target_unit_id, m.commune_code, m.commune_name, h.poverty_class
),

denominators as (
    select
        year,
        geography,
        unit_id,
        if(count(persons) = count(*), sum(persons), null) as persons
    from {{ ref('int_denominator_commune_year') }}
    group by year, geography, unit_id
),

card_years as (
    select distinct year from {{ ref('int_insured_unit_year') }}
),

visit_years as (
    select distinct year from {{ ref('int_visit_unit_year') }}
),

joined as (
    select
        f.year,
        f.geography,
        f.commune_code,
        f.commune_name,
        f.poverty_class,
        if(f.poverty_class = 'all', d.persons, f.listed_persons) as persons,
        if(k.year is null or f.is_unmatched, null, f.insured_persons) as insured_persons,
        if(v.year is null or f.is_unmatched, null, f.visits) as visits,
        if(v.year is null or f.is_unmatched, null, f.total_cost) as total_cost,
        if(v.year is null or f.is_unmatched, null, f.out_of_pocket) as out_of_pocket
    from facts as f
    left join denominators as d on f.year = d.year and f.geography = d.geography and f.unit_id = d.unit_id
    left join card_years as k on f.year = k.year
    left join visit_years as v on f.year = v.year
    -- no drop for a year, no rows
    where k.year is not null or v.year is not null
)

select
    year,
    geography,
    commune_code,
    commune_name,
    poverty_class,
    cast(persons as double) as persons,
    cast(insured_persons as double) as insured_persons,
    {{ rate('insured_persons', 'persons') }} as insured_rate,
    cast(visits as double) as visits,
    if(persons > 0, cast(visits as double) / cast(persons as double), null) as visits_per_person,
    cast(total_cost as double) as total_cost,
    cast(out_of_pocket as double) as out_of_pocket
from joined
