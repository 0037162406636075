{#- 应统尽统: one row per quarter × firm with R&D expense in the tax feed and none, or less than half of it, in 规上企业 for the same year to
    date. `amount` is what is not in statistics, yuan. -#}

with listed as (
    select
        firm.quarter,
        firm.uscc,
        firm.firm_name,
        firm.region_code,
        firm.rd_expense_ytd_yuan,
        'enterprises:' || cast(firm.source_row as string) as source_row
    from {{ ref('stg_statistics__enterprises') }} as firm
    where {{ in_quarters('firm.quarter') }}
)

select
    taxed.quarter,
    taxed.uscc,
    coalesce(listed.firm_name, taxed.firm_name) as firm_name,
    coalesce(listed.region_code, taxed.region_code) as region_code,
    case
        when listed.uscc is null then 'not_listed'
        when coalesce(listed.rd_expense_ytd_yuan, 0) = 0 then 'no_rd'
        else 'under_half'
    end as reasons,
    cast(taxed.rd_expense_yuan - coalesce(listed.rd_expense_ytd_yuan, 0) as decimal(28, 6)) as amount,
    taxed.rd_expense_yuan as tax_rd_yuan,
    taxed.rd_period_to,
    listed.rd_expense_ytd_yuan as statistics_rd_yuan,
    concat_ws(' ', {{ rows_of('sb_yfjjkc', 'taxed.rd_rows') }}, listed.source_row) as source_rows
from {{ ref('int_firms_in_tax') }} as taxed
inner join {{ ref('stg_deliveries') }} as in_force
    on taxed.quarter = in_force.quarter
    and in_force.feed = 'statistics'
left join listed
    on taxed.quarter = listed.quarter
    and taxed.uscc = listed.uscc
where
    taxed.rd_expense_yuan > 0
    and coalesce(listed.rd_expense_ytd_yuan, 0) * 2 < taxed.rd_expense_yuan
    and {{ in_quarters('taxed.quarter') }}
