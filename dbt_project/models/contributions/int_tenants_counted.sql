{#- Tenants with the reason why one does not count: one row per tenant. It counts once within a county, at its first carrier by code. -#}

select
    tenant.quarter,
    tenant.region_code,
    tenant.staff_count,
    tenant.uscc,
    tenant.delivery_id,
    tenant.source_row,
    case
        when tenant.state <> '在孵' then 'state ' || tenant.state
        when not tenant.is_in_county then 'carrier outside Zhejiang'
        when row_number() over (
            partition by tenant.quarter, tenant.region_code, tenant.uscc, tenant.state
            order by tenant.carrier_code, tenant.source_row
        ) > 1 then 'counted at another carrier of the county'
    end as excluded_because
from {{ ref('stg_incubators__tenants') }} as tenant
where {{ in_quarters('tenant.quarter') }}
