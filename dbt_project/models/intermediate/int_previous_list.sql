-- on the units of 31 December: whether every part has sent its list of the year before, same standard
select
    h.year,
    h.unit_id,
    h.standard,
    coalesce(bool_and(b.has_list), false) as has_previous_list
from {{ ref('int_list_unit_year') }} as h
left join (
    select
        l.year + 1 as year,
        m.target_unit_id as unit_id,
        l.standard,
        l.has_list
    from {{ ref('int_list_unit_year') }} as l
    inner join {{ ref('int_map_year') }} as m
        on l.year + 1 = m.year and l.unit_id = m.unit_id and m.geography = 'as_reported'
) as b on h.year = b.year and h.unit_id = b.unit_id and h.standard = b.standard
group by h.year, h.unit_id, h.standard
