{#- Each amount of a delivery against its peers in it: one row per check × quarter × region × amount (`indicator`).

    Peers are the other positive amounts of the group: contracts of one seller's region and registration point, carriers of one kind and
    level, all tenants, firms of one region, a programme's figures of one period, scope and level. The distance upwards is log10 of the amount over the third largest peer, or the one at the
    largest fiftieth; downwards over the third least. Real giants have company, a mistaken unit has none. With fewer than eight peers it is
    the distance from the median of all groups' medians, less a power of ten; programmes of the ledger are then not comparable.

    `unit`: number of amounts more than 2 above. `far`: more than 1.5 above or 2 below; not below for VAT returns, which may be of any size
    (chk_tax holds their parts against each other). -#}

{%- set least, fiftieth = 8, 50 %}
{%- set point = "case length(feed.contract_no) when 16 then substr(feed.contract_no, 5, 6) when 14 then substr(feed.contract_no, 3, 6) end" %}
{%- set amounts = [
    ['stg_contracts__contracts', 'seller_region', "feed.state <> '注销'", ['feed.seller_region', point], ['tech_amount_yuan']],
    ['stg_incubators__carriers', 'region_code', 'true', ['feed.carrier_type', 'cast(feed.highest_level as varchar)'], ['income_yuan']],
    ['stg_incubators__tenants', 'region_code', 'true', [], ['investment_yuan']],
    [
        'stg_statistics__enterprises', 'region_code', 'true', ['feed.region_code'],
        ['ind_va_ytd_yuan', 'revenue_ytd_yuan', 'rd_expense_ytd_yuan'],
    ],
    [
        'stg_ledger__entries', 'region_code', 'true',
        ['feed.indicator', 'feed.period', 'feed.scope', "case when substr(feed.region_code, 5, 2) = '00' then 'sum' end"], ['value'],
    ],
    ['stg_tax__vat_returns', 'region_code', 'not feed.is_superseded', ['feed.region_code'], ['sales_yuan', 'exempt_tech_sales_yuan']],
    ['stg_tax__rd_returns', 'region_code', 'not feed.is_superseded', ['feed.region_code'], ['rd_expense_yuan', 'deduction_yuan']],
] %}

with logs as (
    {%- for model, region, condition, group, columns in amounts %}
    {%- set last = loop.last %}
    {%- for column in columns %}
    select
        feed.quarter,
        '{{ model | replace('stg_', '') | replace('__', '/') }}/{{ column }}' as measure,
        feed.{{ region }} as region_code,
        {% for part in group -%}
        coalesce({{ part }}, '') || '/' ||
        {%- endfor %} '' as peers,
        feed.delivery_id,
        log10({{ to_double('feed.' ~ column) }}) as size
    from {{ ref(model) }} as feed
    where feed.{{ column }} > 0 and {{ condition }} and {{ in_quarters('feed.quarter') }}
    {% if not (last and loop.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
),

placed as (
    select
        logs.quarter,
        logs.measure,
        logs.region_code,
        logs.peers,
        logs.delivery_id,
        logs.size,
        row_number() over (partition by logs.quarter, logs.measure, logs.peers order by logs.size desc) as place,
        count(*) over (partition by logs.quarter, logs.measure, logs.peers) as members
    from logs
),

counted as (
    select
        placed.quarter,
        placed.measure,
        placed.region_code,
        placed.peers,
        placed.delivery_id,
        placed.size,
        placed.place,
        placed.members,
        placed.members + 1 - placed.place as place_below,
        greatest(3, cast(floor(placed.members / {{ fiftieth }}.0) as bigint)) as compared_with
    from placed
),

bounds as (
    select
        counted.quarter,
        counted.measure,
        counted.peers,
        median(counted.size) as middle,
        max(case when counted.place = counted.compared_with then counted.size end) as high,
        max(case when counted.place = counted.compared_with + 1 then counted.size end) as high_without,
        max(case when counted.place_below = counted.compared_with then counted.size end) as low,
        max(case when counted.place_below = counted.compared_with + 1 then counted.size end) as low_without
    from counted
    group by counted.quarter, counted.measure, counted.peers
),

middles as (
    select
        bounds.quarter,
        bounds.measure,
        median(bounds.middle) as middle
    from bounds
    group by bounds.quarter, bounds.measure
),

distances as (
    select
        counted.quarter,
        counted.measure,
        counted.region_code,
        counted.delivery_id,
        counted.size - case
            when counted.members <= {{ least }} then middles.middle + 1
            when counted.place <= counted.compared_with then bounds.high_without
            else bounds.high
        end as above,
        case
            when counted.members <= {{ least }} then middles.middle - 1
            when counted.place_below <= counted.compared_with then bounds.low_without
            else bounds.low
        end - counted.size as below
    from counted
    inner join bounds
        on counted.quarter = bounds.quarter and counted.measure = bounds.measure and counted.peers = bounds.peers
    inner join middles on counted.quarter = middles.quarter and counted.measure = middles.measure
    where counted.members > {{ least }} or counted.measure <> 'ledger/entries/value'
),

by_region as (
    select
        distances.quarter,
        distances.measure,
        distances.region_code,
        max(distances.delivery_id) as delivery_id,
        count(*) filter (where distances.above > 2) as unit,
        count(*) filter (where distances.above > 1.5 or (distances.below > 2 and distances.measure not like 'tax/vat%')) as far
    from distances
    group by distances.quarter, distances.measure, distances.region_code
),

rows_of_check as (
    {%- for check in ['unit', 'far'] %}
    select
        by_region.quarter,
        '{{ check }}' as check_name,
        by_region.region_code,
        by_region.measure as indicator,
        by_region.delivery_id,
        by_region.{{ check }} as observed,
        0 as lower,
        0 as upper
    from by_region
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
