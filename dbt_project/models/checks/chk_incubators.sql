{#- Carriers and tenants: one row per check × quarter × county of the carriers, or per quarter for shares of the whole delivery.

    `rooms`: the total minus the four kinds of rooms in square metres, `tenants`: the tenants stated minus those listed as 在孵, both of
    the carrier that misses by most; rooms may miss by rounding (five figures, half a printed digit each), and a quarantined row may or
    may not have been a tenant. `tenant_twice`, `tenant_stay`, `tenant_cancelled`: shares of the tenants in incubation that are listed
    before, have stayed beyond 48 months, or are cancelled in the tax register; with `_county` the same as counts by county.
    `carrier_gone`: share of the carriers of the quarter before that are gone. `carrier_level`: carriers of the delivery without a level,
    which count at none. -#}

{#- Check: share of all tenants that is admitted, and the number that any county may have. #}
{%- set tenant_faults = {'tenant_twice': [0.02, 5], 'tenant_stay': [0.1, 10], 'tenant_cancelled': [0.02, 5]} %}

with carriers as (
    select
        carrier.quarter,
        carrier.carrier_code,
        carrier.region_code,
        carrier.tenant_count,
        carrier.carrier_level,
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

residuals as (
    select
        carriers.quarter,
        carriers.region_code,
        carriers.delivery_id,
        carriers.rooms_residual,
        carriers.rooms_tolerance,
        carriers.tenant_count - coalesce(listed.in_incubation, 0) as tenants_residual,
        coalesce(listed.quarantined, 0) as tenants_tolerance,
        row_number() over (
            partition by carriers.quarter, carriers.region_code
            order by abs(carriers.rooms_residual) desc nulls last, carriers.carrier_code
        ) as rooms_place,
        row_number() over (
            partition by carriers.quarter, carriers.region_code
            order by
                greatest(
                    coalesce(listed.in_incubation, 0) - carriers.tenant_count,
                    carriers.tenant_count - coalesce(listed.in_incubation, 0) - coalesce(listed.quarantined, 0)
                ) desc nulls last,
                carriers.carrier_code
        ) as tenants_place
    from carriers
    left join listed on carriers.quarter = listed.quarter and carriers.carrier_code = listed.carrier_code
),

tenants as (
    select
        tenant.quarter,
        tenant.region_code,
        tenant.delivery_id,
        row_number() over (partition by tenant.quarter, tenant.uscc order by tenant.carrier_code) > 1 as tenant_twice,
        tenant.entered_on < {{ quarter_end('tenant.quarter') }} - interval 48 month as tenant_stay,
        taxpayer.taxpayer_state = '05' as tenant_cancelled
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

counts as (
    select
        tenants.quarter,
        tenants.region_code,
        max(tenants.delivery_id) as delivery_id,
        {%- for check in tenant_faults %}
        count(*) filter (where tenants.{{ check }}) as {{ check }},
        {%- endfor %}
        count(*) as tenant_count
    from tenants
    group by tenants.quarter, tenants.region_code
),

shares as (
    select
        counts.quarter,
        max(counts.delivery_id) as delivery_id,
        {%- for check in tenant_faults %}
        sum(counts.{{ check }}) * 1.0 / sum(counts.tenant_count) as {{ check }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counts
    group by counts.quarter
),

levels as (
    select
        carriers.quarter,
        max(carriers.delivery_id) as delivery_id,
        count(*) - count(carriers.carrier_level) as without_level
    from carriers
    group by carriers.quarter
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
    select
        residuals.quarter,
        'rooms' as check_name,
        residuals.region_code,
        'INC_AREA_NEW' as indicator,
        residuals.delivery_id,
        -- A room without a figure leaves nothing to add up.
        coalesce({{ to_double('residuals.rooms_residual') }}, 0) as observed,
        -{{ to_double('residuals.rooms_tolerance') }} as lower,
        {{ to_double('residuals.rooms_tolerance') }} as upper
    from residuals
    where residuals.rooms_place = 1
    union all
    select
        residuals.quarter,
        'tenants' as check_name,
        residuals.region_code,
        'INC_FIRMS' as indicator,
        residuals.delivery_id,
        coalesce({{ to_double('residuals.tenants_residual') }}, 0) as observed,
        0 as lower,
        residuals.tenants_tolerance as upper
    from residuals
    where residuals.tenants_place = 1
    union all
    {%- for check, (share, few) in tenant_faults.items() %}
    select
        shares.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        'INC_FIRMS' as indicator,
        shares.delivery_id,
        shares.{{ check }} as observed,
        0 as lower,
        {{ share }} as upper
    from shares
    union all
    select
        counts.quarter,
        '{{ check }}_county' as check_name,
        counts.region_code,
        'INC_FIRMS' as indicator,
        counts.delivery_id,
        counts.{{ check }} as observed,
        0 as lower,
        -- A county with few tenants may have some; from there on, three times the share that the province is allowed.
        greatest({{ few }}, 3 * {{ share }} * counts.tenant_count) as upper
    from counts
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
    union all
    select
        levels.quarter,
        'carrier_level' as check_name,
        '' as region_code,
        'INC_N' as indicator,
        levels.delivery_id,
        levels.without_level as observed,
        0 as lower,
        0 as upper
    from levels
)

{{ check_table('rows_of_check') }}
