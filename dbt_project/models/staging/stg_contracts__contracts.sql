{{ config(materialized='view') }}

select
    base.quarter,
    base.contract_no,
    base.category,
    base.state,
    base.signed_on,
    base.registered_on,
    base.changed_on,
    base.seller_name,
    base.seller_uscc,
    base.seller_region,
    base.is_seller_in_county,
    base.buyer_name,
    base.buyer_uscc,
    base.buyer_region,
    base.is_buyer_in_county,
    base.is_buyer_foreign,
    base.contract_amount_yuan,
    base.tech_amount_yuan,
    base.coercions,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    base.source_row
from {{ ref('base_contracts__contracts') }} as base
where base.quarantined_because is null
