{{ config(materialized='view') }}

select
    base.quarter,
    base.period,
    base.region_code,
    base.fai_ytd_yuan,
    base.ht_inv_ytd_yuan,
    base.fai_growth_pct,
    base.ht_inv_growth_pct,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_statistics__investment') }} as base
where base.quarantined_because is null
