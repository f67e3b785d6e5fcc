{{ config(
    materialized='incremental', incremental_strategy='window', on_schema_change='fail', meta={'window_ahead': 1}
) }}

-- a borrower counts once a unit, month and programme; the household by the list in force
with listed as (
    select
        f.year,
        p.citizen_key,
        min(p.household_key) as household_key,
        min(p.household_key) filter (where p.poverty_class = 'poor') as poor_household_key
    from {{ ref('int_list_in_force') }} as f
    inner join {{ ref('int_listed_person') }} as p on f.list_year = p.year and f.standard = p.standard
    where p.citizen_key is not null and {{ in_window('f.year', ahead=1) }}
    group by f.year, p.citizen_key
),

lists as (
    select year from {{ ref('int_list_in_force') }}
),

borrower as (
    select
        year,
        month,
        unit_id,
        programme,
        borrower_key,
        any_value(citizen_key) as citizen_key,
        sum(disbursed) as disbursed,
        sum(collected) as collected,
        sum(outstanding) as outstanding,
        sum(overdue) as overdue,
        sum(frozen) as frozen,
        sum(outstanding) > 0 as is_client
    from {{ ref('int_loan_month') }}
    where {{ in_window(ahead=1) }}
    group by year, month, unit_id, programme, borrower_key
)

select
    b.year,
    b.month,
    b.unit_id,
    b.programme,
    count(*) filter (where b.is_client) as clients,
    count(distinct coalesce(l.household_key, b.borrower_key)) filter (where b.is_client) as households,
    sum(b.disbursed) as disbursed,
    sum(b.collected) as collected,
    sum(b.outstanding) as outstanding,
    sum(b.overdue) as overdue,
    sum(b.frozen) as frozen,
    -- without a list in force nobody can say who was reached
    if(
        b.year in (select lists.year from lists),
        count(distinct l.poor_household_key) filter (where b.is_client),
        null
    ) as poor_households_reached
from borrower as b
left join listed as l on b.year = l.year and b.citizen_key = l.citizen_key
group by b.year, b.month, b.unit_id, b.programme
