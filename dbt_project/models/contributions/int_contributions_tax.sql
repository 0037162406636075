{#- One row per return × indicator, and one per taxpayer, which counts in nothing but says where its returns do. R&D expense is cumulated by the taxpayer, so of the year's returns to date only the one with the
    latest period end counts (then the annual return over the prepayment, then the latest filed); a quarter therefore looks back at
    the year's earlier quarters. Tax-exempt sales are one quarter's amounts, and the cells add up over the year. -#}

with computed_quarters as (
    select in_force.quarter
    from {{ ref('stg_deliveries') }} as in_force
    where
        in_force.feed = 'tax'
        and {{ in_quarters('in_force.quarter') }}
),

returns_to_date as (
    select
        computed_quarters.quarter,
        rd_return.region_code,
        coalesce(rd_return.uscc, cast(rd_return.taxpayer_id as string)) as taxpayer,
        rd_return.rd_expense_yuan,
        rd_return.delivery_id,
        rd_return.source_row,
        case
            when row_number() over (
                partition by computed_quarters.quarter, rd_return.taxpayer_id
                order by {{ counted_return_first('rd_return') }}
            ) > 1 then 'a later return of the taxpayer counts'
            when not rd_return.is_in_county then 'taxpayer outside Zhejiang'
            when rd_return.rd_expense_yuan is null then 'no value'
        end as excluded_because
    from computed_quarters
    inner join {{ ref('stg_tax__rd_returns') }} as rd_return
        on {{ quarter_year('computed_quarters.quarter') }} = {{ quarter_year('rd_return.quarter') }}
        and computed_quarters.quarter >= rd_return.quarter
)

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
from returns_to_date
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
from returns_to_date
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
where {{ in_quarters('vat_return.quarter') }}
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
where {{ in_quarters('taxpayer.quarter') }}
