{{ config(materialized='ephemeral') }}

with household as (
    select
        household_key,
        year,
        standard as reviewed_standard,
        unit_id,
        area_type,
        has_unusable_points,
        b1_points,
        b2_points,
        income_per_capita,
        {% for indicator in deprivation_indicators() %}
            dep_{{ indicator }},
        {% endfor %}
        {% for indicator in deprivation_indicators() %}
            cast(dep_{{ indicator }} as integer) {{ "+" if not loop.last }}
        {% endfor %} as marked
    from {{ ref('int_household_year') }}
    where {{ in_window() }}
),

applied as (
    select
        h.household_key,
        h.year,
        h.reviewed_standard,
        p.applied_standard,
        h.unit_id,
        h.has_unusable_points,
        h.b2_points,
        p.is_whole_form,
        p.indicators,
        p.rule,
        p.cutoff_share,
        p.weight_unanswered,
        -- marks that do not add up to the score, or of which there is none, tell nothing
        coalesce(h.b2_points = 10 * h.marked, h.marked > 0) as has_usable_marks,
        {% for indicator in deprivation_indicators() %}
            if(h.dep_{{ indicator }}, p.weight_{{ indicator }}, 0) {{ "+" if not loop.last }}
        {% endfor %} as weight_deprived,
        p.has_same_points and h.b1_points is not null as is_by_points,
        if(p.has_same_points and h.b1_points is not null, h.b1_points, h.income_per_capita) as score,
        case
            when p.has_same_points and h.b1_points is not null
                then if(h.area_type = 'urban', p.urban_line_points, p.rural_line_points)
            when p.currency = 'VND' then if(h.area_type = 'urban', p.urban_line, p.rural_line)
        end as line,
        case
            when p.has_same_points and h.b1_points is not null
                then if(h.area_type = 'urban', p.urban_upper_line_points, p.rural_upper_line_points)
            when p.currency = 'VND' then if(h.area_type = 'urban', p.urban_upper_line, p.rural_upper_line)
        end as upper_line,
        if(h.area_type = 'urban', p.urban_average_line, p.rural_average_line) as average_line
    from household as h
    inner join {{ ref('int_standard_pair') }} as p on h.reviewed_standard = p.reviewed_standard
),

judged as (
    select
        *,
        case
            when is_whole_form then b2_points / (10 * indicators) >= cutoff_share - 0.000000001
            when not has_usable_marks then null
            when weight_deprived >= cutoff_share - 0.000000001 then true
            when weight_deprived + weight_unanswered < cutoff_share - 0.000000001 then false
        end as is_deprived
    from applied
),

classed as (
    select
        *,
        -- points derive no average
        if(is_by_points, null, average_line) as average_line_of_score
    from judged
)

select
    household_key,
    year,
    reviewed_standard,
    applied_standard,
    unit_id,
    is_by_points,
    is_deprived,
    case
        when has_unusable_points then null
        else {{ derived_class(
            'score', 'line', 'upper_line', 'average_line_of_score', 'is_deprived', 'rule'
        ) }}
    end as applied_class,
    rule <> 'deprivations'
    and (has_unusable_points or score is null or upper_line is null) as is_without_score
from classed
