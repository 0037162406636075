{{ config(materialized='view') }}

select
    base.quarter,
    base.carrier_code,
    base.region_code,
    base.is_in_county,
    base.firm_name,
    base.uscc,
    base.entered_on,
    base.left_on,
    base.state,
    base.staff_count,
    base.investment_yuan,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_incubators__tenants') }} as base
where base.quarantined_because is null
