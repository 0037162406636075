{#- One row per carrier or tenant × indicator. A view: the little that has to be kept of tenants is (int_tenants_counted). -#}
{{ config(materialized='view') }}

{%- set carrier_counts = {
    'INC_N': "carrier.carrier_type = '孵化器' and carrier.highest_level >= 2",
    'MS_N': "carrier.carrier_type = '众创空间' and carrier.highest_level >= 2",
} %}
{%- set carrier_sums = [
    ['INC_AREA_NEW', 'area_new', 'area_new_m2'],
    ['INC_GRAD', 'graduated_count', 'graduated_count'],
] %}
{%- set tenant_amounts = [
    ['INC_FIRMS', 'cast(null as string)', 'cast(1 as decimal(28, 6))'],
    ['INC_JOBS', "'staff_count'", 'tenants.staff_count'],
] %}

{% for indicator, condition in carrier_counts.items() %}
select
    carrier.quarter,
    carrier.region_code,
    '{{ indicator }}' as indicator,
    'amount' as role,
    cast(1 as decimal(28, 6)) as amount,
    carrier.delivery_id,
    'incubators/carriers' as source_table,
    cast(carrier.source_row as bigint) as source_row,
    cast(null as string) as source_column,
    case
        when not carrier.is_in_county then 'carrier outside Zhejiang'
        when not ({{ condition }}) then 'other type or level'
    end as excluded_because,
    coalesce(carrier.operator_uscc, carrier.carrier_code) as contributor
from {{ ref('stg_incubators__carriers') }} as carrier
union all
{% endfor %}
{% for indicator, column, amount in carrier_sums %}
select
    carrier.quarter,
    carrier.region_code,
    '{{ indicator }}' as indicator,
    'amount' as role,
    carrier.{{ amount }} as amount,
    carrier.delivery_id,
    'incubators/carriers' as source_table,
    cast(carrier.source_row as bigint) as source_row,
    '{{ column }}' as source_column,
    case
        when not carrier.is_in_county then 'carrier outside Zhejiang'
        when carrier.{{ amount }} is null then 'no value'
    end as excluded_because,
    coalesce(carrier.operator_uscc, carrier.carrier_code) as contributor
from {{ ref('stg_incubators__carriers') }} as carrier
union all
{% endfor %}
{% for indicator, column, amount in tenant_amounts %}
select
    tenants.quarter,
    tenants.region_code,
    '{{ indicator }}' as indicator,
    'amount' as role,
    {{ amount }} as amount,
    tenants.delivery_id,
    'incubators/tenants' as source_table,
    cast(tenants.source_row as bigint) as source_row,
    {{ column }} as source_column,
    coalesce(tenants.excluded_because, case when {{ amount }} is null then 'no value' end) as excluded_because,
    tenants.uscc as contributor
from {{ ref('int_tenants_counted') }} as tenants
{% if not loop.last %}union all{% endif %}
{% endfor %}
