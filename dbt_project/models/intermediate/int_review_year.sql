-- the reviews that were held, which of them is the headline, and whether they are final
with held as (
    select
        year,
        standard,
        bool_and(has_list) as is_complete
    from {{ ref('int_list_unit_year') }}
    group by year, standard
)

select
    h.year,
    h.standard,
    -- the list that takes effect on 1 January of the next year; failing that one, the latest
    row_number() over (
        partition by h.year
        order by
            -- a province's own list stands beside the national one, never for it
            coalesce(s.scope = 'national', true) desc,
            (make_date(h.year + 1, 1, 1) between s.valid_from and s.valid_to) desc nulls last,
            (make_date(h.year, 12, 31) between s.valid_from and s.valid_to) desc nulls last,
            h.standard desc
    ) = 1 as is_headline,
    h.is_complete and date '{{ run_value("today") }}' > make_date(h.year, 12, 14) as is_final
from held as h
left join {{ ref('standards') }} as s on h.standard = s.standard
