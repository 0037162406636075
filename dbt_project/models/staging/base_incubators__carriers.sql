{%- set areas = ['area_total', 'area_office', 'area_tenant', 'area_public', 'area_other', 'area_new'] %}
{%- set counts = ['tenant_count', 'staff_count', 'graduated_count'] %}
{%- set numbers = areas + counts + ['income'] %}

with cleaned as (
    select
        landed.quarter,
        {{ clean_code_or_null('landed.carrier_code') }} as carrier_code,
        {{ clean_text_or_null('landed.carrier_name') }} as carrier_name,
        {{ clean_text_or_null('landed.carrier_type') }} as carrier_type,
        {{ without_placeholder("translate(" ~ clean_text('landed.carrier_level') ~ ", ',，/;； ', '、、、、、')") }} as carrier_level,
        {{ clean_code('landed.region_code') }} as region_code,
        {{ clean_code_or_null('landed.operator_uscc') }} as operator_uscc,
        {{ clean_date('landed.recognised_on') }} as recognised_on,
        {%- for field in numbers %}
        landed.{{ field }},
        {{ clean_number_text('landed.' ~ field) }} as {{ field }}_text,
        {%- endfor %}
        {{ fault_of_texts(['landed.carrier_name']) }} as text_fault,
        {{ is_placeholder_text(['landed.carrier_name']) }} as is_placeholder,
        {{ coerced_codes(['region_code', 'operator_uscc']) }} as coercions,
        {{ lineage() }}
    from {{ landed('incubators', 'carriers') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.carrier_code,
        cleaned.carrier_name,
        cleaned.carrier_type,
        case
            when {{ matches('cleaned.carrier_level', '^(国家|省|市|区)级?(、(国家|省|市|区)级?)*$') }}
                then replace(replace(cleaned.carrier_level, '级', ''), '、', '级、') || '级'
            else cleaned.carrier_level
        end as carrier_level,
        case
            when cleaned.carrier_level like '%国家%' then 4
            when cleaned.carrier_level like '%省%' then 3
            when cleaned.carrier_level like '%市%' then 2
            when cleaned.carrier_level like '%区%' then 1
            else 0
        end as highest_level,
        cleaned.region_code,
        division.code is not null as is_in_county,
        cleaned.operator_uscc,
        {{ to_date('cleaned.recognised_on') }} as recognised_on,
        {%- for field in areas %}
        {{ to_number('cleaned.' ~ field ~ '_text') }} as {{ field }}_m2,
        {%- endfor %}
        {%- for field in counts %}
        {{ to_number('cleaned.' ~ field ~ '_text') }} as {{ field }},
        {%- endfor %}
        {{ to_yuan('cleaned.income_text', "'千元'") }} as income_yuan,
        cleaned.coercions{{ coerced_numbers(numbers) }} as coercions,
        {{ verdict([
            ['cleaned.carrier_code is null', 'key_missing', 'carrier_code'],
            [is_total_text(['cleaned.carrier_code', 'cleaned.carrier_name']), 'total_row', 'carrier_code carrier_name'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'carrier_name'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'carrier_name'],
            ['cleaned.is_placeholder', 'placeholder_value', 'carrier_name'],
            ["coalesce(cleaned.carrier_type, '') not in ('孵化器', '众创空间')", 'unknown_value', 'carrier_type'],
            ['not ' ~ matches('cleaned.carrier_level', '^((国家|省|市|区)级?)(、?(国家|省|市|区)级?)*$'), 'unknown_value', 'carrier_level'],
            [is_rounded_code('cleaned.operator_uscc'), 'precision_lost', 'operator_uscc'],
            ['cleaned.operator_uscc is not null and not ' ~ is_uscc('cleaned.operator_uscc'), 'uscc_invalid', 'operator_uscc'],
            [is_no_division('cleaned.region_code'), 'unknown_division', 'region_code'],
            ['cleaned.recognised_on is not null and ' ~ to_date('cleaned.recognised_on') ~ ' is null', 'not_a_date', 'recognised_on'],
        ] + number_checks(numbers, numbers)) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'r']) }}
),

judged as (
    {{ with_verdict('typed', ['carrier_code']) }}
)

select
    judged.quarter,
    judged.carrier_code,
    judged.carrier_name,
    judged.carrier_type,
    judged.carrier_level,
    judged.highest_level,
    judged.region_code,
    judged.is_in_county,
    judged.operator_uscc,
    judged.recognised_on,
    {%- for field in areas %}
    judged.{{ field }}_m2,
    {%- endfor %}
    {%- for field in counts %}
    judged.{{ field }},
    {%- endfor %}
    judged.income_yuan,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
