{#- 应登尽登: one row per quarter × firm with tax-exempt technology sales in the year to date, or with counted contracts as seller in the year
    before, and no counted contract as seller this year. `amount` is the larger of the two, yuan. -#}


{% set counted -%}
    contract.state in ('已登记', '变更')
        and contract.registered_on <= {{ quarter_end('contract.quarter') }}
        and contract.seller_uscc is not null
{%- endset -%}

with sellers as (
    select distinct
        contract.quarter,
        contract.seller_uscc as uscc
    from {{ ref('stg_contracts__contracts') }} as contract
    where
        {{ in_quarters('contract.quarter') }}
        and {{ counted }}
),

last_year as (
    select
        in_force.quarter,
        cast({{ quarter_year('in_force.quarter') }} - 1 as string) || 'Q4' as contracts_of
    from {{ ref('stg_deliveries') }} as in_force
    where in_force.feed = 'contracts' and {{ in_quarters('in_force.quarter') }}
),

earlier as (
    select
        last_year.quarter,
        contract.seller_uscc as uscc,
        max_by(contract.seller_name, contract.source_row) as firm_name,
        max_by(contract.seller_region, contract.source_row) as region_code,
        cast(count(*) as integer) as contracts,
        coalesce(sum(contract.tech_amount_yuan), 0) as tech_amount_yuan,
        string_agg('contracts(' || last_year.contracts_of || '):' || cast(contract.source_row as string), ' ' order by contract.source_row)
            as source_rows
    from last_year
    inner join {{ ref('stg_contracts__contracts') }} as contract
        on last_year.contracts_of = contract.quarter
        and {{ in_quarters_before('contract.quarter', range(5)) }}
        and {{ counted }}
    left join sellers
        on last_year.quarter = sellers.quarter
        and contract.seller_uscc = sellers.uscc
    where sellers.uscc is null
    group by last_year.quarter, contract.seller_uscc
    having bool_or(contract.is_seller_in_county)
),

exempt as (
    select
        taxed.quarter,
        taxed.uscc,
        taxed.firm_name,
        taxed.region_code,
        taxed.exempt_ytd_yuan,
        taxed.vat_rows
    from {{ ref('int_firms_in_tax') }} as taxed
    inner join {{ ref('stg_deliveries') }} as in_force
        on taxed.quarter = in_force.quarter
        and in_force.feed = 'contracts'
    where taxed.exempt_ytd_yuan > 0 and {{ in_quarters('taxed.quarter') }}
),

found as (
    select
        coalesce(earlier.quarter, exempt.quarter) as quarter,
        coalesce(earlier.uscc, exempt.uscc) as uscc,
        coalesce(earlier.firm_name, exempt.firm_name) as firm_name,
        coalesce(earlier.region_code, exempt.region_code) as region_code,
        exempt.exempt_ytd_yuan,
        earlier.contracts,
        earlier.tech_amount_yuan,
        exempt.vat_rows,
        earlier.source_rows
    from earlier
    full outer join exempt
        on earlier.quarter = exempt.quarter
        and earlier.uscc = exempt.uscc
)

select
    found.quarter,
    found.uscc,
    found.firm_name,
    found.region_code,
    concat_ws(
        ' ',
        case when found.exempt_ytd_yuan is not null then 'exempt_sales' end,
        case when found.contracts is not null then 'seller_last_year' end
    ) as reasons,
    cast(greatest(coalesce(found.exempt_ytd_yuan, 0), coalesce(found.tech_amount_yuan, 0)) as decimal(28, 6)) as amount,
    found.exempt_ytd_yuan,
    found.contracts as contracts_last_year,
    cast(found.tech_amount_yuan as decimal(28, 6)) as tech_amount_last_year_yuan,
    concat_ws(' ', {{ rows_of('sb_zzs', 'found.vat_rows') }}, found.source_rows) as source_rows
from found
left join sellers
    on found.quarter = sellers.quarter
    and found.uscc = sellers.uscc
where sellers.uscc is null
