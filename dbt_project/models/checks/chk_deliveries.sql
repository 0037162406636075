{#- Deliveries and their rows: one row per check × quarter × feed or table (`indicator`).

    `delivered`: each of the five feeds has a delivery in force. `table_kept`: each table that is due has a row that counts.
    `quarantined`: rows set aside in a table. `quarantine_share`: their share of a feed's rows, bounded in the suite.
    `rows_year_before`, `rows_quarter_before`: rows landed, as a multiple of the same quarter's a year before, and of the quarter before;
    the registry's snapshot starts anew each year, and the ledger, the annual sheet and the super-deduction have more in some quarters. -#}

{%- set feeds = ['statistics', 'contracts', 'incubators', 'ledger', 'tax'] %}
{%- set tables = {
    'statistics/industry': '1234', 'statistics/investment': '1234', 'statistics/gdp': '1234', 'statistics/research': '3',
    'statistics/enterprises': '1234', 'contracts/contracts': '1234', 'incubators/carriers': '1234', 'incubators/tenants': '1234',
    'ledger/entries': '1234', 'tax/dj_nsrxx': '1234', 'tax/sb_zzs': '1234', 'tax/sb_yfjjkc': '234',
} %}

with quarters as (
    select distinct in_force.quarter
    from {{ source('landing', 'in_force') }} as in_force
),

feeds as (
    select
        counts.quarter,
        counts.feed,
        max(counts.delivery_id) as delivery_id,
        sum(counts.rows_quarantined) as rows_quarantined,
        sum(counts.rows_landed) as rows_landed
    from {{ ref('stg_row_counts') }} as counts
    group by counts.quarter, counts.feed
),

rows_of_check as (
    select
        quarters.quarter,
        'delivered' as check_name,
        '' as region_code,
        due.feed as indicator,
        in_force.delivery_id,
        case when in_force.delivery_id is null then 0.0 else 1.0 end as observed,
        1.0 as lower,
        cast(null as double) as upper
    from quarters
    cross join (values {% for feed in feeds %}('{{ feed }}'){{ ', ' if not loop.last }}{% endfor %}) as due (feed)
    left join {{ source('landing', 'in_force') }} as in_force
        on quarters.quarter = in_force.quarter and due.feed = in_force.feed
    union all
    select
        quarters.quarter,
        'table_kept' as check_name,
        '' as region_code,
        due.source_table as indicator,
        counts.delivery_id,
        coalesce(counts.rows_kept, 0) as observed,
        1 as lower,
        null as upper
    from quarters
    cross join (values {% for table, due_in in tables.items() %}('{{ table }}', '{{ due_in }}'){{ ', ' if not loop.last }}{% endfor %}) as due (source_table, due_in)
    left join {{ ref('stg_row_counts') }} as counts
        on quarters.quarter = counts.quarter and due.source_table = counts.source_table
    where due.due_in like '%' || substr(quarters.quarter, 6, 1) || '%'
    union all
    select
        counts.quarter,
        'quarantined' as check_name,
        '' as region_code,
        counts.source_table as indicator,
        counts.delivery_id,
        counts.rows_quarantined as observed,
        0 as lower,
        0 as upper
    from {{ ref('stg_row_counts') }} as counts
    union all
    select
        feeds.quarter,
        'quarantine_share' as check_name,
        '' as region_code,
        feeds.feed as indicator,
        feeds.delivery_id,
        feeds.rows_quarantined * 1.0 / feeds.rows_landed as observed,
        null as lower,
        null as upper
    from feeds
    {%- for check, (quarters, upper, skipped) in {
        'rows_year_before': [-4, 2, []],
        'rows_quarter_before': [-1, 1.5, ['contracts/contracts', 'ledger/targets', 'statistics/research', 'tax/sb_yfjjkc']],
    }.items() %}
    union all
    select
        counts.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        counts.source_table as indicator,
        counts.delivery_id,
        coalesce(counts.rows_landed * 1.0 / nullif(before.rows_landed, 0), 1) as observed,
        1.0 / {{ upper }} as lower,
        {{ upper }} as upper
    from {{ ref('stg_row_counts') }} as counts
    left join {{ ref('stg_row_counts') }} as before
        on {{ quarter_plus('counts.quarter', quarters) }} = before.quarter
        and counts.source_table = before.source_table
    {%- if skipped %}
    where counts.source_table not in ('{{ skipped | join("', '") }}')
    {%- endif %}
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
