{#- The tax extract within itself: one row per check × quarter × taxpayers' county (`deduction_rate`), or per quarter.

    `deduction_rate`: deduction over collected expense of the returns in force; the legal rates were 50, 75, 100 and 120 %.
    `period_from`: super-deduction returns that do not begin on 1 January, though they are year-to-date. `vat_period`: VAT returns of
    another span than one quarter, as a year-to-date given for a quarter has. `superseded`: share of returns replaced by a correction.
    `beyond_sales`: VAT returns whose tax due or exempt sales exceed their sales. `usccs_twice`: share of taxpayers whose USCC another number has too. -#}

with rd_returns as (
    select
        rd_return.quarter,
        rd_return.region_code,
        rd_return.rd_expense_yuan,
        rd_return.deduction_yuan,
        rd_return.is_superseded,
        rd_return.period_from,
        rd_return.period_to,
        rd_return.is_in_county,
        rd_return.delivery_id
    from {{ ref('stg_tax__rd_returns') }} as rd_return
    where {{ in_quarters('rd_return.quarter') }}
),

taxpayers as (
    select
        taxpayer.quarter,
        max(taxpayer.delivery_id) as delivery_id,
        (count(taxpayer.uscc) - count(distinct taxpayer.uscc)) * 1.0 / count(*) as usccs_twice
    from {{ ref('stg_tax__taxpayers') }} as taxpayer
    where {{ in_quarters('taxpayer.quarter') }}
    group by taxpayer.quarter
),

returns as (
    select
        vat_return.quarter,
        vat_return.is_superseded,
        vat_return.period_from is null
        or {{ quarter_of('vat_return.period_from') }} <> vat_return.quarter
        or {{ quarter_of('vat_return.period_from - 1') }} = vat_return.quarter as is_of_other_span,
        coalesce(vat_return.sales_yuan > 0 and vat_return.tax_due_yuan > vat_return.sales_yuan, false)
        or coalesce(vat_return.sales_yuan > 0 and vat_return.exempt_tech_sales_yuan > vat_return.sales_yuan, false) as is_beyond_sales
    from {{ ref('stg_tax__vat_returns') }} as vat_return
    where {{ in_quarters('vat_return.quarter') }}
    union all
    select
        rd_returns.quarter,
        rd_returns.is_superseded,
        false as is_of_other_span,
        false as is_beyond_sales
    from rd_returns
),

superseded as (
    select
        returns.quarter,
        count(*) filter (where returns.is_superseded) * 1.0 / count(*) as superseded,
        count(*) filter (where returns.is_of_other_span) as vat_period,
        count(*) filter (where returns.is_beyond_sales) as beyond_sales
    from returns
    group by returns.quarter
),

rows_of_check as (
    select
        rd_returns.quarter,
        'deduction_rate' as check_name,
        rd_returns.region_code,
        'TAX_RD' as indicator,
        max(rd_returns.delivery_id) as delivery_id,
        {{ to_double('sum(rd_returns.deduction_yuan)') }} / {{ to_double('sum(rd_returns.rd_expense_yuan)') }} as observed,
        cast(0.5 as double) as lower,
        cast(1.2 as double) as upper
    from rd_returns
    where rd_returns.is_in_county and not rd_returns.is_superseded and rd_returns.deduction_yuan is not null
    group by rd_returns.quarter, rd_returns.region_code
    having sum(rd_returns.rd_expense_yuan) > 0
    union all
    select
        taxpayers.quarter,
        'period_from' as check_name,
        '' as region_code,
        'TAX_RD' as indicator,
        taxpayers.delivery_id,
        count(rd_returns.quarter) filter (
            where rd_returns.period_from is null or extract(doy from rd_returns.period_from) <> 1
                or extract(year from rd_returns.period_from) <> extract(year from rd_returns.period_to)
        ) as observed,
        0 as lower,
        0 as upper
    from taxpayers
    left join rd_returns on taxpayers.quarter = rd_returns.quarter
    group by taxpayers.quarter, taxpayers.delivery_id
    union all
    select
        taxpayers.quarter,
        'usccs_twice' as check_name,
        '' as region_code,
        'TAX_RD_N' as indicator,
        taxpayers.delivery_id,
        taxpayers.usccs_twice as observed,
        0 as lower,
        0.01 as upper
    from taxpayers
    union all
    select
        taxpayers.quarter,
        'superseded' as check_name,
        '' as region_code,
        'TAX_TECH' as indicator,
        taxpayers.delivery_id,
        superseded.superseded as observed,
        0 as lower,
        0.2 as upper
    from taxpayers
    inner join superseded on taxpayers.quarter = superseded.quarter
    union all
    select
        taxpayers.quarter,
        'vat_period' as check_name,
        '' as region_code,
        'TAX_TECH' as indicator,
        taxpayers.delivery_id,
        superseded.vat_period as observed,
        0 as lower,
        0 as upper
    from taxpayers
    inner join superseded on taxpayers.quarter = superseded.quarter
    union all
    select
        taxpayers.quarter,
        'beyond_sales' as check_name,
        '' as region_code,
        'TAX_TECH' as indicator,
        taxpayers.delivery_id,
        superseded.beyond_sales as observed,
        0 as lower,
        0 as upper
    from taxpayers
    inner join superseded on taxpayers.quarter = superseded.quarter
)

{{ check_table('rows_of_check') }}
