{#- One row per return × indicator, and one per taxpayer, which counts in nothing but says where its returns do. Of R&D expense one return of the
    year counts (int_rd_returns_to_date). Tax-exempt sales are one quarter's amounts, and the cells add up over the year.
    A view: to keep what it says of every return takes four times as long as to say it anew. -#}
{{ config(materialized='view') }}

select
    returns_to_date.quarter,
    returns_to_date.region_code,
    'TAX_RD' as indicator,
    'amount' as role,
    cast(returns_to_date.rd_expense_yuan as decimal(28, 6)) as amount,
    returns_to_date.delivery_id,
    'tax/sb_yfjjkc' as source_table,
    returns_to_date.source_row,
    'yffy_gj' as source_column,
    returns_to_date.excluded_because,
    returns_to_date.taxpayer as contributor
from {{ ref('int_rd_returns_to_date') }} as returns_to_date
union all
select
    returns_to_date.quarter,
    returns_to_date.region_code,
    'TAX_RD_N' as indicator,
    'amount' as role,
    cast(1 as decimal(28, 6)) as amount,
    returns_to_date.delivery_id,
    'tax/sb_yfjjkc' as source_table,
    returns_to_date.source_row,
    cast(null as string) as source_column,
    coalesce(
        returns_to_date.excluded_because,
        case when returns_to_date.rd_expense_yuan <= 0 then 'no R&D expense' end
    ) as excluded_because,
    returns_to_date.taxpayer as contributor
from {{ ref('int_rd_returns_to_date') }} as returns_to_date
union all
select
    vat_return.quarter,
    vat_return.region_code,
    'TAX_TECH' as indicator,
    'amount' as role,
    cast(vat_return.exempt_tech_sales_yuan as decimal(28, 6)) as amount,
    vat_return.delivery_id,
    'tax/sb_zzs' as source_table,
    vat_return.source_row,
    'ms_jsxse' as source_column,
    case
        when vat_return.is_superseded then 'corrected by a later return'
        when not vat_return.is_in_county then 'taxpayer outside Zhejiang'
        when vat_return.exempt_tech_sales_yuan is null then 'no value'
    end as excluded_because,
    coalesce(vat_return.uscc, cast(vat_return.taxpayer_id as string)) as contributor
from {{ ref('stg_tax__vat_returns') }} as vat_return
union all
select
    taxpayer.quarter,
    taxpayer.region_code,
    'TAX_RD' as indicator,
    'place' as role,
    cast(null as decimal(28, 6)) as amount,
    taxpayer.delivery_id,
    'tax/dj_nsrxx' as source_table,
    taxpayer.source_row,
    'xzqh_dm' as source_column,
    'says where the returns of the taxpayer count' as excluded_because,
    coalesce(taxpayer.uscc, cast(taxpayer.taxpayer_id as string)) as contributor
from {{ ref('stg_tax__taxpayers') }} as taxpayer
