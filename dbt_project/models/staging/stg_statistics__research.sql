{{ config(materialized='view') }}

select
    base.quarter,
    base.period,
    base.region_code,
    base.rd_expenditure_yuan,
    base.gdp_yuan,
    base.rd_staff_fte,
    base.employed_persons,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_statistics__research') }} as base
where base.quarantined_because is null
