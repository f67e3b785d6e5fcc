{{ config(materialized='view') }}

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
        len(indicators_not_judged) as not_judged,
    {% for indicator in deprivation_indicators() %}
        coalesce(
            dep_{{ indicator }} and not list_contains(indicators_not_judged, '{{ indicator }}'), false
        ) as dep_{{ indicator }}{{ "," if not loop.last }}
    {% endfor %}
    from {{ ref('int_household_year') }}
),

applied as (
    select
        h.household_key,
        h.year,
        h.reviewed_standard,
        p.applied_standard,
        h.unit_id,
        coalesce(h.has_unusable_points, false) as has_unusable_points,
        h.b1_points,
        h.b2_points,
        h.income_per_capita,
        h.not_judged,
        p.is_whole_form,
        p.indicators,
        p.rule,
        p.cutoff_share,
        p.weight_unanswered,
        -- points of the same form count as they stand; those of another only against their own lines
        p.has_same_points and h.b1_points is not null as is_by_points,
        {% for indicator in deprivation_indicators() %}
            cast(h.dep_{{ indicator }} as integer) {{ "+" if not loop.last }}
        {% endfor %} as marked,
        {% for indicator in deprivation_indicators() %}
            if(h.dep_{{ indicator }}, p.weight_{{ indicator }}, 0) {{ "+" if not loop.last }}
        {% endfor %} as weight_deprived,
        {% for name in [
            'line_points', 'upper_line_points', 'reviewed_line_points', 'reviewed_upper_line_points',
            'reviewed_line', 'reviewed_upper_line'
        ] %}
            {%- set tail = name.replace('reviewed_', '') -%}
            {%- set head = 'reviewed_' if name.startswith('reviewed_') else '' -%}
            {%- set urban = head ~ 'urban_' ~ tail -%}
            {%- set rural = head ~ 'rural_' ~ tail %}
            if(h.area_type = 'urban', p.{{ urban }}, p.{{ rural }}) as {{ name }},
        {% endfor %}
        {% for name in ['line', 'upper_line', 'average_line'] %}
            if(h.area_type = 'urban', p.urban_{{ name }}, p.rural_{{ name }}) as money_{{ name }},
        {% endfor %}
        p.currency = 'VND' as is_in_money
    from household as h
    inner join {{ ref('int_standard_pair') }} as p on h.reviewed_standard = p.reviewed_standard
),

scored as (
    select
        *,
        {{ implied_income(
            'b1_points', 'reviewed_line_points', 'reviewed_upper_line_points', 'reviewed_line',
            'reviewed_upper_line', 'money_line', 'money_upper_line'
        ) }} as implied
    from applied
),

judged as (
    select
        *,
        case
            when is_by_points then b1_points
            when is_in_money then coalesce(implied, income_per_capita)
        end as score,
        if(is_by_points, line_points, money_line) as line,
        if(is_by_points, upper_line_points, money_upper_line) as upper_line,
        -- neither points nor what they imply derive an average living standard
        if(is_by_points or implied is not null, null, money_average_line) as average_line,
        case
            when is_whole_form and b2_points is not null
                then b2_points / (10 * indicators) >= cutoff_share - 0.000000001
            when weight_deprived >= cutoff_share - 0.000000001 then true
            -- of one weight, so that what the answers or the columns of marks leave open can be weighed
            when is_whole_form
                then if((marked + not_judged) / indicators < cutoff_share - 0.000000001, false, null)
            when coalesce(not_judged > 0, true) then null
            when weight_deprived + weight_unanswered < cutoff_share - 0.000000001 then false
        end as is_deprived
    from scored
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
        else {{ derived_class('score', 'line', 'upper_line', 'average_line', 'is_deprived', 'rule') }}
    end as applied_class,
    has_unusable_points
    or (rule <> 'deprivations' and (score is null or upper_line is null)) as is_without_score
from judged
