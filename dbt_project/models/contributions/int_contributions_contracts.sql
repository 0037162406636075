{#- One row per contract × indicator: counted, or excluded with the reason. Output goes to the seller's county, absorption to the buyer's.
    A view: the registry's rows are the most of all, and three times as many are read sooner off the contracts than off a table. -#}
{{ config(materialized='view') }}

with contracts as {{ where_used() }} (
    select
        contract.quarter,
        contract.seller_region,
        contract.buyer_region,
        contract.tech_amount_yuan,
        coalesce(contract.seller_uscc, contract.seller_name) as seller,
        coalesce(contract.buyer_uscc, contract.buyer_name) as buyer,
        contract.delivery_id,
        cast(contract.source_row as bigint) as source_row,
        case
            when contract.state not in ('已登记', '变更') then 'state ' || contract.state
            when contract.registered_on > {{ quarter_end('contract.quarter') }} then 'registered after the quarter'
        end as not_counted_because,
        case when not contract.is_seller_in_county then 'seller outside Zhejiang' end as seller_elsewhere,
        case
            when contract.is_buyer_foreign then 'buyer abroad'
            when not contract.is_buyer_in_county then 'buyer outside Zhejiang'
        end as buyer_elsewhere,
        case when contract.tech_amount_yuan is null then 'no value' end as without_amount
    from {{ ref('stg_contracts__contracts') }} as contract
)

select
    contracts.quarter,
    contracts.seller_region as region_code,
    'TECH_TX' as indicator,
    'amount' as role,
    contracts.tech_amount_yuan as amount,
    contracts.delivery_id,
    'contracts/contracts' as source_table,
    contracts.source_row,
    'tech_amount' as source_column,
    coalesce(contracts.not_counted_because, contracts.seller_elsewhere, contracts.without_amount) as excluded_because,
    contracts.seller as contributor
from contracts
union all
select
    contracts.quarter,
    contracts.seller_region as region_code,
    'TECH_N' as indicator,
    'amount' as role,
    cast(1 as decimal(28, 6)) as amount,
    contracts.delivery_id,
    'contracts/contracts' as source_table,
    contracts.source_row,
    cast(null as string) as source_column,
    coalesce(contracts.not_counted_because, contracts.seller_elsewhere) as excluded_because,
    contracts.seller as contributor
from contracts
union all
select
    contracts.quarter,
    contracts.buyer_region as region_code,
    'TECH_IN' as indicator,
    'amount' as role,
    contracts.tech_amount_yuan as amount,
    contracts.delivery_id,
    'contracts/contracts' as source_table,
    contracts.source_row,
    'tech_amount' as source_column,
    coalesce(contracts.not_counted_because, contracts.buyer_elsewhere, contracts.without_amount) as excluded_because,
    contracts.buyer as contributor
from contracts
