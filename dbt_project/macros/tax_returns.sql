{# Returns of one kind with their taxpayer's county as landed with them.

   A correction is a further row for the same taxpayer, period and type: the latest filed is in force, then the larger number.
   The others stay, marked `is_superseded`. What landing could not read (`unfit`) is the first thing wrong with a row. `checks` are further
   [condition, reason, field] on `landed`. #}

{% macro base_tax_returns(table, type, amounts, checks) %}
with typed as (
    select
        landed.quarter,
        landed.sbxh as return_id,
        landed.djxh as taxpayer_id,
        taxpayer.uscc,
        taxpayer.region_code,
        taxpayer.is_in_county,
        landed.skssq_q as period_from,
        landed.skssq_z as period_to,
        {{ type }} as return_type,
        {%- for field, name in amounts.items() %}
        landed.{{ field }} as {{ name }},
        {%- endfor %}
        landed.sbrq as filed_at,
        coalesce(landed.coercions, 0) as coercions,
        coalesce(landed.unfit, {{ verdict([
            ['landed.sbxh is null', 'key_missing', 'sbxh'],
            ['landed.skssq_z is null or landed.skssq_z <> ' ~ quarter_end('landed.quarter'), 'not_a_period', 'skssq_z'],
            ['taxpayer.taxpayer_id is null', 'unknown_taxpayer', 'djxh'],
            ['landed.sbrq is null', 'not_a_date', 'sbrq'],
            ['landed.skssq_q > landed.skssq_z', 'not_a_period', 'skssq_q'],
        ] + checks) }}) as verdict,
        {{ lineage() }}
    from {{ source('tax', table) }} as landed
    inner join {{ ref('stg_deliveries') }} as in_force
        on landed.quarter = in_force.quarter
        and landed.delivery_id = in_force.delivery_id
        and in_force.feed = 'tax'
    left join {{ ref('stg_tax__taxpayers') }} as taxpayer
        on landed.quarter = taxpayer.quarter
        and landed.djxh = taxpayer.taxpayer_id
    where {{ in_quarters('landed.quarter') }}
),

judged as (
    {{ with_verdict('typed', ['return_id']) }}
)

select
    judged.quarter,
    judged.return_id,
    judged.taxpayer_id,
    judged.uscc,
    judged.region_code,
    judged.is_in_county,
    judged.period_from,
    judged.period_to,
    judged.return_type,
    {%- for name in amounts.values() %}
    judged.{{ name }},
    {%- endfor %}
    judged.filed_at,
    row_number() over (
        partition by judged.quarter, judged.taxpayer_id, judged.period_to, judged.return_type, judged.quarantined_because is null
        order by judged.filed_at desc, judged.return_id desc
    ) > 1 as is_superseded,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
{% endmacro %}

{# Of a taxpayer's returns of the year, the one that counts comes first: the latest period end, then the annual return, then the latest filed. #}

{% macro counted_return_first(relation) -%}
    {{ relation }}.period_to desc, {{ relation }}.return_type asc, {{ relation }}.filed_at desc, {{ relation }}.return_id desc
{%- endmacro %}

{# A taxpayer's state of two digits; a database that kept it as a number lost the zero in front. #}

{% macro state_of_taxpayer(column) -%}
    case when {{ matches(narrowed_code(column), '^[1-9]$') }} then '0' || {{ narrowed_code(column) }} else {{ clean_code_or_null(column) }} end
{%- endmacro %}
