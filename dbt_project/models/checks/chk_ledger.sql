{#- The bureau's own ledger and its targets: one row per check × quarter × region × indicator, and one row per quarter without region that
    says how many were compared.

    `ratio`: value minus the quotient of its parts, within half the last printed digit; a ratio without parts has no observed value.
    `funnel`: a later stage is not above the stage before. `unit`: 1 where the unit is the catalogue's. `in_catalogue`: 1 where the code
    is known. `as_of_day`: days from the period's end (or the delivery, if earlier) back to the day stated. `year_to_date`: a flow of the
    year is not below the quarter before. `target_below_actual`: a target against the last value of the year before.
    `target_baseline`: values known of a target's indicator, among those that the ledger itself delivers. -#}

{%- set stages = [
    ['HNTE_PUT', 'HNTE_APPLIED'],
    ['HNTE_PASSED', 'HNTE_PUT'],
    ['POINT_TECH', 'POINT_AMOUNT'],
] %}

with entries as (
    select
        entry.quarter,
        entry.region_code,
        entry.indicator,
        entry.period,
        entry.as_of,
        entry.value,
        entry.numerator,
        entry.denominator,
        entry.unit,
        entry.delivery_id,
        catalogue.unit as catalogue_unit,
        catalogue.kind,
        case
            {%- for step in ['1', '0.1', '0.01', '0.001', '0.0001', '0.00001'] %}
            when entry.value % {{ step }} = 0 then {{ step }}
            {%- endfor %}
            else 0.000001
        end as step
    from {{ ref('stg_ledger__entries') }} as entry
    left join {{ ref('indicators') }} as catalogue on entry.indicator = catalogue.code
),

ratios as (
    select
        entries.quarter,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        entries.step,
        {{ to_double('entries.value') }}
        - case when entries.unit = '%' then 100 else 1 end
        * {{ to_double('entries.numerator') }} / {{ to_double('nullif(entries.denominator, 0)') }} as residual
    from entries
    where entries.value is not null
        and (entries.kind = 'ratio' or (entries.numerator is not null and entries.denominator is not null))
),

targets as (
    select
        target.quarter,
        target.region_code,
        target.indicator,
        target.year,
        target.target,
        target.delivery_id,
        catalogue.direction,
        coalesce(catalogue.rule, 'ledger') as rule
    from {{ ref('stg_ledger__targets') }} as target
    left join {{ ref('indicators') }} as catalogue on target.indicator = catalogue.code
),

published as (
    select
        indicator.region_code,
        indicator.indicator,
        indicator.quarter,
        indicator.period,
        indicator.value
    from {{ ref('ed_indicators') }} as indicator
    where indicator.status = 'value'
),

known as (
    select
        targets.quarter,
        targets.region_code,
        targets.indicator,
        targets.year,
        max(published.value) filter (
            where published.quarter = published.period and published.period = cast(targets.year - 1 as varchar) || 'Q4'
        ) as value_of_year_before,
        count(published.value) as values_known
    from targets
    left join published
        on targets.region_code = published.region_code
        and targets.indicator = published.indicator
        and targets.quarter >= published.quarter
    group by targets.quarter, targets.region_code, targets.indicator, targets.year
),

rows_of_check as (
    select
        ratios.quarter,
        'ratio' as check_name,
        ratios.region_code,
        ratios.indicator,
        ratios.delivery_id,
        ratios.residual as observed,
        {{ to_double('-ratios.step / 2') }} - 1e-9 as lower,
        {{ to_double('ratios.step / 2') }} + 1e-9 as upper
    from ratios
    {%- for later, earlier in stages %}
    union all
    select
        later.quarter,
        'funnel' as check_name,
        later.region_code,
        '{{ later }}' as indicator,
        later.delivery_id,
        {{ to_double('later.value') }} as observed,
        0 as lower,
        {{ to_double('earlier.value') }} as upper
    from entries as later
    inner join entries as earlier
        on later.quarter = earlier.quarter
        and later.region_code = earlier.region_code
        and later.period = earlier.period
        and earlier.indicator = '{{ earlier }}'
    where later.indicator = '{{ later }}' and later.value is not null and earlier.value is not null
    {%- endfor %}
    union all
    select
        entries.quarter,
        'unit' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        case when entries.unit = entries.catalogue_unit then 1 else 0 end as observed,
        1 as lower,
        1 as upper
    from entries
    where entries.catalogue_unit is not null
    union all
    select
        entries.quarter,
        'in_catalogue' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        case when entries.kind is null then 0 else 1 end as observed,
        1 as lower,
        1 as upper
    from entries
    union all
    select
        entries.quarter,
        'as_of_day' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        {{ days_between('entries.as_of', 'in_force.received_on') }} as observed,
        0 as lower,
        null as upper
    from entries
    inner join {{ source('landing', 'in_force') }} as in_force
        on entries.quarter = in_force.quarter and in_force.feed = 'ledger'
    where entries.as_of is not null
    union all
    select
        entries.quarter,
        'year_to_date' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        {{ to_double('entries.value') }} as observed,
        {{ to_double('before.value') }} as lower,
        null as upper
    from entries
    inner join entries as before
        on {{ quarter_plus('entries.quarter', -1) }} = before.quarter
        and entries.region_code = before.region_code
        and entries.indicator = before.indicator
        and before.period = before.quarter
    where entries.kind = 'flow_ytd' and entries.period = entries.quarter and substr(entries.quarter, 6, 1) <> '1'
        and entries.value is not null
    union all
    select
        targets.quarter,
        'target_below_actual' as check_name,
        targets.region_code,
        targets.indicator,
        targets.delivery_id,
        {{ to_double('targets.target') }} as observed,
        known.value_of_year_before as lower,
        null as upper
    from targets
    inner join known
        on targets.quarter = known.quarter
        and targets.region_code = known.region_code
        and targets.indicator = known.indicator
        and targets.year = known.year
    where targets.direction = 'up'
    union all
    select
        targets.quarter,
        'target_baseline' as check_name,
        targets.region_code,
        targets.indicator,
        targets.delivery_id,
        known.values_known as observed,
        1 as lower,
        null as upper
    from targets
    inner join known
        on targets.quarter = known.quarter
        and targets.region_code = known.region_code
        and targets.indicator = known.indicator
        and targets.year = known.year
    where targets.rule = 'ledger'
    {%- for check in ['ratio', 'funnel', 'unit', 'in_catalogue', 'as_of_day', 'year_to_date', 'target_below_actual', 'target_baseline'] %}
    union all
    select
        entries.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        '' as indicator,
        max(entries.delivery_id) as delivery_id,
        count(*) as observed,
        0 as lower,
        null as upper
    from entries
    group by entries.quarter
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
