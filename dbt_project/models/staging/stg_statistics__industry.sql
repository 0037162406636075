{{ config(materialized='view') }}

select
    base.quarter,
    base.period,
    base.region_code,
    base.ind_va_ytd_yuan,
    base.ht_va_ytd_yuan,
    base.revenue_ytd_yuan,
    base.rd_expense_ytd_yuan,
    base.ind_va_growth_pct,
    base.ht_va_growth_pct,
    base.rd_expense_growth_pct,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_statistics__industry') }} as base
where base.quarantined_because is null
