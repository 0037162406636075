{{ incremental_by_quarter() }}

with cleaned as (
    select
        landed.quarter,
        landed.djxh as taxpayer_id,
        {{ clean_code('landed.nsrsbh') }} as uscc,
        {{ clean_text('landed.nsrmc') }} as firm_name,
        {{ clean_code('landed.xzqh_dm') }} as region_code,
        {{ clean_code('landed.hy_dm') }} as industry_code,
        landed.djrq as registered_on,
        landed.nsrzt_dm as taxpayer_state,
        landed.xgrq as changed_at,
        {{ has_control_character(['landed.nsrmc']) }} as is_garbled,
        {{ was_coerced('landed.nsrsbh', clean_code('landed.nsrsbh')) }} as coercions,
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
        {{ verdict([
            ['cleaned.taxpayer_id is null', 'key_missing', 'djxh'],
            ['not ' ~ is_uscc('cleaned.uscc'), 'uscc_invalid', 'nsrsbh'],
            ['cleaned.is_garbled', 'control_character', 'nsrmc'],
            ["not coalesce(" ~ matches('cleaned.region_code', '^[0-9]{6}$') ~ ", false) or (substr(cleaned.region_code, 1, 2) = '33' and division.code is null)", 'unknown_division', 'xzqh_dm'],
        ]) }} as verdict,
        {{ lineage('cleaned') }}
    from cleaned
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
