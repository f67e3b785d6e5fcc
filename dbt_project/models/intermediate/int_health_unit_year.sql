{{ config(materialized='view') }}

-- persons and visits of every class, by unit of the record
select
    year,
    unit_id,
    poverty_class,
    persons,
    insured_persons,
    is_unmatched,
    0 as visits,
    0 as total_cost,
    0 as out_of_pocket
from {{ ref('int_class_person_unit_year') }}
union all
select
    year,
    unit_id,
    'all' as poverty_class,
    null as persons,
    insured_persons,
    false as is_unmatched,
    0 as visits,
    0 as total_cost,
    0 as out_of_pocket
from {{ ref('int_insured_unit_year') }}
union all
select
    year,
    unit_id,
    poverty_class,
    null as persons,
    null as insured_persons,
    false as is_unmatched,
    visits,
    total_cost,
    out_of_pocket
from {{ ref('int_visit_unit_year') }}
