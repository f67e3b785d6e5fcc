-- what only a comparison over years or tables can see about a denominator
with found as (
    select
        d.year,
        d.unit_id,
        case
            when d.sent_households is null then 'denominator_missing'
            when d.sent_households > 0 and d.sent_households < d.listed_households
                then 'denominator_below_listed'
            when
                d.households_source = 'sent' and d.previous_households > 0
                and (d.households >= 3 * d.previous_households or d.previous_households >= 3 * d.households)
                then 'denominator_factor_3'
        end as reason
    from {{ ref('int_denominator_unit_year') }} as d
    -- nothing is missing for a year without a review
    where d.year in (select r.year from {{ ref('int_review_year') }} as r)
)

select
    f.year,
    f.reason,
    coalesce(t.file_hash, '') as file_hash,
    t.file_name,
    count(*) as records
from found as f
left join {{ ref('int_total_unit_year') }} as t on f.year = t.year and f.unit_id = t.unit_id
where f.reason is not null
group by f.year, f.reason, t.file_hash, t.file_name
