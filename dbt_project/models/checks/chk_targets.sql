{#- Yearly targets against what they are about: one row per check × quarter × region × indicator × year, and one row
    per quarter and check without region that says how many rows the ledger has.

    `target_below_actual`: a target is not below the actual value of the last whole year before it that is known.
    `target_baseline`: values known of a target's indicator, if the ledger itself delivers it. `target_unit`: 1 where the unit is the
    catalogue's. `target_moved`: the target as a multiple of the same target in the ledger of the quarter before. -#}

with targets as (
    select
        target.quarter,
        target.region_code,
        target.indicator,
        target.year,
        target.target,
        target.unit,
        target.delivery_id,
        catalogue.unit as catalogue_unit,
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
        indicator.value,
        case
            when indicator.period = indicator.quarter and substr(indicator.quarter, 6, 1) = '4' then cast(substr(indicator.quarter, 1, 4) as integer)
            when length(indicator.period) = 4 then cast(indicator.period as integer)
        end as whole_year
    from {{ ref('ind_values') }} as indicator
    where indicator.status = 'value'
),

known as (
    select
        targets.quarter,
        targets.region_code,
        targets.indicator,
        targets.year,
        published.value,
        published.whole_year,
        count(*) over (partition by targets.quarter, targets.region_code, targets.indicator, targets.year) as values_known,
        row_number() over (
            partition by targets.quarter, targets.region_code, targets.indicator, targets.year
            order by
                case when published.whole_year < targets.year then published.whole_year end desc nulls last,
                published.quarter desc
        ) as place
    from targets
    inner join published
        on targets.region_code = published.region_code
        and targets.indicator = published.indicator
        and targets.quarter >= published.quarter
    where {{ in_quarters('targets.quarter') }}
),

compared as (
    select
        targets.quarter,
        targets.region_code,
        targets.indicator,
        targets.year,
        targets.target,
        targets.unit,
        targets.delivery_id,
        targets.catalogue_unit,
        targets.direction,
        targets.rule,
        case when known.whole_year < targets.year then known.value end as last_actual,
        coalesce(known.values_known, 0) as values_known,
        case when before.target > 0 then {{ to_double('targets.target') }} / {{ to_double('before.target') }} end as moved
    from targets
    left join known
        on targets.quarter = known.quarter
        and targets.region_code = known.region_code
        and targets.indicator = known.indicator
        and targets.year = known.year
        and known.place = 1
    left join {{ ref('stg_ledger__targets') }} as before
        on {{ quarter_plus('targets.quarter', -1) }} = before.quarter
        and targets.region_code = before.region_code
        and targets.indicator = before.indicator
        and targets.year = before.year
    where {{ in_quarters('targets.quarter') }}
),

rows_of_check as (
    select
        compared.quarter,
        'target_below_actual' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        {{ to_double('compared.target') }} as observed,
        compared.last_actual as lower,
        cast(null as double) as upper
    from compared
    where compared.direction = 'up'
    union all
    select
        compared.quarter,
        'target_baseline' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        compared.values_known as observed,
        1 as lower,
        null as upper
    from compared
    where compared.rule = 'ledger'
    union all
    select
        compared.quarter,
        'target_unit' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        case when compared.unit = compared.catalogue_unit then 1 else 0 end as observed,
        1 as lower,
        1 as upper
    from compared
    where compared.catalogue_unit is not null
    union all
    select
        compared.quarter,
        'target_moved' as check_name,
        compared.region_code,
        compared.indicator,
        compared.delivery_id,
        coalesce(compared.moved, 1) as observed,
        1 as lower,
        1 as upper
    from compared
    {%- for check in ['target_below_actual', 'target_baseline', 'target_unit', 'target_moved'] %}
    union all
    select
        entry.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        '' as indicator,
        max(entry.delivery_id) as delivery_id,
        count(*) as observed,
        0 as lower,
        null as upper
    from {{ ref('stg_ledger__entries') }} as entry
    group by entry.quarter
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
