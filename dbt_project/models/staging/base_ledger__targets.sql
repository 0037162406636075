with cleaned as (
    select
        landed.quarter,
        {{ clean_code_or_null('landed.indicator_code') }} as indicator,
        {{ clean_code_or_null('landed.year') }} as year_text,
        {{ clean_code_or_null('landed.region_code') }} as region_code,
        landed.target,
        {{ clean_number_text('landed.target', in_percent=true) }} as target_text,
        {{ clean_text_or_null('landed.unit') }} as unit,
        {{ clean_text_or_null('landed.source') }} as source,
        {{ fault_of_texts(['landed.unit', 'landed.source']) }} as text_fault,
        {{ coerced_codes(['region_code']) }} as coercions,
        {{ lineage() }}
    from {{ landed('ledger', 'targets') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.indicator,
        try_cast(cleaned.year_text as integer) as year,
        cleaned.region_code,
        {{ to_number('cleaned.target_text') }} as target,
        cleaned.unit,
        cleaned.source,
        cleaned.coercions{{ coerced_numbers(['target']) }} as coercions,
        {{ verdict([
            ['cleaned.indicator is null', 'key_missing', 'indicator_code'],
            ['catalogue.code is null and entered.indicator is null', 'unknown_value', 'indicator_code'],
            ["not coalesce(" ~ matches('cleaned.year_text', '^20[0-9]{2}$') ~ ", false)", 'not_a_period', 'year'],
            ['division.code is null', 'unknown_division', 'region_code'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'unit source'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'unit source'],
            ['cleaned.target_text is null', 'not_a_number', 'target'],
            [matches('cleaned.target', '[%％]') ~ " and coalesce(cleaned.unit, '') not in ('%', '百分点')", 'format_contradicts', 'target'],
        ] + number_checks(['target'], [])) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'm', 'p', 'r']) }}
    left join {{ ref('indicators') }} as catalogue on cleaned.indicator = catalogue.code
    left join (
        -- A programme that the catalogue does not know yet may have a target too.
        select distinct
            entry.quarter,
            entry.indicator
        from {{ ref('base_ledger__entries') }} as entry
        where entry.quarantined_because is null
    ) as entered on cleaned.quarter = entered.quarter and cleaned.indicator = entered.indicator
),

judged as (
    {{ with_verdict('typed', ['indicator', 'year', 'region_code']) }}
)

select
    judged.quarter,
    judged.indicator,
    judged.year,
    judged.region_code,
    judged.target,
    judged.unit,
    judged.source,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
