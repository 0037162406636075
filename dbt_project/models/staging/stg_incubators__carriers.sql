{{ config(materialized='view') }}

select
    base.quarter,
    base.carrier_code,
    base.carrier_name,
    base.carrier_type,
    base.carrier_level,
    base.highest_level,
    base.region_code,
    base.is_in_county,
    base.operator_uscc,
    base.recognised_on,
    base.area_total_m2,
    base.area_office_m2,
    base.area_tenant_m2,
    base.area_public_m2,
    base.area_other_m2,
    base.area_new_m2,
    base.tenant_count,
    base.staff_count,
    base.graduated_count,
    base.income_yuan,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_incubators__carriers') }} as base
where base.quarantined_because is null
