{%- set numbers = ['value', 'numerator', 'denominator'] %}

with cleaned as (
    select
        landed.quarter,
        {{ clean_code_or_null('landed.indicator_code') }} as indicator,
        {{ clean_text_or_null('landed.indicator_name') }} as indicator_name,
        {{ folded_name('landed.indicator_name') }} as folded,
        {{ clean_code_or_null('landed.region_code') }} as region_code,
        {{ clean_code_or_null('landed.period') }} as period,
        {{ clean_date('landed.as_of') }} as as_of,
        {%- for field in numbers %}
        landed.{{ field }},
        {{ clean_number_text('landed.' ~ field, in_percent=field == 'value') }} as {{ field }}_text,
        {%- endfor %}
        {{ clean_text_or_null('landed.unit') }} as unit,
        {{ clean_text_or_null('landed.scope') }} as scope,
        {{ clean_text_or_null('landed.source') }} as source,
        {{ fault_of_texts(['landed.indicator_name', 'landed.unit', 'landed.scope', 'landed.source']) }} as text_fault,
        {{ coerced_codes(['region_code']) }} as coercions,
        {{ lineage() }}
    from {{ landed('ledger', 'entries') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.indicator,
        cleaned.indicator_name,
        cleaned.region_code,
        cleaned.period,
        {{ to_date('cleaned.as_of') }} as as_of,
        {%- for field in numbers %}
        {{ to_number('cleaned.' ~ field ~ '_text') }} as {{ field }},
        {%- endfor %}
        cleaned.unit,
        cleaned.scope,
        cleaned.source,
        cleaned.coercions{{ coerced_numbers(numbers) }} as coercions,
        {{ verdict([
            ['cleaned.indicator is null', 'key_missing', 'indicator_code'],
            ['cleaned.period is null', 'key_missing', 'period'],
            ['division.code is null', 'unknown_division', 'region_code'],
            ["catalogue.feed <> 'ledger'", 'computed_elsewhere', 'indicator_code'],
            [is_name_of_another(), 'name_mismatch', 'indicator_code indicator_name'],
            ['not ' ~ matches('cleaned.period', '^(19|20)[0-9]{2}(Q[1-4])?$'), 'not_a_period', 'period'],
            ['substr(cleaned.period, 1, 4) > substr(cleaned.quarter, 1, 4) or (length(cleaned.period) = 6 and cleaned.period > cleaned.quarter)', 'period_in_future', 'period'],
            ['cleaned.as_of is not null and ' ~ to_date('cleaned.as_of') ~ ' is null', 'not_a_date', 'as_of'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'text'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'text'],
            [matches('cleaned.value', '[%％]') ~ " and coalesce(cleaned.unit, '') not in ('%', '百分点')", 'format_contradicts', 'value'],
        ] + number_checks(numbers, [])) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'm', 'p', 'r']) }}
    left join {{ ref('indicators') }} as catalogue on cleaned.indicator = catalogue.code
    {{ join_names('indicators', 'name_zh', 'cleaned.indicator', 'cleaned.folded') }}
),

judged as (
    {{ with_verdict('typed', ['indicator', 'region_code', 'period']) }}
)

select
    judged.quarter,
    judged.indicator,
    judged.indicator_name,
    judged.region_code,
    judged.period,
    judged.as_of,
    {%- for field in numbers %}
    judged.{{ field }},
    {%- endfor %}
    judged.unit,
    judged.scope,
    judged.source,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
