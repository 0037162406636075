{#- Each feed's rows against its earlier deliveries: one row per check × quarter × table, amount or county of a table (`indicator`).

    `resent`: share of a table's rows whose figures stand the same in the quarter before, as when an old file comes under a new name.
    `magnitude`: median of an amount's positive values as a multiple of a year before (else of the quarter before), if both rest on 20
    rows; it must not lie near 10, 1 000, 10 000 or 10^8, either way, as a mistaken unit of the whole delivery makes it.
    `county_silent`: rows of a county in a table, at least one where a year before there were ten. -#}

{%- set resent = {
    'statistics/enterprises': ['stg_statistics__enterprises', ['uscc'], ['ind_va_ytd_yuan', 'revenue_ytd_yuan', 'rd_expense_ytd_yuan'], 0.5],
    'incubators/carriers': ['stg_incubators__carriers', ['carrier_code'], ['tenant_count', 'staff_count', 'income_yuan'], 0.5],
    'ledger/entries': ['stg_ledger__entries', ['indicator', 'region_code', 'scope'], ['value'], 0.95],
    'tax/sb_zzs': ['stg_tax__vat_returns', ['taxpayer_id'], ['sales_yuan'], 0.5],
} %}
{%- set amounts = {
    'stg_statistics__enterprises': ['ind_va_ytd_yuan', 'revenue_ytd_yuan', 'rd_expense_ytd_yuan'],
    'stg_contracts__contracts': ['contract_amount_yuan', 'tech_amount_yuan'],
    'stg_incubators__carriers': ['area_total_m2', 'income_yuan'],
    'stg_incubators__tenants': ['investment_yuan'],
    'stg_tax__vat_returns': ['sales_yuan', 'exempt_tech_sales_yuan'],
    'stg_tax__rd_returns': ['rd_expense_yuan', 'deduction_yuan'],
} %}
{%- set counties = {
    'statistics/enterprises': ['stg_statistics__enterprises', 'region_code'],
    'contracts/contracts': ['stg_contracts__contracts', 'seller_region'],
    'incubators/carriers': ['stg_incubators__carriers', 'region_code'],
    'incubators/tenants': ['stg_incubators__tenants', 'region_code'],
    'tax/sb_zzs': ['stg_tax__vat_returns', 'region_code'],
} %}

with resent as (
    {%- for source_table, (model, key, figures, share) in resent.items() %}
    select
        now.quarter,
        '{{ source_table }}' as source_table,
        {{ share }} as share,
        max(now.delivery_id) as delivery_id,
        count(before.quarter) * 1.0 / count(*) as observed
    from {{ ref(model) }} as now
    left join {{ ref(model) }} as before
        on {{ quarter_plus('now.quarter', -1) }} = before.quarter
        and {{ in_quarters_before('before.quarter', [1]) }}
        {%- for column in key + figures %}
        and now.{{ column }} = before.{{ column }}
        {%- endfor %}
        and now.{{ figures[0] }} > 0
        {%- if model == 'stg_tax__vat_returns' %}
        and not before.is_superseded
        {%- endif %}
    where {{ in_quarters('now.quarter') }}
        {%- if model == 'stg_tax__vat_returns' %}
        and not now.is_superseded
        {%- endif %}
    group by now.quarter
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

medians as (
    {%- for model, columns in amounts.items() %}
    {%- set outer = loop %}
    {%- for column in columns %}
    select
        feed.quarter,
        '{{ model | replace('stg_', '') | replace('__', '/') }}/{{ column }}' as measure,
        max(feed.delivery_id) as delivery_id,
        count(*) as row_count,
        {{ to_double('median(feed.' ~ column ~ ')') }} as middle
    from {{ ref(model) }} as feed
    where feed.{{ column }} > 0
        and {{ in_quarters_before('feed.quarter', [0, 1, 4]) }}
    group by feed.quarter
    {% if not (loop.last and outer.last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}
),

magnitudes as (
    select
        now.quarter,
        now.measure,
        now.delivery_id,
        now.middle / coalesce(year_before.middle, before.middle, now.middle) as ratio
    from medians as now
    left join medians as year_before
        on {{ quarter_plus('now.quarter', -4) }} = year_before.quarter
        and now.measure = year_before.measure
        and least(now.row_count, year_before.row_count) >= 20
    left join medians as before
        on {{ quarter_plus('now.quarter', -1) }} = before.quarter
        and now.measure = before.measure
        and least(now.row_count, before.row_count) >= 20
    where {{ in_quarters('now.quarter') }}
),

counted as (
    {%- for source_table, (model, region) in counties.items() %}
    select
        feed.quarter,
        '{{ source_table }}' as source_table,
        feed.{{ region }} as region_code,
        count(*) as row_count
    from {{ ref(model) }} as feed
    where {{ in_quarters_before('feed.quarter', [0, 4]) }}
    group by feed.quarter, feed.{{ region }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

delivered as (
    select
        counts.quarter,
        counts.source_table,
        counts.delivery_id
    from {{ ref('stg_row_counts') }} as counts
    where {{ in_quarters('counts.quarter') }}
),

silent as (
    select
        delivered.quarter,
        delivered.source_table,
        delivered.delivery_id,
        region.code as region_code,
        coalesce(now.row_count, 0) as row_count,
        coalesce(year_before.row_count, 0) as year_before
    from delivered
    {{ join_regions('delivered.quarter', ['c']) }}
    left join counted as now
        on delivered.quarter = now.quarter
        and delivered.source_table = now.source_table
        and region.code = now.region_code
    left join counted as year_before
        on {{ quarter_plus('delivered.quarter', -4) }} = year_before.quarter
        and delivered.source_table = year_before.source_table
        and region.code = year_before.region_code
    where delivered.source_table in ('{{ counties | join("', '") }}')
),

rows_of_check as (
    select
        resent.quarter,
        'resent' as check_name,
        '' as region_code,
        resent.source_table as indicator,
        resent.delivery_id,
        cast(resent.observed as double) as observed,
        cast(0 as double) as lower,
        cast(resent.share as double) as upper
    from resent
    union all
    select
        magnitudes.quarter,
        'magnitude' as check_name,
        '' as region_code,
        magnitudes.measure as indicator,
        magnitudes.delivery_id,
        magnitudes.ratio as observed,
        {{ power_of_ten_bound('magnitudes.ratio', [8, 4, 3, 1], 'lower') }} as lower,
        {{ power_of_ten_bound('magnitudes.ratio', [8, 4, 3, 1], 'upper') }} as upper
    from magnitudes
    union all
    select
        silent.quarter,
        'county_silent' as check_name,
        silent.region_code,
        silent.source_table as indicator,
        silent.delivery_id,
        silent.row_count as observed,
        case when silent.year_before >= 10 then 1 else 0 end as lower,
        null as upper
    from silent
)

{{ check_table('rows_of_check') }}
