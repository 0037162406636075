{# A sheet of the statistics bureau with one row per region.

   `amounts` are in the sheet's unit and become yuan (DECIMAL(28, 6), never negative); `numbers` keep their own unit.
   Both map the delivered field to the name of the column that is built. #}

{% macro base_regional_sheet(table, amounts, numbers) %}
with cleaned as (
    select
        landed.quarter,
        landed.period,
        landed.unit,
        {{ clean_code('landed.region_code') }} as region_code,
        {{ folded_name('landed.region_name') }} as folded,
        {{ fault_of_texts(['landed.region_name']) }} as text_fault,
        {%- for field in amounts | list + numbers | list %}
        landed.{{ field }},
        {{ clean_number_text('landed.' ~ field, in_percent='growth' in field) }} as {{ field }}_text,
        {%- endfor %}
        {{ coerced_codes(['region_code']) }} as coercions,
        {{ lineage() }}
    from {{ landed('statistics', table) }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.period,
        cleaned.region_code,
        {%- for field, name in amounts.items() %}
        {{ to_yuan('cleaned.' ~ field ~ '_text', 'cleaned.unit') }} as {{ name }},
        {%- endfor %}
        {%- for field, name in numbers.items() %}
        {{ to_number('cleaned.' ~ field ~ '_text') }} as {{ name }},
        {%- endfor %}
        cleaned.coercions{{ coerced_numbers(amounts | list + numbers | list) }} as coercions,
        {{ verdict(
            [['cleaned.region_code is null', 'key_missing', 'region_code'],
             ['division.code is null', 'unknown_division', 'region_code'],
             [is_name_of_another(), 'name_mismatch', 'region_code region_name'],
             ["cleaned.text_fault = 'control_character'", 'control_character', 'region_name'],
             ["cleaned.text_fault = 'mojibake'", 'mojibake', 'region_name']]
            + number_checks(amounts | list + numbers | list, amounts | list)
        ) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'm', 'p', 'r']) }}
    {{ join_names('divisions', 'name', 'cleaned.region_code', 'cleaned.folded') }}
),

judged as (
    {{ with_verdict('typed', ['region_code']) }}
)

select
    judged.quarter,
    judged.period,
    judged.region_code,
    {%- for name in amounts.values() | list + numbers.values() | list %}
    judged.{{ name }},
    {%- endfor %}
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
{% endmacro %}
