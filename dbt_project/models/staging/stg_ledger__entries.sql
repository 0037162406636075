{{ config(materialized='view') }}

select
    base.quarter,
    base.indicator,
    base.indicator_name,
    base.region_code,
    base.period,
    base.as_of,
    base.value,
    base.numerator,
    base.denominator,
    base.unit,
    base.scope,
    base.source,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_ledger__entries') }} as base
where base.quarantined_because is null
