-- What marks collected under one standard say under another: an indicator of the applied standard is
-- answered where the reviewed one asks the same question (a standard answers itself in any case).
with matched as (
    select
        r.standard as reviewed_standard,
        a.standard as applied_standard,
        ai.indicator,
        ai.weight,
        ri.indicator as marked_indicator
    from {{ ref('standards') }} as r
    cross join {{ ref('standards') }} as a
    inner join {{ ref('indicators') }} as ai on a.standard = ai.standard
    left join {{ ref('indicators') }} as ri
        on
            r.standard = ri.standard
            and if(r.standard = a.standard, ai.indicator = ri.indicator, ai.question = ri.question)
),

asked as (
    select
        standard,
        count(*) as indicators
    from {{ ref('indicators') }}
    group by standard
),

weighed as (
    select
        m.reviewed_standard,
        m.applied_standard,
        count(*) as indicators,
        -- the whole form, all of one weight: the score of form B2 counts as it stands
        count(m.marked_indicator) = count(*)
        and count(*) = any_value(s.indicators)
        and max(m.weight) - min(m.weight) < 0.000000001 as is_whole_form,
        coalesce(sum(m.weight) filter (where m.marked_indicator is null), 0) as weight_unanswered,
    {% for indicator in deprivation_indicators() %}
        coalesce(sum(m.weight) filter (where m.marked_indicator = '{{ indicator }}'), 0)
            as weight_{{ indicator }}{{ "," if not loop.last }}
    {% endfor %}
    from matched as m
    inner join asked as s on m.reviewed_standard = s.standard
    group by m.reviewed_standard, m.applied_standard
)

select
    w.*,
    -- points of one form mean nothing against the lines of another
    coalesce(r.points_form = a.points_form, false) as has_same_points,
    a.currency,
    a.rule,
    a.cutoff_share,
    a.rural_line,
    a.urban_line,
    a.rural_upper_line,
    a.urban_upper_line,
    a.rural_average_line,
    a.urban_average_line,
    a.rural_line_points,
    a.urban_line_points,
    a.rural_upper_line_points,
    a.urban_upper_line_points,
{% for area in ['rural', 'urban'] %}
    r.{{ area }}_line_points as reviewed_{{ area }}_line_points,
    r.{{ area }}_upper_line_points as reviewed_{{ area }}_upper_line_points,
    -- what those points are worth, in the money of the applied standard
    if(r.currency = a.currency, r.{{ area }}_line, null) as reviewed_{{ area }}_line,
    if(r.currency = a.currency, r.{{ area }}_upper_line, null)
        as reviewed_{{ area }}_upper_line{{ "," if not loop.last }}
{% endfor %}
from weighed as w
inner join {{ ref('standards') }} as r on w.reviewed_standard = r.standard
inner join {{ ref('standards') }} as a on w.applied_standard = a.standard
