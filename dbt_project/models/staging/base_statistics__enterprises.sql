{%- set amounts = ['ind_va_ytd', 'revenue_ytd', 'rd_expense_ytd'] %}

with firms as (
    {{ codes_of('statistics', 'enterprises', ['uscc']) }}
),

cleaned as (
    select
        landed.quarter,
        landed.unit,
        {{ clean_code_or_null('landed.uscc') }} as uscc,
        {{ clean_text_or_null('landed.firm_name') }} as firm_name,
        {{ clean_code_or_null('landed.region_code') }} as region_code,
        {{ clean_code_or_null('landed.industry_code') }} as delivered_class,
        {{ clean_text_or_null('landed.is_ht') }} as is_ht,
        {{ clean_text_or_null('landed.ht_catalogue') }} as ht_catalogue,
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

-- A class has four digits. Of three digits that begin with 6 to 9, the first zero of a class of mining is gone: no industry has such groups.
classed as (
    select
        cleaned.*,
        case when {{ matches('cleaned.delivered_class', '^[6-9][0-9]{2}$') }} then '0' || cleaned.delivered_class else cleaned.delivered_class end as industry_code
    from cleaned
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
        cleaned.coercions{{ coerced_numbers(amounts) }} + {{ was_coerced('cleaned.delivered_class', 'cleaned.industry_code') }} as coercions,
        {{ verdict([
            ['cleaned.uscc is null', 'key_missing', 'uscc'],
            [is_rounded_code('cleaned.uscc'), 'precision_lost', 'uscc'],
            ['firm.is_uscc is not true', 'uscc_invalid', 'uscc'],
            ['division.code is null', 'unknown_division', 'region_code'],
            ["coalesce(cleaned.is_ht, '') not in ('是', '否')", 'unknown_value', 'is_ht'],
            ['not (' ~ matches('cleaned.industry_code', '^[0-9]{4}$') ~ ' and industry.code is not null)', 'unknown_value', 'industry_code'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'firm_name'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'firm_name'],
            ['cleaned.is_placeholder', 'placeholder_value', 'firm_name'],
        ] + number_checks(amounts, ['revenue_ytd', 'rd_expense_ytd'])) }} as verdict,
        {{ lineage('cleaned') }}
    from classed as cleaned
    left join firms as firm on cleaned.uscc = firm.uscc
    left join {{ ref('industry_divisions') }} as industry
        on substr(cleaned.industry_code, 1, 2) = industry.code and industry.section in ('B', 'C', 'D')
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
