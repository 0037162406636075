{#- Every indicator value, whole: one row per quarter × region × indicator × period, before anything is withheld. Ledger programmes are passed
    through as delivered, with their region and period. A missing value that the place says nobody collects is not applicable. -#}

with ledger_rows as (
    select
        entry.quarter,
        entry.region_code,
        entry.indicator,
        entry.period,
        {{ to_double('delivered.amount') }} as value,
        {{ to_double('numerator.amount') }} as numerator,
        {{ to_double('denominator.amount') }} as denominator,
        case when delivered.amount is null then 'missing' else 'value' end as status,
        coalesce(entry.as_of, day.as_of) as as_of,
        entry.indicator_name,
        entry.unit
    from {{ ref('stg_ledger__entries') }} as entry
    inner join {{ ref('int_feed_days') }} as day
        on entry.quarter = day.quarter and day.feed = 'ledger'
    {%- for role in ['delivered', 'numerator', 'denominator'] %}
    left join {{ ref('int_cells') }} as {{ role }}
        on entry.quarter = {{ role }}.quarter
        and entry.region_code = {{ role }}.region_code
        and entry.indicator = {{ role }}.indicator
        and entry.period = {{ role }}.period
        and {{ role }}.role = '{{ role }}'
    {%- endfor %}
    inner join {{ ref('divisions') }} as region
        on entry.region_code = region.code and region.level in ('c', 'm', 'p')
),

all_rows as (
    select
        computed.quarter,
        computed.region_code,
        computed.indicator,
        computed.period,
        computed.value,
        computed.numerator,
        computed.denominator,
        computed.status,
        computed.as_of,
        cast(null as string) as delivered_name,
        cast(null as string) as delivered_unit
    from {{ ref('ind_computed') }} as computed
    union all
    select
        ledger_rows.quarter,
        ledger_rows.region_code,
        ledger_rows.indicator,
        ledger_rows.period,
        ledger_rows.value,
        ledger_rows.numerator,
        ledger_rows.denominator,
        ledger_rows.status,
        ledger_rows.as_of,
        ledger_rows.indicator_name,
        ledger_rows.unit
    from ledger_rows
)

select
    all_rows.quarter,
    all_rows.region_code,
    region.name as region_name,
    region.city_name,
    region.level,
    all_rows.indicator,
    coalesce(catalogue.name_zh, all_rows.delivered_name) as indicator_name,
    all_rows.period,
    all_rows.value,
    coalesce(all_rows.delivered_unit, catalogue.unit) as unit,
    all_rows.numerator,
    all_rows.denominator,
    case when all_rows.status = 'missing' and stated.indicator is not null then 'not_applicable' else all_rows.status end as status,
    case
        when catalogue.code is null then 'not_in_catalogue'
        when all_rows.status = 'missing' and stated.indicator is not null then 'not_collected'
    end as flags,
    all_rows.as_of
from all_rows
{{ join_division('all_rows.region_code', quarter_end('all_rows.quarter'), ['c', 'm', 'p'], 'region') }}
left join {{ ref('indicators') }} as catalogue on all_rows.indicator = catalogue.code
left join {{ ref('int_not_collected') }} as stated
    on all_rows.quarter = stated.quarter
    and all_rows.region_code = stated.region_code
    and all_rows.indicator = stated.indicator
order by all_rows.quarter, all_rows.region_code, all_rows.indicator, all_rows.period
