{#- What became of the rows of each delivery in force: landed = kept + quarantined. -#}


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

with counted as (
{%- for base, feed_and_table in bases.items() %}
    select
        base.quarter,
        '{{ feed_and_table[0] }}' as feed,
        '{{ feed_and_table[0] }}/{{ feed_and_table[1] }}' as source_table,
        '{{ base }}' as model,
        base.delivery_id,
        count(*) as rows_landed,
        count(*) filter (where base.quarantined_because is null) as rows_kept,
        count(*) filter (where base.quarantined_because is not null) as rows_quarantined,
        cast(sum(base.coercions) as bigint) as coercions
    from {{ ref(base) }} as base
    group by base.quarter, base.delivery_id
    {% if not loop.last %}union all{% endif %}
{%- endfor %}
)

select
    counted.quarter,
    counted.feed,
    counted.source_table,
    counted.model,
    counted.delivery_id,
    counted.rows_landed,
    counted.rows_kept,
    counted.rows_quarantined,
    counted.coercions
from counted
order by counted.quarter, counted.source_table
