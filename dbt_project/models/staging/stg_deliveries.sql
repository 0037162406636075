{{ config(materialized='view') }}

select
    in_force.quarter,
    in_force.feed,
    in_force.delivery_id,
    in_force.sha256,
    in_force.file_name,
    in_force.received_on,
    in_force.received_no
from {{ source('landing', 'in_force') }} as in_force
