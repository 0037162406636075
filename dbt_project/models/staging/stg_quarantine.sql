{#- Every row that is not counted, with its place in the delivery and the reason. -#}
{{ config(materialized='view') }}


{%- set bases = {
    'base_statistics__industry': ['statistics', 'industry'],
    'base_statistics__investment': ['statistics', 'investment'],
    'base_statistics__gdp': ['statistics', 'gdp'],
    'base_statistics__research': ['statistics', 'research'],
    'base_statistics__enterprises': ['statistics', 'enterprises'],
    'base_contracts__contracts': ['contracts', 'contracts'],
    'base_incubators__carriers': ['incubators', 'carriers'],
    'base_incubators__tenants': ['incubators', 'tenants'],
    'base_ledger__entries': ['ledger', 'entries'],
    'base_ledger__targets': ['ledger', 'targets'],
    'base_tax__taxpayers': ['tax', 'dj_nsrxx'],
    'base_tax__vat_returns': ['tax', 'sb_zzs'],
    'base_tax__rd_returns': ['tax', 'sb_yfjjkc'],
} %}

{%- for base, feed_and_table in bases.items() %}
select
    base.quarter,
    '{{ feed_and_table[0] }}' as feed,
    '{{ feed_and_table[0] }}/{{ feed_and_table[1] }}' as source_table,
    base.delivery_id,
    base.source_file,
    base.source_sheet,
    cast(base.source_row as bigint) as source_row,
    base.quarantined_because as reason,
    base.quarantined_field as field
from {{ ref(base) }} as base
where base.quarantined_because is not null
{% if not loop.last %}union all{% endif %}
{%- endfor %}
