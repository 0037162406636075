{{ incremental_by_quarter() }}

{#- Carriers and tenants: one row per check × quarter × county of the carriers, or per quarter for shares of the whole delivery.

    `rooms`: carriers whose four kinds of rooms miss the total by more than rounding (five figures, half a printed digit each).
    `tenants`: carriers whose stated tenants are not those listed as 在孵; a quarantined row may or may not have been one.
    `tenant_twice`, `tenant_stay`, `tenant_cancelled`, `carrier_gone`: shares of the delivery. -#}

with carriers as (
    select
        carrier.quarter,
        carrier.carrier_code,
        carrier.region_code,
        carrier.tenant_count,
        carrier.area_total_m2 - carrier.area_office_m2 - carrier.area_tenant_m2 - carrier.area_public_m2 - carrier.area_other_m2 as rooms_residual,
        case
            when max(carrier.area_total_m2 % 1 + carrier.area_office_m2 % 1 + carrier.area_tenant_m2 % 1 + carrier.area_public_m2 % 1)
                over (partition by carrier.quarter) > 0 then 0.025
            else 2.5
        end as rooms_tolerance,
        carrier.delivery_id
    from {{ ref('stg_incubators__carriers') }} as carrier
    where {{ in_quarters('carrier.quarter') }}
),

listed as (
    select
        tenant.quarter,
        tenant.carrier_code,
        count(*) filter (where tenant.quarantined_because is null and tenant.state = '在孵') as in_incubation,
        count(*) filter (where tenant.quarantined_because is not null) as quarantined
    from {{ ref('base_incubators__tenants') }} as tenant
    where {{ in_quarters('tenant.quarter') }}
    group by tenant.quarter, tenant.carrier_code
),

by_region as (
    select
        carriers.quarter,
        carriers.region_code,
        max(carriers.delivery_id) as delivery_id,
        count(*) filter (where abs(carriers.rooms_residual) > carriers.rooms_tolerance) as rooms,
        count(*) filter (
            where carriers.tenant_count < coalesce(listed.in_incubation, 0)
                or carriers.tenant_count > coalesce(listed.in_incubation, 0) + coalesce(listed.quarantined, 0)
        ) as tenants
    from carriers
    left join listed on carriers.quarter = listed.quarter and carriers.carrier_code = listed.carrier_code
    group by carriers.quarter, carriers.region_code
),

tenants as (
    select
        tenant.quarter,
        tenant.delivery_id,
        row_number() over (partition by tenant.quarter, tenant.uscc order by tenant.carrier_code) > 1 as is_twice,
        tenant.entered_on < {{ quarter_end('tenant.quarter') }} - interval 48 month as is_long,
        taxpayer.taxpayer_state = '05' as is_cancelled
    from {{ ref('stg_incubators__tenants') }} as tenant
    left join (
        select
            listed_taxpayer.quarter,
            listed_taxpayer.uscc,
            min(listed_taxpayer.taxpayer_state) as taxpayer_state
        from {{ ref('stg_tax__taxpayers') }} as listed_taxpayer
        group by listed_taxpayer.quarter, listed_taxpayer.uscc
    ) as taxpayer on tenant.quarter = taxpayer.quarter and tenant.uscc = taxpayer.uscc
    where tenant.state = '在孵' and {{ in_quarters('tenant.quarter') }}
),

shares as (
    select
        tenants.quarter,
        max(tenants.delivery_id) as delivery_id,
        count(*) filter (where tenants.is_twice) * 1.0 / count(*) as tenant_twice,
        count(*) filter (where tenants.is_long) * 1.0 / count(*) as tenant_stay,
        count(*) filter (where tenants.is_cancelled) * 1.0 / count(*) as tenant_cancelled
    from tenants
    group by tenants.quarter
),

gone as (
    select
        {{ quarter_plus('before.quarter', 1) }} as quarter,
        count(*) filter (where carriers.carrier_code is null) * 1.0 / count(*) as carrier_gone
    from {{ ref('stg_incubators__carriers') }} as before
    left join carriers
        on {{ quarter_plus('before.quarter', 1) }} = carriers.quarter
        and before.carrier_code = carriers.carrier_code
    where {{ in_quarters(quarter_plus('before.quarter', 1)) }}
    group by {{ quarter_plus('before.quarter', 1) }}
),

rows_of_check as (
    {%- for check, indicator in {'rooms': 'INC_AREA_NEW', 'tenants': 'INC_FIRMS'}.items() %}
    select
        by_region.quarter,
        '{{ check }}' as check_name,
        by_region.region_code,
        '{{ indicator }}' as indicator,
        by_region.delivery_id,
        cast(by_region.{{ check }} as double) as observed,
        cast(0 as double) as lower,
        cast(0 as double) as upper
    from by_region
    union all
    {%- endfor %}
    {%- for check, upper in {'tenant_twice': 0.02, 'tenant_stay': 0.1, 'tenant_cancelled': 0.02}.items() %}
    select
        shares.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        'INC_FIRMS' as indicator,
        shares.delivery_id,
        shares.{{ check }} as observed,
        0 as lower,
        {{ upper }} as upper
    from shares
    union all
    {%- endfor %}
    select
        shares.quarter,
        'carrier_gone' as check_name,
        '' as region_code,
        'INC_N' as indicator,
        shares.delivery_id,
        coalesce(gone.carrier_gone, 0) as observed,
        0 as lower,
        0.05 as upper
    from shares
    left join gone on shares.quarter = gone.quarter
)

{{ check_table('rows_of_check') }}
