{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

-- without a standard of their own, announced counts belong to the outgoing one
select
    t.year,
    t.unit_id,
    coalesce(t.standard, s.standard) as standard,
    max(t.announced_poor_households) as announced_poor_households,
    max(t.announced_near_poor_households) as announced_near_poor_households
from {{ ref('stg_survey_total') }} as t
left join {{ ref('standards') }} as s
    on make_date(t.year, 12, 31) between s.valid_from and coalesce(s.valid_to, date '9999-12-31')
where {{ in_window('t.year') }}
group by t.year, t.unit_id, coalesce(t.standard, s.standard)
