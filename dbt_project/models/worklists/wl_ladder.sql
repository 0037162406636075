{#- The ladder to 国家高新技术企业: one row per quarter × firm of at least one year whose R&D expense over sales is within a fifth of the
    threshold that its sales of the year before ask for. `amount` is the R&D expense between it and the threshold, yuan. The rule is about
    three years; the feeds know the year to date. -#}

with firms as (
    select
        taxed.quarter,
        taxed.uscc,
        taxed.firm_name,
        taxed.region_code,
        taxed.rd_expense_yuan,
        taxed.rd_period_to,
        taxed.sales_of_rd_yuan,
        coalesce(taxed.sales_last_year_yuan, 0) as sales_last_year_yuan,
        taxed.registered_on,
        case
            when coalesce(taxed.sales_last_year_yuan, 0) <= 50000000 then 5
            when taxed.sales_last_year_yuan <= 200000000 then 4
            else 3
        end as threshold_pct,
        concat_ws(' ', {{ rows_of('sb_yfjjkc', 'taxed.rd_rows') }}, {{ rows_of('sb_zzs', 'taxed.vat_rows') }}) as source_rows
    from {{ ref('int_firms_in_tax') }} as taxed
    where
        taxed.rd_expense_yuan > 0
        and taxed.sales_of_rd_yuan > 0
        and not taxed.is_cancelled
        and taxed.registered_on + interval 1 year <= {{ quarter_end('taxed.quarter') }}
        and {{ in_quarters('taxed.quarter') }}
)

select
    firms.quarter,
    firms.uscc,
    firms.firm_name,
    firms.region_code,
    case
        when firms.rd_expense_yuan * 100 < firms.threshold_pct * firms.sales_of_rd_yuan then 'below_threshold'
        else 'just_above'
    end as reasons,
    cast(abs(firms.threshold_pct * firms.sales_of_rd_yuan - firms.rd_expense_yuan * 100) / 100 as decimal(28, 6)) as amount,
    firms.rd_expense_yuan as tax_rd_yuan,
    firms.rd_period_to,
    firms.sales_of_rd_yuan,
    firms.sales_last_year_yuan,
    cast(firms.threshold_pct as integer) as threshold_pct,
    firms.registered_on,
    firms.source_rows
from firms
where firms.rd_expense_yuan * 500 between 4 * firms.threshold_pct * firms.sales_of_rd_yuan and 6 * firms.threshold_pct * firms.sales_of_rd_yuan
