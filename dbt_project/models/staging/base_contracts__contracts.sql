{%- set days = ['signed_on', 'registered_on', 'changed_on'] %}
{%- set codes = ['contract_no'] + days + ['seller_uscc', 'seller_region', 'buyer_uscc', 'buyer_country', 'buyer_region'] %}
{%- set amounts = ['contract_amount', 'tech_amount'] %}
{%- set texts = ['contract_name', 'seller_name', 'buyer_name', 'seller_kind', 'tech_field', 'ip_type', 'social_goal'] %}
{%- set plain, sound = 'landed.are_plain', 'landed.are_sound' %}

with firms as (
    {{ codes_of('contracts', 'contracts', ['seller_uscc', 'buyer_uscc']) }}
),

looked_at as (
    select
        landed.quarter,
        {%- for field in codes + amounts + texts %}
        landed.{{ field }},
        {%- endfor %}
        landed.category,
        landed.state,
        landed.field_count,
        landed.header_count,
        {{ are_plain_codes(codes) }} as are_plain,
        {{ are_sound_texts(['category', 'state'] + texts) }} as are_sound,
        {{ lineage() }}
    from {{ landed('contracts', 'contracts') }}
),

cleaned as (
    select
        landed.quarter,
        {%- for field in codes %}
        {{ clean_date('landed.' ~ field, plain) if field in days else clean_code_or_null('landed.' ~ field, plain) }} as {{ field }},
        {%- endfor %}
        case when {{ plain }} then false else {{ is_split('landed.contract_no') }} end as is_number_split,
        {{ clean_text_or_null('landed.category', sound) }} as category,
        {{ clean_text_or_null('landed.state', sound) }} as state,
        {{ clean_text_or_null('landed.seller_name', sound) }} as seller_name,
        {{ clean_text_or_null('landed.buyer_name', sound) }} as buyer_name,
        {%- for field in amounts %}
        landed.{{ field }},
        {{ clean_number_text('landed.' ~ field) }} as {{ field }}_text,
        {%- endfor %}
        {{ fault_of_texts(texts, sound) }} as text_fault,
        {{ is_placeholder_text(['landed.contract_name', 'landed.seller_name', 'landed.buyer_name'], sound) }} as is_placeholder,
        landed.field_count = 0 as is_misquoted,
        landed.field_count <> landed.header_count as is_ragged,
        {{ was_coerced('landed.category', clean_text('landed.category'), sound) }}
        + {{ was_coerced('landed.state', clean_text('landed.state'), sound) }}
        + {{ coerced_codes(codes, plain) }} as coercions,
        {{ lineage() }}
    from looked_at as landed
),

dated as (
    select
        cleaned.quarter,
        cleaned.contract_no,
        cleaned.category,
        cleaned.state,
        {{ to_date('cleaned.signed_on') }} as signed_on,
        {{ to_date('cleaned.registered_on') }} as registered_on,
        {{ to_date('cleaned.changed_on') }} as changed_on,
        cleaned.seller_name,
        cleaned.seller_uscc,
        cleaned.seller_region,
        cleaned.buyer_name,
        cleaned.buyer_uscc,
        cleaned.buyer_region,
        coalesce(country.code, '156') <> '156' as is_buyer_foreign,
        cleaned.buyer_country is not null and country.code is null as is_country_unknown,
        {{ to_yuan('cleaned.contract_amount_text', "'万元'") }} as contract_amount_yuan,
        {{ to_yuan('cleaned.tech_amount_text', "'万元'") }} as tech_amount_yuan,
        cleaned.signed_on as signed_on_text,
        cleaned.registered_on as registered_on_text,
        cleaned.changed_on as changed_on_text,
        cleaned.contract_amount_text,
        cleaned.tech_amount_text,
        cleaned.text_fault,
        cleaned.is_placeholder,
        cleaned.is_misquoted,
        cleaned.is_ragged,
        cleaned.is_number_split,
        cleaned.coercions{{ coerced_numbers(amounts) }} + {{ was_coerced('cleaned.buyer_country', 'country.code') }} as coercions,
        {{ lineage('cleaned') }}
    from cleaned
    left join {{ ref('country_spellings') }} as country on cleaned.buyer_country = country.spelling
),

typed as (
    select
        dated.*,
        seller_division.code is not null as is_seller_in_county,
        buyer_division.code is not null as is_buyer_in_county,
        {{ verdict([
            ['dated.is_misquoted', 'broken_quoting', 'row'],
            ['dated.is_ragged', 'wrong_number_of_fields', 'row'],
            ['dated.contract_no is null', 'key_missing', 'contract_no'],
            [is_rounded_code('dated.contract_no'), 'precision_lost', 'contract_no'],
            ['dated.is_number_split or not ' ~ matches('dated.contract_no', '^([0-9]{14}|[0-9]{16})$'), 'key_malformed', 'contract_no'],
            ["dated.text_fault = 'control_character'", 'control_character', 'text'],
            ["dated.text_fault = 'mojibake'", 'mojibake', 'text'],
            ['dated.is_placeholder', 'placeholder_value', 'text'],
            ["coalesce(dated.state, '') not in ('受理', '已登记', '变更', '注销')", 'unknown_value', 'state'],
            ["coalesce(dated.category, '') not in ('技术开发', '技术转让', '技术许可', '技术咨询', '技术服务')", 'unknown_value', 'category'],
            ['dated.signed_on_text is not null and dated.signed_on is null', 'not_a_date', 'signed_on'],
            ['dated.registered_on_text is not null and dated.registered_on is null', 'not_a_date', 'registered_on'],
            ['dated.changed_on_text is not null and dated.changed_on is null', 'not_a_date', 'changed_on'],
            ["dated.registered_on is null and dated.state <> '受理'", 'not_a_date', 'registered_on'],
            ['extract(year from dated.registered_on) <> ' ~ quarter_year('dated.quarter'), 'date_outside_year', 'registered_on'],
            ['dated.is_country_unknown', 'unknown_value', 'buyer_country'],
            [is_rounded_code('dated.seller_uscc'), 'precision_lost', 'seller_uscc'],
            [is_rounded_code('dated.buyer_uscc'), 'precision_lost', 'buyer_uscc'],
            ['dated.seller_uscc is not null and seller.is_uscc is not true', 'uscc_invalid', 'seller_uscc'],
            ['dated.buyer_uscc is not null and not dated.is_buyer_foreign and buyer.is_uscc is not true', 'uscc_invalid', 'buyer_uscc'],
            [is_no_division('dated.seller_region', 'seller_division'), 'unknown_division', 'seller_region'],
            ['not dated.is_buyer_foreign and ' ~ is_no_division('dated.buyer_region', 'buyer_division'), 'unknown_division', 'buyer_region'],
            [is_rounded_code('dated.contract_amount_text'), 'precision_lost', 'contract_amount'],
            [is_rounded_code('dated.tech_amount_text'), 'precision_lost', 'tech_amount'],
            ['dated.contract_amount_text is not null and dated.contract_amount_yuan is null', 'not_a_number', 'contract_amount'],
            ['dated.tech_amount_text is not null and dated.tech_amount_yuan is null', 'not_a_number', 'tech_amount'],
            ['dated.contract_amount_yuan < 0', 'negative_amount', 'contract_amount'],
            ['dated.tech_amount_yuan < 0', 'negative_amount', 'tech_amount'],
            ['dated.tech_amount_yuan > dated.contract_amount_yuan', 'tech_above_total', 'tech_amount'],
            [is_placeholder_number('dated.contract_amount_text'), 'placeholder_value', 'contract_amount'],
            [is_placeholder_number('dated.tech_amount_text'), 'placeholder_value', 'tech_amount'],
        ]) }} as verdict
    from dated
    left join firms as seller on dated.seller_uscc = seller.uscc
    left join firms as buyer on dated.buyer_uscc = buyer.uscc
    {{ join_division('dated.seller_region', 'coalesce(dated.registered_on, ' ~ quarter_end('dated.quarter') ~ ')', ['c', 'r'], 'seller_division') }}
    {{ join_division('dated.buyer_region', 'coalesce(dated.registered_on, ' ~ quarter_end('dated.quarter') ~ ')', ['c', 'r'], 'buyer_division') }}
),

judged as (
    {{ with_verdict('typed', ['contract_no']) }}
)

select
    judged.quarter,
    judged.contract_no,
    judged.category,
    judged.state,
    judged.signed_on,
    judged.registered_on,
    judged.changed_on,
    judged.seller_name,
    judged.seller_uscc,
    judged.seller_region,
    judged.is_seller_in_county,
    judged.buyer_name,
    judged.buyer_uscc,
    judged.buyer_region,
    judged.is_buyer_in_county,
    judged.is_buyer_foreign,
    judged.contract_amount_yuan,
    judged.tech_amount_yuan,
    judged.coercions,
    judged.quarantined_because,
    judged.quarantined_field,
    {{ lineage('judged') }}
from judged
