with firms as (
    {{ codes_of('incubators', 'tenants', ['uscc']) }}
),

cleaned as (
    select
        landed.quarter,
        {{ clean_code_or_null('landed.carrier_code') }} as carrier_code,
        {{ clean_text_or_null('landed.firm_name') }} as firm_name,
        {{ clean_code_or_null('landed.uscc') }} as uscc,
        {{ clean_date('landed.entered_on') }} as entered_on,
        {{ clean_date('landed.left_on') }} as left_on,
        {{ clean_text_or_null('landed.state') }} as state,
        landed.staff_count,
        landed.investment,
        {{ clean_number_text('landed.staff_count') }} as staff_count_text,
        {{ clean_number_text('landed.investment') }} as investment_text,
        {{ fault_of_texts(['landed.firm_name']) }} as text_fault,
        {{ is_placeholder_text(['landed.firm_name']) }} as is_placeholder,
        {{ coerced_codes(['uscc']) }} as coercions,
        {{ lineage() }}
    from {{ landed('incubators', 'tenants') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.carrier_code,
        carrier.region_code,
        carrier.is_in_county,
        cleaned.firm_name,
        cleaned.uscc,
        {{ to_date('cleaned.entered_on') }} as entered_on,
        {{ to_date('cleaned.left_on') }} as left_on,
        cleaned.state,
        {{ to_number('cleaned.staff_count_text') }} as staff_count,
        {{ to_yuan('cleaned.investment_text', "'千元'") }} as investment_yuan,
        cleaned.coercions{{ coerced_numbers(['staff_count', 'investment']) }} as coercions,
        {{ verdict([
            ['cleaned.uscc is null', 'key_missing', 'uscc'],
            [is_rounded_code('cleaned.uscc'), 'precision_lost', 'uscc'],
            ['firm.is_uscc is not true', 'uscc_invalid', 'uscc'],
            ['carrier.carrier_code is null', 'unknown_carrier', 'carrier_code'],
            [is_total_text(['cleaned.firm_name']), 'total_row', 'firm_name'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'firm_name'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'firm_name'],
            ['cleaned.is_placeholder', 'placeholder_value', 'firm_name'],
            ["coalesce(cleaned.state, '') not in ('在孵', '毕业', '退出')", 'unknown_value', 'state'],
            ['cleaned.entered_on is not null and ' ~ to_date('cleaned.entered_on') ~ ' is null', 'not_a_date', 'entered_on'],
            ['cleaned.left_on is not null and ' ~ to_date('cleaned.left_on') ~ ' is null', 'not_a_date', 'left_on'],
        ] + number_checks(['staff_count', 'investment'], ['staff_count', 'investment'])) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    left join firms as firm on cleaned.uscc = firm.uscc
    left join {{ ref('stg_incubators__carriers') }} as carrier
        on cleaned.quarter = carrier.quarter
        and cleaned.carrier_code = carrier.carrier_code
),

judged as (
    {{ with_verdict('typed', ['carrier_code', 'uscc']) }}
)

select
    judged.quarter,
    judged.carrier_code,
    judged.region_code,
    judged.is_in_county,
    judged.firm_name,
    judged.uscc,
    judged.entered_on,
    judged.left_on,
    judged.state,
    judged.staff_count,
    judged.investment_yuan,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
