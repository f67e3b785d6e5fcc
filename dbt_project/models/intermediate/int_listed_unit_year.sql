-- the list in force: poor households of every unit, by the year in which it holds
select
    f.year,
    p.unit_id,
    sum(p.poor_households) as poor_households,
    sum(p.near_poor_households) as near_poor_households
from {{ ref('int_list_in_force') }} as f
inner join {{ ref('int_poverty_unit_year') }} as p on f.list_year = p.year and f.standard = p.standard
group by f.year, p.unit_id
