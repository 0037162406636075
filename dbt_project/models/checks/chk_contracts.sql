{#- The registry's snapshot against the one before of the same year, and within itself: one row per check × quarter × seller's region,
    or per quarter for shares of the whole snapshot.

    Per region, numbers of contracts: `vanished`, of the snapshot before and gone. `same_deal`: agree with another in seller, buyer, both
    amounts and day, under two numbers, as a deal registered at two points does. `registered_ahead`: registered after the day on which the
    delivery was received. `number_year`: the year in the number is later than the registration. `restated_unit`: the technology amount is
    10, 1 000, 10 000 or 10^8 times that of the snapshot before, or a part of it as small.
    Per quarter, shares: `restated`, of the common ones with another technology amount. `resent`: of the snapshot that stood the same in the
    snapshot before. `signed_late`: signed after their registration. -#}

with contracts as (
    select
        contract.quarter,
        contract.contract_no,
        contract.seller_region,
        contract.tech_amount_yuan,
        contract.signed_on,
        contract.registered_on,
        contract.state,
        contract.delivery_id,
        contract.registered_on > in_force.received_on as is_registered_ahead,
        coalesce(
            case
                when length(contract.contract_no) = 16 then cast(substr(contract.contract_no, 1, 4) as integer)
                when length(contract.contract_no) = 14 then 2000 + cast(substr(contract.contract_no, 1, 2) as integer)
            end > extract(year from contract.registered_on), false
        ) as is_numbered_ahead,
        case
            when contract.state in ('已登记', '变更') and contract.tech_amount_yuan > 0
                then row_number() over (
                    partition by
                        contract.quarter, contract.seller_uscc, contract.seller_name, contract.buyer_uscc, contract.buyer_name,
                        contract.contract_amount_yuan, contract.tech_amount_yuan, contract.signed_on, contract.state
                    order by contract.contract_no
                ) > 1
            else false
        end as is_repeated
    from {{ ref('stg_contracts__contracts') }} as contract
    inner join {{ source('landing', 'in_force') }} as in_force
        on contract.quarter = in_force.quarter and in_force.feed = 'contracts'
    where {{ in_quarters('contract.quarter') }}
),

before as (
    select
        {{ quarter_plus('contract.quarter', 1) }} as quarter,
        contract.contract_no,
        contract.seller_region,
        contract.tech_amount_yuan,
        contract.state
    from {{ ref('stg_contracts__contracts') }} as contract
    where substr(contract.quarter, 6, 1) <> '4' and {{ in_quarters_before('contract.quarter', [1]) }}
),

compared as (
    select
        coalesce(contracts.quarter, before.quarter) as quarter,
        coalesce(contracts.seller_region, before.seller_region) as seller_region,
        contracts.contract_no is null as is_vanished,
        before.contract_no is not null and contracts.contract_no is not null as is_common,
        coalesce(contracts.tech_amount_yuan, -1) <> coalesce(before.tech_amount_yuan, -1) as is_restated,
        coalesce(contracts.tech_amount_yuan, -1) = coalesce(before.tech_amount_yuan, -1) and contracts.state = before.state as is_as_before,
        case
            when contracts.tech_amount_yuan > 0 and before.tech_amount_yuan > 0
                then {{ to_double('contracts.tech_amount_yuan') }} / {{ to_double('before.tech_amount_yuan') }}
        end as restated_by,
        coalesce(contracts.is_repeated, false) as is_repeated,
        coalesce(contracts.is_registered_ahead, false) as is_registered_ahead,
        coalesce(contracts.is_numbered_ahead, false) as is_numbered_ahead
    from contracts
    full outer join before on contracts.quarter = before.quarter and contracts.contract_no = before.contract_no
),

snapshots as (
    select
        contracts.quarter,
        max(contracts.delivery_id) as delivery_id,
        count(*) as contract_count,
        count(*) filter (where contracts.signed_on > contracts.registered_on) as signed_late
    from contracts
    group by contracts.quarter
),

by_region as (
    select
        compared.quarter,
        compared.seller_region,
        count(*) filter (where compared.is_vanished) as vanished,
        count(*) filter (where compared.is_repeated) as same_deal,
        count(*) filter (where compared.is_registered_ahead) as registered_ahead,
        count(*) filter (where compared.is_numbered_ahead) as number_year,
        count(*) filter (
            where {{ power_of_ten_bound('compared.restated_by', [8, 4, 3, 1], 'lower') }} is not null
                or {{ power_of_ten_bound('compared.restated_by', [8, 4, 3, 1], 'upper') }} is not null
        ) as restated_unit
    from compared
    group by compared.quarter, compared.seller_region
),

restated as (
    select
        compared.quarter,
        count(*) filter (where compared.is_common and compared.is_restated) as restated,
        count(*) filter (where compared.is_common) as common,
        count(*) filter (where compared.is_as_before) as as_before
    from compared
    group by compared.quarter
),

rows_of_check as (
    {%- for check in ['vanished', 'same_deal', 'registered_ahead', 'number_year', 'restated_unit'] %}
    select
        snapshots.quarter,
        '{{ check }}' as check_name,
        by_region.seller_region as region_code,
        'TECH_TX' as indicator,
        snapshots.delivery_id,
        cast(by_region.{{ check }} as double) as observed,
        cast(0 as double) as lower,
        cast(0 as double) as upper
    from by_region
    inner join snapshots on by_region.quarter = snapshots.quarter
    union all
    {%- endfor %}
    select
        snapshots.quarter,
        'restated' as check_name,
        '' as region_code,
        'TECH_TX' as indicator,
        snapshots.delivery_id,
        coalesce(restated.restated * 1.0 / nullif(restated.common, 0), 0) as observed,
        0 as lower,
        0.05 as upper
    from snapshots
    inner join restated on snapshots.quarter = restated.quarter
    union all
    select
        snapshots.quarter,
        'resent' as check_name,
        '' as region_code,
        'TECH_TX' as indicator,
        snapshots.delivery_id,
        restated.as_before * 1.0 / snapshots.contract_count as observed,
        0 as lower,
        0.95 as upper
    from snapshots
    inner join restated on snapshots.quarter = restated.quarter
    union all
    select
        snapshots.quarter,
        'signed_late' as check_name,
        '' as region_code,
        'TECH_TX' as indicator,
        snapshots.delivery_id,
        snapshots.signed_late * 1.0 / snapshots.contract_count as observed,
        0 as lower,
        0.01 as upper
    from snapshots
)

{{ check_table('rows_of_check') }}
