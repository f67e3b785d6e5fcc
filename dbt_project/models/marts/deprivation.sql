with counts as (
    select
        d.year,
        m.geography,
        m.commune_code,
        m.commune_name,
        d.standard,
        d.poverty_class,
        d.indicator,
        {{ carried('d.households', 'm.weight') }} as households,
        {{ carried('d.deprived_households', 'm.weight') }} as deprived_households,
        {{ carried('d.judged_households', 'm.weight') }} as judged_households,
        {{ carried('d.judged_deprived_households', 'm.weight') }} as judged_deprived_households
    from {{ ref('int_deprivation_unit_year') }} as d
    inner join {{ ref('int_map_year') }} as m on d.year = m.year and d.unit_id = m.unit_id
    group by d.year, m.geography, m.commune_code, m.commune_name, d.standard, d.poverty_class, d.indicator
)

select
    year,
    geography,
    commune_code,
    commune_name,
    standard,
    poverty_class,
    indicator,
    cast(households as double) as households,
    cast(deprived_households as double) as deprived_households,
    cast(judged_households as double) as judged_households,
    cast(judged_deprived_households as double) as judged_deprived_households,
    -- of those of whom it is known: who could not be judged is no zero
    {{ rate('judged_deprived_households', 'judged_households') }} as deprived_share,
    {{ rate('households - judged_households', 'households') }} as not_judged_share
from counts
