{{ config(materialized='view') }}

select
    base.quarter,
    base.indicator,
    base.year,
    base.region_code,
    base.target,
    base.unit,
    base.source,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_ledger__targets') }} as base
where base.quarantined_because is null
