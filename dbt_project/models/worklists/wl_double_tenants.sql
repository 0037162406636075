{#- 在孵重复: one row per quarter × firm × county in which it is counted as 在孵 although it is so in two carriers, is cancelled in the tax
    register, or stays beyond 48 months. `amount` is its persons as the county counts them, at its first carrier. -#}

with present as (
    select
        tenant.quarter,
        tenant.uscc,
        tenant.region_code,
        tenant.carrier_code,
        tenant.firm_name,
        tenant.staff_count,
        tenant.entered_on,
        tenant.source_row,
        tenant.entered_on + interval 48 month < {{ quarter_end('tenant.quarter') }} as is_over_48_months,
        row_number() over (
            partition by tenant.quarter, tenant.region_code, tenant.uscc order by tenant.carrier_code, tenant.source_row
        ) as place
    from {{ ref('stg_incubators__tenants') }} as tenant
    where tenant.state = '在孵' and tenant.is_in_county and {{ in_quarters('tenant.quarter') }}
),

firms as (
    select
        present.quarter,
        present.uscc,
        cast(count(*) as integer) as carriers
    from present
    group by present.quarter, present.uscc
),

by_county as (
    select
        present.quarter,
        present.uscc,
        present.region_code,
        min_by(present.firm_name, present.place) as firm_name,
        sum(present.staff_count) filter (where present.place = 1) as staff_count,
        min(present.entered_on) as entered_on,
        cast(count(*) as integer) as carriers_here,
        coalesce(bool_or(present.is_over_48_months), false) as is_over_48_months,
        string_agg(present.carrier_code, ' ' order by present.place) as carrier_codes,
        string_agg('tenants:' || cast(present.source_row as string), ' ' order by present.place) as source_rows
    from present
    group by present.quarter, present.uscc, present.region_code
)

select
    by_county.quarter,
    by_county.uscc,
    by_county.firm_name,
    by_county.region_code,
    concat_ws(
        ' ',
        case when firms.carriers > 1 then 'two_carriers' end,
        case when taxed.is_cancelled then 'cancelled' end,
        case when by_county.is_over_48_months then 'over_48_months' end
    ) as reasons,
    cast(by_county.staff_count as decimal(28, 6)) as amount,
    firms.carriers,
    by_county.carriers_here,
    by_county.carrier_codes,
    by_county.entered_on,
    concat_ws(' ', by_county.source_rows, case when taxed.is_cancelled then {{ rows_of('dj_nsrxx', 'taxed.register_rows') }} end) as source_rows
from by_county
inner join firms
    on by_county.quarter = firms.quarter
    and by_county.uscc = firms.uscc
left join {{ ref('int_firms_in_tax') }} as taxed
    on by_county.quarter = taxed.quarter
    and by_county.uscc = taxed.uscc
    and {{ in_quarters('taxed.quarter') }}
where firms.carriers > 1 or coalesce(taxed.is_cancelled, false) or by_county.is_over_48_months
