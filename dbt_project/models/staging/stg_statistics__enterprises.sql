{{ config(materialized='view') }}

select
    base.quarter,
    base.uscc,
    base.firm_name,
    base.region_code,
    base.industry_code,
    base.is_high_tech,
    base.ht_catalogue,
    base.ind_va_ytd_yuan,
    base.revenue_ytd_yuan,
    base.rd_expense_ytd_yuan,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_statistics__enterprises') }} as base
where base.quarantined_because is null
