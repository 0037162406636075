{%- set amounts = ['ind_va_ytd', 'revenue_ytd', 'rd_expense_ytd'] %}

with firms as (
    {{ codes_of('statistics', 'enterprises', ['uscc']) }}
),

cleaned as (
    select
        landed.quarter,
        landed.unit,
        {{ clean_code('landed.uscc') }} as uscc,
        {{ clean_text('landed.firm_name') }} as firm_name,
        {{ clean_code('landed.region_code') }} as region_code,
        {{ clean_code('landed.industry_code') }} as industry_code,
        {{ clean_text('landed.is_ht') }} as is_ht,
        {{ clean_text('landed.ht_catalogue') }} as ht_catalogue,
        {%- for field in amounts %}
        landed.{{ field }},
        {{ clean_number_text('landed.' ~ field) }} as {{ field }}_text,
        {%- endfor %}
        {{ fault_of_texts(['landed.firm_name', 'landed.ht_catalogue']) }} as text_fault,
        {{ is_placeholder_text(['landed.firm_name']) }} as is_placeholder,
        {{ coerced_codes(['uscc', 'region_code']) }} as coercions,
        {{ lineage() }}
    from {{ landed('statistics', 'enterprises') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.uscc,
        cleaned.firm_name,
        cleaned.region_code,
        cleaned.industry_code,
        cleaned.is_ht = '是' as is_high_tech,
        cleaned.ht_catalogue,
        {%- for field in amounts %}
        {{ to_yuan('cleaned.' ~ field ~ '_text', 'cleaned.unit') }} as {{ field }}_yuan,
        {%- endfor %}
        cleaned.coercions{{ coerced_numbers(amounts) }} as coercions,
        {{ verdict([
            ['cleaned.uscc is null', 'key_missing', 'uscc'],
            [is_rounded_code('cleaned.uscc'), 'precision_lost', 'uscc'],
            ['firm.is_uscc is not true', 'uscc_invalid', 'uscc'],
            ['division.code is null', 'unknown_division', 'region_code'],
            ["coalesce(cleaned.is_ht, '') not in ('是', '否')", 'unknown_value', 'is_ht'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'firm_name'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'firm_name'],
            ['cleaned.is_placeholder', 'placeholder_value', 'firm_name'],
        ] + number_checks(amounts, ['revenue_ytd', 'rd_expense_ytd'])) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    left join firms as firm on cleaned.uscc = firm.uscc
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'r']) }}
),

judged as (
    {{ with_verdict('typed', ['uscc']) }}
)

select
    judged.quarter,
    judged.uscc,
    judged.firm_name,
    judged.region_code,
    judged.industry_code,
    judged.is_high_tech,
    judged.ht_catalogue,
    {%- for field in amounts %}
    judged.{{ field }}_yuan,
    {%- endfor %}
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
