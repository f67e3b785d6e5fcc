{# beside the standard's own cut-off: a third and a half of the weights, as surveys abroad have them #}
with own as (
    select
        s.standard,
        -- a number of indicators is a share of the weights only where all weigh alike
        coalesce(s.cutoff_share, s.cutoff / cast(count(*) as double)) as k
    from {{ ref('standards') }} as s
    inner join {{ ref('indicators') }} as i on s.standard = i.standard
    group by s.standard, s.cutoff, s.cutoff_share
),

every_cutoff as (
    select
        standard,
        k
    from own
    {% for k in measure_cutoffs() %}
        union
        select
            standard,
            {{ k }} as k
        from own
    {% endfor %}
)

select
    standard,
    cast(row_number() over (partition by standard order by k) as integer) as position,
    k
from every_cutoff
