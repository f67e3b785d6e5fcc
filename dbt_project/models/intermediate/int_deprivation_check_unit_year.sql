{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

with compared as (
    select
        a.*,
    {% for question in answered_questions() %}
        if(a.has_marks, h.dep_{{ question }}, null) as is_marked_{{ question }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_household_answer') }} as a
    inner join {{ ref('int_household_year') }} as h on a.household_key = h.household_key and a.year = h.year
    where {{ in_window('a.year') }}
),

counted as (
    {% for question in answered_questions() %}
        select
            year,
            standard,
            unit_id,
            '{{ question }}' as question,
            count(*) as households,
            count(is_deprived_{{ question }}) as judged_households,
            count(*) filter (where is_deprived_{{ question }}) as derived_households,
            count(*) filter (where is_marked_{{ question }}) as marked_households,
            count(is_deprived_{{ question }}) filter (where is_marked_{{ question }} is not null)
                as compared_households,
            count(*) filter (where is_marked_{{ question }} and not is_deprived_{{ question }})
                as marked_not_derived_households,
            count(*) filter (where not is_marked_{{ question }} and is_deprived_{{ question }})
                as derived_not_marked_households
        from compared
        group by year, standard, unit_id
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    c.year,
    c.standard,
    c.unit_id,
    i.indicator,
    c.households,
    c.judged_households,
    c.derived_households,
    c.marked_households,
    c.compared_households,
    c.marked_not_derived_households,
    c.derived_not_marked_households
from counted as c
-- only the indicators whose threshold the rules follow, and that stand on the form under that code
inner join {{ ref('indicators') }} as i
    on c.standard = i.standard and c.question = i.question and c.question = i.indicator
