{# From text as delivered to values: what is certain is coerced, and what is not stays null for the row's verdict to see. #}

{# Text without the characters that never mean anything: spaces of every kind at the ends, zero-width marks anywhere. #}

{% macro clean_text(column) -%}
    trim(replace(replace(replace(replace({{ column }}, chr(65279), ''), chr(8203), ''), chr(160), ' '), chr(12288), ' '))
{%- endmacro %}

{# A code: full-width digits and letters narrowed, every space removed, upper case. Most codes are plain, and are let through at once:
   `translate` costs twenty times what the pattern does. #}

{% macro clean_code(column) -%}
    case
        when {{ matches(column, '^[0-9A-Z./-]+$') }} then {{ column }}
        else upper(replace(translate({{ clean_text(column) }},
            '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ－．／',
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-./'), ' ', ''))
    end
{%- endmacro %}

{# Null for the five marks that mean "no value" (feeds.md, section 1). #}

{% macro without_placeholder(text) -%}
    case when {{ text }} in ('', '-', '—', '——', '…', '……', '*', '－', '＊') then null else {{ text }} end
{%- endmacro %}

{# A number's text: full-width narrowed; currency signs, inner spaces and separators of whole thousands removed; where the column is in
   percent, a final percent sign too. Anything else stays and is no number. #}

{% macro clean_number_text(column, in_percent=false) -%}
    case
        when {{ matches(column, '^-?[0-9]+([.][0-9]+)?$') }} then {{ column }}
        else {{ number_text_of_any_form(column, in_percent) }}
    end
{%- endmacro %}

{% macro number_text_of_any_form(column, in_percent) -%}
    {%- set narrow = "translate(" ~ clean_text(column) ~ ", '０１２３４５６７８９．，－−＋％￥＄', '0123456789.,--+%¥$')" -%}
    {%- set bare = "regexp_replace(replace(" ~ narrow ~ ", ' ', ''), '[¥$]', '')" -%}
    {%- if in_percent %}{% set bare = "regexp_replace(" ~ bare ~ ", '%$', '')" %}{% endif -%}
    {{ without_placeholder("case when " ~ matches(bare, '^[-+]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$') ~ " then replace(" ~ bare ~ ", ',', '') else " ~ bare ~ " end") }}
{%- endmacro %}

{# A number to six decimals, null where the text is no number. From 10^14 on it is no number of this world, and below that it has room for
   the largest unit. DuckDB would read `1_000` too, which no office writes for a number. #}

{% macro to_number(text) -%}
    cast({{ cast_of_number(text, 'decimal(20, 6)') }} as decimal(28, 6))
{%- endmacro %}

{% macro cast_of_number(text, type) -%}
    try_cast(replace({{ text }}, '_', '?') as {{ type }})
{%- endmacro %}

{% macro unit_in_yuan(unit) -%}
    case {{ unit }} when '元' then 1 when '千元' then 1000 when '万元' then 10000 when '亿元' then 100000000 end
{%- endmacro %}

{# A number's text in its unit as yuan to six decimals; null where `to_number` is. Fourteen decimals, so that 亿元 lose none of them. #}

{% macro to_yuan(text, unit) -%}
    cast({{ cast_of_number(text, 'decimal(28, 14)') }} * {{ unit_in_yuan(unit) }} as decimal(28, 6))
{%- endmacro %}

{# A date from a cleaned code, in the five written forms (ISO also with midnight behind it) and as Excel's serial number; else null. #}

{% macro to_date(code) -%}
    case
        when {{ matches(code, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') }} then try_cast({{ code }} as date)
        when {{ matches(code, '^[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}$') }} then try_cast(replace({{ code }}, '/', '-') as date)
        when {{ matches(code, '^[0-9]{4}[.][0-9]{1,2}[.][0-9]{1,2}$') }} then try_cast(replace({{ code }}, '.', '-') as date)
        when {{ matches(code, '^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日$') }}
            then try_cast(replace(replace(replace({{ code }}, '年', '-'), '月', '-'), '日', '') as date)
        when {{ matches(code, '^[0-9]{8}$') }}
            then try_cast(substr({{ code }}, 1, 4) || '-' || substr({{ code }}, 5, 2) || '-' || substr({{ code }}, 7, 2) as date)
        when {{ matches(code, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T?00:00:00$') }} then try_cast(substr({{ code }}, 1, 10) as date)
        when {{ matches(code, '^[2-7][0-9]{4}$') }} then cast('1899-12-30' as date) + cast({{ code }} as integer)
    end
{%- endmacro %}

{# 1 where cleaning changed what was delivered, 0 where it did not. #}

{% macro was_coerced(raw, cleaned) -%}
    case when {{ raw }} <> {{ cleaned }} then 1 else 0 end
{%- endmacro %}

{% macro matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro has_control_character(columns) -%}
    {{ matches("concat_ws(' ', " ~ columns | join(', ') ~ ")", '[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x{9F}]') }}
{%- endmacro %}
