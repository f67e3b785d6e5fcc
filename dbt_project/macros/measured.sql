{# What the marts measure: the marks of the review as indicators, and the cut-offs beside the standard's own. #}
{% macro measure_indicators() -%}
    {% set found = [] -%}
    {% for indicator in deprivation_indicators() -%}
        {% do found.append({'name': indicator, 'column': 'dep_' ~ indicator}) -%}
    {% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# By whom the marts tell them apart, as columns of a household on a map. #}
{% macro measure_groups() -%}
    {{ return([
        {'name': 'province', 'column': 'province_code'},
        {'name': 'former_province', 'column': 'former_province_code'},
        {'name': 'district', 'column': 'district_code'},
        {'name': 'commune', 'column': 'commune_code'},
        {'name': 'area_type', 'column': 'area_type'},
        {'name': 'ethnicity', 'column': 'ethnicity'},
        {'name': 'head_sex', 'column': 'head_sex'},
        {'name': 'household_size', 'column': 'household_size_group'},
    ]) }}
{%- endmacro %}

{% macro household_size_group(size) -%}
    if({{ size }} >= 8, '8+', cast({{ size }} as varchar))
{%- endmacro %}

{% macro measure_cutoffs() -%}
    {{ return(['1.0 / 3', '1.0 / 2']) }}
{%- endmacro %}

{#
  Households with their deprivation score and `level`, the number of their standard's cut-offs that it
  reaches; -1 where one of the standard's indicators is not judged. Columns of the relation: standard, dep_…,
  indicators_not_judged. weights and cutoffs: int_measure_weight, int_measure_cutoff.
#}
{% macro household_levels(relation, weights, cutoffs) -%}
with weight as (
    -- the weights of a standard in one row; an indicator that it does not have weighs nothing
    select
        {% for indicator in deprivation_indicators() %}
            coalesce(sum(weight) filter (where indicator = '{{ indicator }}'), 0) as weight_{{ indicator }},
        {% endfor %}
        standard
    from {{ weights }}
    group by standard
),

scored as (
    select
        h.*,
        {% for indicator in deprivation_indicators() %}
            if(h.dep_{{ indicator }}, w.weight_{{ indicator }}, 0) {{ "+" if not loop.last }}
        {% endfor %}
            as score,
        -- who is not judged in every indicator has no score
        coalesce(len(h.indicators_not_judged) = 0, false) as is_judged
    from {{ relation }} as h
    inner join weight as w on h.standard = w.standard
)

-- sums of twelfths are not exact: a score counts as reaching the cut-off that it equals but for rounding
select
    h.*,
    if(
        h.is_judged,
        (
            select count(*)
            from {{ cutoffs }} as c
            where c.standard = h.standard and c.k <= h.score + 0.000000001
        ),
        -1
    ) as level
from scored as h
{%- endmacro %}

{#
  The 0.975 quantile of Student's t: the seed's, and beyond it the series about the normal quantile
  (Abramowitz and Stegun 1964, 26.7.5), whose first term left out is under 1e-12 there.
#}
{% macro student_t(df, quantile) -%}
{% set z = 1.959963984540054 -%}
case
    when {{ df }} < 1 then null
    else coalesce(
        {{ quantile }},
        {{ z }}
        + {{ (z ** 3 + z) / 4 }} / {{ df }}
        + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / pow({{ df }}, 2)
        + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / pow({{ df }}, 3)
        + {{ (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160 }} / pow({{ df }}, 4)
    )
end
{%- endmacro %}

{#
  Households of a sample on both maps: one of a divided commune counts on each part by the part's share,
  within its PSU. relation: int_sample_household, or rows with its columns.
#}
{% macro sample_on_maps(relation) -%}
select
    h.*,
    m.geography,
    m.province_code,
    t.district_code,
    m.commune_code,
    cast(m.weight as double) as share,
    h.sample_weight * cast(m.weight as double) as weight
from {{ relation }} as h
inner join {{ ref('int_map_year') }} as m on h.year = m.year and h.unit_id = m.unit_id
inner join {{ ref('stg_unit') }} as t on m.target_unit_id = t.unit_id
where h.not_measured_reason is null
{%- endmacro %}

{# Who a sample speaks of: households, and the persons in them. #}
{% macro sample_units() -%}
    {{ return([
        {'name': 'household', 'weight': 'weight'}, {'name': 'person', 'weight': 'weight * household_size'}
    ]) }}
{%- endmacro %}

{# The steps from sums by cell to `fact` and `estimate`: of a list and of a sample alike. #}
{% macro estimates_of(cells, over) -%}
{% set groups = measure_groups() -%}
{% set indicators = measure_indicators() -%}
measure_group as (
    {{ measure_grouped(cells, over, groups, indicators) }}
),

by_cutoff as (
    {{ measure_by_cutoff(
        'measure_group', ref('int_measure_cutoff'), over, [], indicators, match=['standard']
    ) }}
),

fact as (
    {{ measure_facts('by_cutoff', over) }}
),

by_indicator as (
    {{ measure_by_indicator('by_cutoff', ref('int_measure_weight'), over, indicators, match=['standard']) }}
),

ratio as (
    {{ measure_ratios('by_indicator', over, every_k=true) }}
),

estimate as (
    {{ measure_estimates('ratio', over) }}
)
{%- endmacro %}

{#
  The steps from `estimate`, `variance` and `fact` to `sample` and `result`: errors by the sample design of
  the year and standard, and none where the design gives none.
#}
{% macro result_of_sample(over) -%}
sample as (
    select
        year,
        standard,
        any_value(t) as t,
        any_value(flags) as flags
    from {{ ref('int_sample_design') }}
    group by year, standard
),

quantified as (
    select
        e.*,
        s.t
    from estimate as e
    inner join sample as s on e.year = s.year and e.standard = s.standard
),

known_variance as (
    select v.*
    from variance as v
    inner join sample as s on v.year = s.year and v.standard = s.standard
    where s.t is not null
),

result as (
    {{ measure_result('quantified', 'fact', over, 'known_variance', 'e.t') }}
)
{%- endmacro %}
