with firms as (
    {{ codes_of('tax', 'dj_nsrxx', ['nsrsbh']) }}
),

cleaned as (
    select
        landed.quarter,
        landed.djxh as taxpayer_id,
        {{ clean_code('landed.nsrsbh') }} as uscc,
        {{ clean_text('landed.nsrmc') }} as firm_name,
        {{ clean_code('landed.xzqh_dm') }} as region_code,
        {{ clean_code_or_null('landed.hy_dm') }} as industry_code,
        landed.djrq as registered_on,
        {{ state_of_taxpayer('landed.nsrzt_dm') }} as taxpayer_state,
        landed.xgrq as changed_at,
        {{ fault_of_texts(['landed.nsrmc']) }} as text_fault,
        {{ is_placeholder_text(['landed.nsrmc']) }} as is_placeholder,
        coalesce(landed.coercions, 0) + {{ coerced_codes(['nsrsbh']) }}
        + {{ was_coerced('landed.nsrzt_dm', state_of_taxpayer('landed.nsrzt_dm')) }} as coercions,
        landed.unfit,
        {{ lineage() }}
    from {{ landed('tax', 'dj_nsrxx') }}
),

typed as (
    select
        cleaned.quarter,
        cleaned.taxpayer_id,
        cleaned.uscc,
        cleaned.firm_name,
        cleaned.region_code,
        division.code is not null as is_in_county,
        cleaned.industry_code,
        cleaned.registered_on,
        cleaned.taxpayer_state,
        cleaned.changed_at,
        cleaned.coercions,
        coalesce(cleaned.unfit, {{ verdict([
            ['cleaned.taxpayer_id is null', 'key_missing', 'djxh'],
            [is_rounded_code('cleaned.uscc'), 'precision_lost', 'nsrsbh'],
            ['firm.is_uscc is not true', 'uscc_invalid', 'nsrsbh'],
            ["cleaned.text_fault = 'control_character'", 'control_character', 'nsrmc'],
            ["cleaned.text_fault = 'mojibake'", 'mojibake', 'nsrmc'],
            ['cleaned.is_placeholder', 'placeholder_value', 'nsrmc'],
            [is_no_division('cleaned.region_code'), 'unknown_division', 'xzqh_dm'],
            ['not (' ~ matches('cleaned.industry_code', '^[0-9]{4}$') ~ ' and industry.code is not null)', 'unknown_value', 'hy_dm'],
            ['not ' ~ matches('cleaned.taxpayer_state', '^[0-9]{2}$'), 'unknown_value', 'nsrzt_dm'],
        ]) }}) as verdict,
        {{ lineage('cleaned') }}
    from cleaned
    left join firms as firm on cleaned.uscc = firm.uscc
    left join {{ ref('industry_divisions') }} as industry on substr(cleaned.industry_code, 1, 2) = industry.code
    {{ join_division('cleaned.region_code', quarter_end('cleaned.quarter'), ['c', 'r']) }}
),

judged as (
    {{ with_verdict('typed', ['taxpayer_id']) }}
)

select
    judged.quarter,
    judged.taxpayer_id,
    judged.uscc,
    judged.firm_name,
    judged.region_code,
    judged.is_in_county,
    judged.industry_code,
    judged.registered_on,
    judged.taxpayer_state,
    judged.changed_at,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
