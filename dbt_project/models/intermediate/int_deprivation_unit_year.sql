{{ config(materialized='incremental', incremental_strategy='window', on_schema_change='fail') }}

with counts as (
    select
        year,
        standard,
        unit_id,
        poverty_class,
        count(*) as households,
    {% for indicator in deprivation_indicators() %}
        count(*) filter (where dep_{{ indicator }}) as deprived_{{ indicator }},
        count(*) filter (where not list_contains(indicators_not_judged, '{{ indicator }}'))
            as judged_{{ indicator }},
        count(*) filter (
            where dep_{{ indicator }} and not list_contains(indicators_not_judged, '{{ indicator }}')
        ) as judged_deprived_{{ indicator }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_household_year') }}
    where {{ in_window() }} and poverty_class is not null
    group by year, standard, unit_id, poverty_class
),

long as (
    select
        year,
        standard,
        unit_id,
        poverty_class,
        households,
        unnest([
            {% for indicator in deprivation_indicators() %}
                {
                    indicator: '{{ indicator }}',
                    deprived_households: deprived_{{ indicator }},
                    judged_households: judged_{{ indicator }},
                    judged_deprived_households: judged_deprived_{{ indicator }}
                }{{ "," if not loop.last }}
            {% endfor %}
        ], recursive := true)
    from counts
)

select
    l.year,
    l.standard,
    l.unit_id,
    l.poverty_class,
    l.indicator,
    l.households,
    l.deprived_households,
    l.judged_households,
    l.judged_deprived_households
from long as l
-- an indicator counts only under the standards that have it
inner join {{ ref('indicators') }} as i on l.standard = i.standard and l.indicator = i.indicator
