-- persons of the poor and near-poor on the headline list: members where they were sent, else household sizes
with members as (
    select
        year,
        unit_id,
        poverty_class,
        count(*) as persons,
        count(*) filter (where is_insured) as insured_persons,
        bool_and(is_insured is not null) as has_register
    from {{ ref('int_listed_person_health') }}
    group by year, unit_id, poverty_class
),

sizes as (
    select
        p.year,
        p.unit_id,
        k.poverty_class,
        sum(if(k.poverty_class = 'poor', p.poor_persons, p.near_poor_persons)) as persons
    from {{ ref('int_poverty_unit_year') }} as p
    inner join {{ ref('int_review_year') }} as r
        on p.year = r.year and p.standard = r.standard and r.is_headline
    cross join (select unnest(['poor', 'near_poor']) as poverty_class) as k
    group by p.year, p.unit_id, k.poverty_class
)

select
    s.year,
    s.unit_id,
    s.poverty_class,
    coalesce(m.persons, s.persons) as persons,
    case
        when m.persons is not null then if(m.has_register, m.insured_persons, null)
        -- a class without persons has none that are insured
        when s.persons = 0 then 0
    end as insured_persons,
    -- without member rows nobody of the class can be found in the register or among the claims
    m.persons is null and s.persons > 0 as is_unmatched
from sizes as s
left join members as m on s.year = m.year and s.unit_id = m.unit_id and s.poverty_class = m.poverty_class
