with counts as (
    select
        year,
        geography,
        unit_id,
        standard,
        sum(poor_households) as poor_households,
        sum(near_poor_households) as near_poor_households,
        sum(poor_persons) as poor_persons,
        sum(ethnic_minority_poor_households) as ethnic_minority_poor_households,
        sum(derived_poor_households) as derived_poor_households,
        sum(derived_near_poor_households) as derived_near_poor_households,
        sum(class_mismatch_households) as class_mismatch_households,
        sum(class_filled_households) as class_filled_households
    from {{ ref('int_poverty_commune_year') }}
    group by year, geography, unit_id, standard
),

denominators as (
    select
        year,
        geography,
        unit_id,
        households_source,
        sum(households) as households,
        if(count(persons) = count(*), sum(persons), null) as persons
    from {{ ref('int_denominator_commune_year') }}
    group by year, geography, unit_id, households_source
),

communes as (
    select
        c.year,
        c.geography,
        c.unit_id,
        c.commune_code,
        c.commune_name,
        c.province_code,
        r.standard,
        r.is_headline,
        r.is_final,
        a.announced_poor_households,
        a.has_list,
        a.has_whole_list
    from {{ ref('int_commune_year') }} as c
    inner join {{ ref('int_review_year') }} as r on c.year = r.year
    inner join {{ ref('int_announced_commune_year') }} as a
        on
            c.year = a.year and c.geography = a.geography and c.unit_id = a.unit_id
            and r.standard = a.standard
)

select
    c.year,
    c.geography,
    c.commune_code,
    c.commune_name,
    c.province_code,
    c.standard,
    cast(d.households as double) as households,
    cast(d.persons as double) as persons,
    {% for count in [
        'poor_households', 'near_poor_households', 'poor_persons', 'ethnic_minority_poor_households',
        'derived_poor_households', 'derived_near_poor_households', 'class_mismatch_households',
        'class_filled_households'
    ] %}
        cast(if(c.has_list, coalesce(n.{{ count }}, 0), null) as double) as {{ count }},
    {% endfor %}
    cast(c.announced_poor_households as double) as announced_poor_households,
    -- a commune of which a part has not sent its list would look less poor than it is: it has no rate
    {{ rate('if(c.has_whole_list, coalesce(n.poor_households, 0), null)', 'd.households') }} as poor_rate,
    {{ rate(
        'if(c.has_whole_list, coalesce(n.near_poor_households, 0), null)', 'd.households'
    ) }} as near_poor_rate,
    {{ rate(
        'if(c.has_whole_list, coalesce(n.poor_households + n.near_poor_households, 0), null)', 'd.households'
    ) }} as multidimensional_poor_rate,
    d.households_source,
    c.is_headline,
    c.is_final
from communes as c
left join counts as n
    on c.year = n.year and c.geography = n.geography and c.unit_id = n.unit_id and c.standard = n.standard
left join denominators as d on c.year = d.year and c.geography = d.geography and c.unit_id = d.unit_id
where c.has_list or d.households is not null
