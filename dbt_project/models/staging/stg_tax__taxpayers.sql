{{ config(materialized='view') }}

select
    base.quarter,
    base.taxpayer_id,
    base.uscc,
    base.firm_name,
    base.region_code,
    base.is_in_county,
    base.industry_code,
    base.registered_on,
    base.taxpayer_state,
    base.changed_at,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_tax__taxpayers') }} as base
where base.quarantined_because is null
