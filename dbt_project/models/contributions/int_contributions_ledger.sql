{#- One row per ledger row × figure in it, for the region and period that it names; nothing is added up from below. A target counts in no
    indicator. -#}

{%- for role, column in [['delivered', 'value'], ['numerator', 'numerator'], ['denominator', 'denominator']] %}
select
    entry.quarter,
    entry.region_code,
    entry.indicator,
    entry.period,
    '{{ role }}' as role,
    cast(entry.{{ column }} as decimal(28, 6)) as amount,
    entry.delivery_id,
    'ledger/entries' as source_table,
    cast(entry.source_row as bigint) as source_row,
    '{{ column }}' as source_column,
    case
        when division.level = 'r' then 'kept at provincial level, which no indicator is published of'
        when entry.{{ column }} is null then 'no value'
    end as excluded_because,
    cast(null as string) as contributor
from {{ ref('stg_ledger__entries') }} as entry
{{ join_division('entry.region_code', quarter_end('entry.quarter'), ['c', 'm', 'p', 'r']) }}
where {{ in_quarters('entry.quarter') }}{{ '' if role == 'delivered' else ' and entry.' ~ column ~ ' is not null' }}
union all
{%- endfor %}
select
    target.quarter,
    target.region_code,
    target.indicator,
    cast(target.year as string) as period,
    'target' as role,
    cast(target.target as decimal(28, 6)) as amount,
    target.delivery_id,
    'ledger/targets' as source_table,
    cast(target.source_row as bigint) as source_row,
    'target' as source_column,
    'a target of the year, which stands beside the value' as excluded_because,
    cast(null as string) as contributor
from {{ ref('stg_ledger__targets') }} as target
where {{ in_quarters('target.quarter') }}
