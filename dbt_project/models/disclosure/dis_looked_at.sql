{#- Figures that are not clearly safe, whose firms are looked at one by one (dis_cells): one row per quarter × kind × measure × region.
    `to_date` is the figure that is published; `quarter` is what two published figures of one year differ by, and the number of an edition is
    what the figure and the one that was published then differ by: both are published by nobody and can be computed by everybody.

    Most figures are safe by far, and that is seen by bounds (dis_counties): no firm of a region adds more to it than what the largest of
    each of its counties at most do together, the total is no less than its net amount, and it takes a number of firms to reach it. -#}

{%- set thresholds = [
    ['n_min', 'frequency', 'n_min'], ['n_1', 'dominance_1', 'n'], ['k_1_pct', 'dominance_1', 'k_pct'], ['n_2', 'dominance_2', 'n'],
    ['k_2_pct', 'dominance_2', 'k_pct'], ['p_pct', 'p_percent', 'p_pct'], ['corrections', 'corrections', 'are_judged'],
] %}

with due as (
    select distinct counties.quarter
    from {{ ref('dis_counties') }} as counties
    where {{ in_quarters('counties.quarter') }}
),

rules as (
    select
        due.quarter,
        {%- for name, of_rule, parameter in thresholds %}
        {{ disclosure_parameter(of_rule, parameter) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from due
    left join {{ ref('disclosure_rules') }} as rule
        on due.quarter >= rule.valid_from and (rule.valid_to is null or due.quarter <= rule.valid_to)
    group by due.quarter
),

moved as (
    select
        counties.quarter,
        counties.measure,
        counties.region_code,
        counties.amount,
        counties.largest_at_most,
        counties.is_without_refunds
    from {{ ref('dis_counties') }} as counties
    where {{ in_quarters('counties.quarter') }}
    union all
    select
        {{ quarter_plus('counties.quarter', 1) }} as quarter,
        counties.measure,
        counties.region_code,
        -counties.amount as amount,
        counties.largest_at_most,
        counties.is_without_refunds
    from {{ ref('dis_counties') }} as counties
    where {{ in_quarters_before('counties.quarter', [1]) }}
),

county_cells as (
    select
        'to_date' as kind,
        counties.quarter,
        counties.measure,
        counties.region_code,
        counties.contributors_at_least,
        counties.amount,
        counties.largest_at_most
    from {{ ref('dis_counties') }} as counties
    where {{ in_quarters('counties.quarter') }}
    union all
    select
        'quarter' as kind,
        moved.quarter,
        moved.measure,
        moved.region_code,
        0 as contributors_at_least,
        sum(moved.amount) as amount,
        case when bool_and(moved.is_without_refunds) then max(moved.largest_at_most) else sum(moved.largest_at_most) end as largest_at_most
    from moved
    inner join {{ ref('indicators') }} as catalogue
        on split_part(moved.measure, '.', 1) = catalogue.code and catalogue.kind = 'flow_ytd'
    where {{ quarter_number('moved.quarter') }} > 1
    group by moved.quarter, moved.measure, moved.region_code
),

placed as (
    select
        county_cells.*,
        division.level,
        division.city_code,
        province.code as province_code
    from county_cells
    {{ join_division('county_cells.region_code', quarter_end('county_cells.quarter'), ['c', 'r']) }}
    inner join {{ ref('divisions') }} as province on province.level = 'p'
    where {{ in_quarters('county_cells.quarter') }}
),

regions as (
    {%- for code, condition in [('region_code', 'true'), ('city_code', "placed.level = 'c'"), ('province_code', 'true')] %}
    select
        placed.kind,
        placed.quarter,
        placed.measure,
        placed.{{ code }} as region_code,
        max(placed.contributors_at_least) as contributors_at_least,
        sum(placed.amount) as amount,
        sum(placed.largest_at_most) as largest_at_most
    from placed
    where {{ condition }}
    group by placed.kind, placed.quarter, placed.measure, placed.{{ code }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

delivered as (
    select
        measure.quarter,
        measure.measure,
        measure.region_code,
        measure.amount,
        before.amount as amount_before
    from {{ ref('int_measures') }} as measure
    inner join {{ ref('disclosure_measures') }} as judged on measure.measure = judged.measure and judged.judged_by = 'enterprises'
    left join {{ ref('int_measures') }} as before
        on
            measure.quarter = {{ quarter_plus('before.quarter', 1) }}
            and measure.measure = before.measure
            and measure.region_code = before.region_code
    where {{ in_quarters('measure.quarter') }}
),

cells as (
    select
        regions.*,
        greatest(
            coalesce(
                case regions.kind when 'to_date' then delivered.amount else delivered.amount - delivered.amount_before end - regions.amount, 0
            ),
            0
        ) as not_named
    from regions
    left join delivered
        on regions.quarter = delivered.quarter and regions.measure = delivered.measure and regions.region_code = delivered.region_code
),

not_clearly_safe as (
    select
        cells.kind,
        cells.quarter,
        cells.measure,
        cells.region_code,
        cells.not_named
    from cells
    inner join rules on cells.quarter = rules.quarter
    where not coalesce(
        (cells.contributors_at_least >= rules.n_min or abs(cells.amount) >= rules.n_min * cells.largest_at_most)
        and 100 * rules.n_1 * cells.largest_at_most <= rules.k_1_pct * (abs(cells.amount) + cells.not_named)
        and 100 * rules.n_2 * cells.largest_at_most <= rules.k_2_pct * (abs(cells.amount) + cells.not_named)
        and 100 * (abs(cells.amount) + cells.not_named - 2 * cells.largest_at_most) >= rules.p_pct * cells.largest_at_most,
        false
    )
),

corrected as (
    select distinct
        known.edition as kind,
        known.quarter,
        cells.measure,
        cells.region_code,
        0 as not_named
    from {{ source('published', 'contributions') }} as known
    inner join rules on known.quarter = rules.quarter and rules.corrections = 1
    inner join cells on known.quarter = cells.quarter
    inner join {{ ref('disclosure_measures') }} as judged on cells.measure = judged.measure and judged.judged_by = 'contributions'
)

select
    not_clearly_safe.kind,
    not_clearly_safe.quarter,
    not_clearly_safe.measure,
    not_clearly_safe.region_code,
    not_clearly_safe.not_named
from not_clearly_safe
union all
select
    corrected.kind,
    corrected.quarter,
    corrected.measure,
    corrected.region_code,
    corrected.not_named
from corrected
