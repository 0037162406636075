{#- The bureau's own ledger against earlier quarters: one row per check × quarter × region × indicator, and one row per quarter and check
    without region that says how many rows the ledger has.

    `year_to_date`: a flow of the year is not below the quarter before. `power_of_ten`: now / a year before, from values of 20.
    `scope_kept`: 1 where what is counted (口径) reads as in the quarter before. `stale`: of this and the four quarters before, those with
    this very value, from values of 100. -#}

with entries as (
    select
        entry.quarter,
        entry.region_code,
        entry.indicator,
        entry.value,
        entry.scope,
        entry.delivery_id,
        catalogue.kind
    from {{ ref('stg_ledger__entries') }} as entry
    left join {{ ref('indicators') }} as catalogue on entry.indicator = catalogue.code
    where entry.period = entry.quarter
),

compared as (
    select
        entries.quarter,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        entries.kind,
        entries.value,
        entries.scope,
        before.value as value_before,
        before.scope as scope_before,
        case when year_before.value >= 20 and entries.value > 0 then {{ to_double('entries.value') }} / {{ to_double('year_before.value') }} end as ratio
    from entries
    left join entries as before
        on {{ quarter_plus('entries.quarter', -1) }} = before.quarter
        and entries.region_code = before.region_code
        and entries.indicator = before.indicator
    left join entries as year_before
        on {{ quarter_plus('entries.quarter', -4) }} = year_before.quarter
        and entries.region_code = year_before.region_code
        and entries.indicator = year_before.indicator
),

runs as (
    select
        entries.quarter,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        count(*) filter (where earlier.value = entries.value) as same_values
    from entries
    inner join entries as earlier
        on entries.region_code = earlier.region_code
        and entries.indicator = earlier.indicator
        and earlier.quarter between {{ quarter_plus('entries.quarter', -4) }} and entries.quarter
    where entries.value >= 100
    group by entries.quarter, entries.region_code, entries.indicator, entries.delivery_id
),

rows_of_check as (
    select
        compared.quarter,
        'year_to_date' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        {{ to_double('compared.value') }} as observed,
        {{ to_double('compared.value_before') }} as lower,
        null as upper
    from compared
    where compared.kind = 'flow_ytd' and substr(compared.quarter, 6, 1) <> '1' and compared.value is not null and compared.value_before is not null
    union all
    select
        compared.quarter,
        'power_of_ten' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        compared.ratio as observed,
        {{ power_of_ten_bound('compared.ratio', [8, 4, 3, 1], 'lower') }} as lower,
        {{ power_of_ten_bound('compared.ratio', [8, 4, 3, 1], 'upper') }} as upper
    from compared
    where compared.ratio is not null
    union all
    select
        compared.quarter,
        'scope_kept' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        case when compared.scope = compared.scope_before then 1 else 0 end as observed,
        1 as lower,
        1 as upper
    from compared
    where compared.scope_before is not null
    union all
    select
        runs.quarter,
        'stale' as check_name,
        runs.region_code,
        runs.indicator,
        runs.delivery_id,
        runs.same_values as observed,
        0 as lower,
        4 as upper
    from runs
    {{ union_rows_asked(['year_to_date', 'power_of_ten', 'scope_kept', 'stale'], 'entries') }}
)

{{ check_table('rows_of_check') }}
