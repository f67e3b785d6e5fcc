-- no household that was drawn is lost without a word: it stands apart, or could not be measured at all
with found as (
    select
        year,
        file_hash,
        unnest(list_filter(['drawn_for_a_sample', not_measured_reason], lambda r: r is not null)) as reason
    from {{ ref('int_sample_household') }}
),

files as (
    select
        year,
        file_hash,
        max(file_name) as file_name
    from {{ ref('stg_quality') }}
    where table_name = 'survey_household'
    group by year, file_hash
)

select
    f.year,
    f.reason,
    f.file_hash,
    n.file_name,
    count(*) as records
from found as f
left join files as n on f.year = n.year and f.file_hash = n.file_hash
group by f.year, f.reason, f.file_hash, n.file_name
