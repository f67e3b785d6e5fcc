-- where a record's unit lies on the map of its own date; a split unit counts with its largest part
select
    m.era_from,
    m.era_until,
    m.unit_id,
    arg_min(m.area_type, (-m.weight, m.target_unit_id)) as area_type
from {{ ref('int_map') }} as m
where m.geography = 'as_reported'
group by m.era_from, m.era_until, m.unit_id
