select
    cast(year as integer) as year,
    unit_id,
    record_date,
    standard,
    households_total as households,
    persons_total as persons,
    households_ethnic_minority as ethnic_minority_households,
    announced_poor as announced_poor_households,
    announced_near_poor as announced_near_poor_households,
    flags,
    file_hash,
    file_name
from {{ source('accepted', 'survey_total') }}
