{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

with total as (
    select
        *,
        -- 0, or so few that nothing was entered (the contract's rule)
        coalesce(households, 0) <= 0 or list_contains(coalesce(flags, []), 'denominator_implausible')
            as is_implausible
    from {{ ref('stg_survey_total') }}
    where {{ in_window() }}
)

-- households and persons hold for every standard of the year: of several rows one that can be used
select
    year,
    unit_id,
    households,
    -- fewer persons than households cannot be
    if(persons >= households, persons, null) as persons,
    is_implausible,
    file_hash,
    file_name
from total
qualify
    row_number() over (
        partition by year, unit_id
        order by is_implausible, persons is null, standard desc nulls last, households, persons, file_hash
    ) = 1
