{#- What the tax feed knows of a firm: one row per quarter × firm (USCC) with a taxpayer in Zhejiang, amounts in yuan, rows by their number. R&D expense is that of
    the return that `TAX_RD` counts; sales are those of VAT returns in force. A firm with several taxpayers stands where its first one does. -#}

with computed_quarters as (
    {{ quarters_with('tax') }}
),

research as (
    select
        computed_quarters.quarter,
        rd_return.taxpayer_id,
        rd_return.quarter as rd_quarter,
        rd_return.period_to as rd_period_to,
        rd_return.rd_expense_yuan,
        rd_return.source_row,
        row_number() over (
            partition by computed_quarters.quarter, rd_return.taxpayer_id
            order by {{ counted_return_first('rd_return') }}
        ) as place
    from computed_quarters
    inner join {{ ref('stg_tax__rd_returns') }} as rd_return
        on {{ quarter_year('computed_quarters.quarter') }} = {{ quarter_year('rd_return.quarter') }}
        and computed_quarters.quarter >= rd_return.quarter
),

counted as (
    select
        research.quarter,
        research.taxpayer_id,
        research.rd_quarter,
        research.rd_period_to,
        research.rd_expense_yuan,
        research.source_row
    from research
    where research.place = 1
),

sales as (
    select
        computed_quarters.quarter,
        vat_return.taxpayer_id,
        sum(vat_return.sales_yuan) filter (where vat_return.quarter > {{ quarter_plus('computed_quarters.quarter', -4) }}) as sales_year_yuan,
        count(distinct vat_return.quarter) filter (where vat_return.quarter > {{ quarter_plus('computed_quarters.quarter', -4) }})
            as sales_quarters,
        sum(vat_return.sales_yuan) filter (where substr(vat_return.quarter, 1, 4) = substr(computed_quarters.quarter, 1, 4)) as sales_ytd_yuan,
        sum(vat_return.sales_yuan) filter (where substr(vat_return.quarter, 1, 4) < substr(computed_quarters.quarter, 1, 4))
            as sales_last_year_yuan,
        sum(vat_return.exempt_tech_sales_yuan) filter (where substr(vat_return.quarter, 1, 4) = substr(computed_quarters.quarter, 1, 4))
            as exempt_ytd_yuan,
        sum(vat_return.sales_yuan) filter (
            where substr(vat_return.quarter, 1, 4) = substr(computed_quarters.quarter, 1, 4) and vat_return.quarter <= counted.rd_quarter
        ) as sales_of_rd_yuan,
        list(vat_return.source_row order by vat_return.quarter, vat_return.source_row)
            filter (where vat_return.quarter > {{ quarter_plus('computed_quarters.quarter', -4) }}) as vat_rows
    from computed_quarters
    inner join {{ ref('stg_tax__vat_returns') }} as vat_return
        on computed_quarters.quarter >= vat_return.quarter
        and cast({{ quarter_year('computed_quarters.quarter') }} - 1 as string) <= substr(vat_return.quarter, 1, 4)
        and {{ in_quarters_before('vat_return.quarter', range(8)) }}
        and not vat_return.is_superseded
    left join counted
        on computed_quarters.quarter = counted.quarter
        and vat_return.taxpayer_id = counted.taxpayer_id
    group by computed_quarters.quarter, vat_return.taxpayer_id
)

select
    taxpayer.quarter,
    taxpayer.uscc,
    min_by(taxpayer.firm_name, taxpayer.taxpayer_id) as firm_name,
    min_by(taxpayer.region_code, taxpayer.taxpayer_id) as region_code,
    min_by(taxpayer.industry_code, taxpayer.taxpayer_id) as industry_code,
    min(taxpayer.registered_on) as registered_on,
    bool_and(coalesce(taxpayer.taxpayer_state, '') = '05') as is_cancelled,
    cast(sum(counted.rd_expense_yuan) as decimal(28, 6)) as rd_expense_yuan,
    max(counted.rd_period_to) as rd_period_to,
    cast(sum(sales.sales_of_rd_yuan) as decimal(28, 6)) as sales_of_rd_yuan,
    cast(sum(sales.sales_ytd_yuan) as decimal(28, 6)) as sales_ytd_yuan,
    cast(sum(sales.sales_year_yuan) as decimal(28, 6)) as sales_year_yuan,
    cast(max(sales.sales_quarters) as integer) as sales_quarters,
    cast(sum(sales.sales_last_year_yuan) as decimal(28, 6)) as sales_last_year_yuan,
    cast(sum(sales.exempt_ytd_yuan) as decimal(28, 6)) as exempt_ytd_yuan,
    list(counted.source_row order by counted.source_row) filter (where counted.source_row is not null) as rd_rows,
    flatten(list(sales.vat_rows order by taxpayer.taxpayer_id) filter (where sales.vat_rows is not null)) as vat_rows,
    list(taxpayer.source_row order by taxpayer.source_row) as register_rows
from {{ ref('stg_tax__taxpayers') }} as taxpayer
left join counted
    on taxpayer.quarter = counted.quarter
    and taxpayer.taxpayer_id = counted.taxpayer_id
left join sales
    on taxpayer.quarter = sales.quarter
    and taxpayer.taxpayer_id = sales.taxpayer_id
where taxpayer.is_in_county and {{ in_quarters('taxpayer.quarter') }}
group by taxpayer.quarter, taxpayer.uscc
