-- a case belongs to the year of its decision, else of its folder; the newest folder decides which
with placed as (
    select
        *,
        coalesce(
            last_value(year(decision_date) ignore nulls) over (
                partition by case_id order by year rows between unbounded preceding and unbounded following
            ),
            max(year) over (partition by case_id)
        ) as case_year
    from {{ ref('int_housing_case') }}
),

-- as of 31 December: the last folder up to the case's year shows the stand, a later one where there is none
standing as (
    select
        *,
        least(make_date(case_year, 12, 31), date '{{ run_value("today") }}') as as_of
    from placed
    qualify
        row_number() over (
            partition by case_id
            order by year <= case_year desc, if(year <= case_year, -year, year)
        ) = 1
)

select
    cast(case_year as integer) as year,
    case_id,
    unit_id,
    head_citizen_key,
    work_type,
    approved_amount,
    disbursed_amount,
    is_withdrawn,
    -- stages are cumulative: whoever has reached a later one has reached those before it
    coalesce(acceptance_date <= as_of, false) as is_accepted,
    coalesce(acceptance_date <= as_of, false) or coalesce(finish_date <= as_of, false) as is_finished,
    coalesce(acceptance_date <= as_of, false) or coalesce(finish_date <= as_of, false)
    or coalesce(start_date <= as_of, false) as is_started,
    coalesce(acceptance_date <= as_of, false) or coalesce(finish_date <= as_of, false)
    or coalesce(start_date <= as_of, false) or coalesce(decision_date <= as_of, false)
    or decision_number is not null as is_approved
from standing
