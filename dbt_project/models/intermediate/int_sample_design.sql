-- each stratum of a sample with its PSUs, and what the whole sample says about errors
with stratum as (
    select
        year,
        standard,
        stratum,
        count(distinct psu) as psus
    from {{ ref('int_sample_household') }}
    where not_measured_reason is null
    group by year, standard, stratum
),

-- a PSU lies in one stratum: one of two strata is a mistake, or a name used twice
astray as (
    select
        year,
        standard,
        psu
    from {{ ref('int_sample_household') }}
    where not_measured_reason is null
    group by year, standard, psu
    having count(distinct stratum) > 1
),

strayed as (
    select
        year,
        standard,
        string_agg(psu, ', ' order by psu) as psus_astray
    from astray
    group by year, standard
),

sample as (
    select
        year,
        standard,
        cast(sum(psus) - count(*) as integer) as df,
        string_agg(stratum, ', ' order by stratum) filter (where psus = 1) as single
    from stratum
    group by year, standard
)

select
    t.year,
    t.standard,
    t.stratum,
    t.psus,
    s.df,
    -- no error where it cannot be known: a stratum with a single PSU shows no variance
    if(
        s.single is null and a.psus_astray is null,
        {{ student_t('s.df', 'q.quantile') }},
        null
    ) as t,
    nullif(
        concat_ws(
            '; ', 'single PSU: ' || s.single, 'PSU in more than one stratum: ' || a.psus_astray
        ),
        ''
    ) as flags
from stratum as t
inner join sample as s on t.year = s.year and t.standard = s.standard
left join strayed as a on t.year = a.year and t.standard = a.standard
left join {{ ref('student_t') }} as q on s.df = q.df
