{{ config(materialized='view') }}

select
    base.quarter,
    base.period,
    base.region_code,
    base.gdp_ytd_yuan,
    base.gdp_growth_pct,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_statistics__gdp') }} as base
where base.quarantined_because is null
