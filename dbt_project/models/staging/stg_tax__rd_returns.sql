{{ config(materialized='view') }}

select
    base.quarter,
    base.return_id,
    base.taxpayer_id,
    base.uscc,
    base.region_code,
    base.is_in_county,
    base.period_from,
    base.period_to,
    base.return_type,
    base.projects,
    base.rd_expense_yuan,
    base.deduction_yuan,
    base.filed_at,
    base.is_superseded,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_tax__rd_returns') }} as base
where base.quarantined_because is null
