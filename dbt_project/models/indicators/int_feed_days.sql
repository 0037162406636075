{#- One row per quarter and feed that was staged, with the day up to which its delivery speaks: the day of receipt of a file, the newest
    filing or change in an extract of the tax database. -#}

with staged as (
    select distinct
        counts.quarter,
        counts.feed
    from {{ ref('stg_row_counts') }} as counts
),

tax_days as (
    select
        taxpayer.quarter,
        max(taxpayer.changed_at) as newest_at
    from {{ ref('stg_tax__taxpayers') }} as taxpayer
    group by taxpayer.quarter
    union all
    select
        vat_return.quarter,
        max(vat_return.filed_at) as newest_at
    from {{ ref('stg_tax__vat_returns') }} as vat_return
    group by vat_return.quarter
    union all
    select
        rd_return.quarter,
        max(rd_return.filed_at) as newest_at
    from {{ ref('stg_tax__rd_returns') }} as rd_return
    group by rd_return.quarter
),

tax_day as (
    select
        tax_days.quarter,
        cast(max(tax_days.newest_at) as date) as as_of
    from tax_days
    group by tax_days.quarter
)

select
    staged.quarter,
    staged.feed,
    case when staged.feed = 'tax' then tax_day.as_of else in_force.received_on end as as_of
from staged
left join {{ ref('stg_deliveries') }} as in_force
    on staged.quarter = in_force.quarter and staged.feed = in_force.feed
left join tax_day
    on staged.quarter = tax_day.quarter
order by staged.quarter, staged.feed
