-- both maps; a commune of which a part has announced nothing has no announced count
select
    l.year,
    m.geography,
    m.target_unit_id as unit_id,
    l.standard,
    if(
        count(l.announced_poor_households) = count(*),
        {{ carried('l.announced_poor_households', 'm.weight') }},
        null
    ) as announced_poor_households,
    -- a commune has sent its list where any part has: the sum stands for those that have
    bool_or(l.has_list) as has_list,
    bool_and(l.has_list) as has_whole_list
from {{ ref('int_list_unit_year') }} as l
inner join {{ ref('int_map_year') }} as m on l.year = m.year and l.unit_id = m.unit_id
group by l.year, m.geography, m.target_unit_id, l.standard
