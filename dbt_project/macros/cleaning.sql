{# From text as delivered to values: what is certain is coerced, and what is not stays null for the row's verdict to see. #}

{# Text without the characters that never mean anything: spaces of every kind and tabs at the ends, zero-width marks anywhere. What
   `translate` finds no partner for, it removes. One call and no chain of `replace`: all that reads this SQL reads every call. Most texts
   hold none of them, and are let through at once; `sound`, a condition under which no text of the row does (`are_sound_texts`), spares
   even that look. #}

{% macro clean_text(column, sound='false') -%}
    case
        when {{ sound }} then {{ column }}
        when {{ matches(column, meaningless()) }}
            then {{ trimmed("translate(" ~ column ~ ", '" ~ blanks() ~ marks() ~ "', '   ')") }}
        else {{ column }}
    end
{%- endmacro %}

{% macro meaningless() -%}
    {{- '[\\p{Zs}\\t\\x{FEFF}\\x{200B}]' -}}
{%- endmacro %}

{# The three spaces that are none, and the two marks of no width, that offices' programs leave in text. #}

{% macro blanks() -%}
    {{- "\u00a0\u3000\t" -}}
{%- endmacro %}

{% macro marks() -%}
    {{- "\ufeff\u200b" -}}
{%- endmacro %}

{# The same for a text that may be left out: null for the marks that mean "no value". #}

{% macro clean_text_or_null(column, sound='false') -%}
    case when {{ sound }} then {{ column }} else {{ without_placeholder(clean_text(column)) }} end
{%- endmacro %}

{# A code: full-width digits and letters narrowed, every space and invisible mark removed, upper case. Most codes are plain, and are let
   through at once: `translate` costs twenty times what the pattern does. #}

{% macro clean_code(column) -%}
    case when {{ matches(column, plain_code()) }} then {{ column }} else {{ narrowed_code(column) }} end
{%- endmacro %}

{# The same for a code that may be left out: null for the five marks that mean "no value". `plain`, a condition under which every code of the
   row is plain (`are_plain_codes`), spares the look at this one. #}

{% macro clean_code_or_null(column, plain='false') -%}
    case when {{ plain }} or {{ matches(column, '^[0-9A-Z][0-9A-Z./-]*$') }} then {{ column }} else {{ without_placeholder(narrowed_code(column)) }} end
{%- endmacro %}

{# A day's text as a code. A blank between two digits is left, and makes it no date: what stands there may be two. #}

{% macro clean_date(column, plain='false') -%}
    case
        when {{ plain }} or {{ matches(column, '^[0-9A-Z][0-9A-Z./-]*$') }} then {{ column }}
        when {{ is_split(column) }} and not {{ matches(column, '[:：]') }} then {{ column }}
        else {{ without_placeholder(narrowed_code(column)) }}
    end
{%- endmacro %}

{# Whether blanks part two digits or letters. #}

{% macro is_split(column) -%}
    coalesce({{ matches(column, '[0-9A-Za-z０-９Ａ-Ｚ][\\s\\p{Zs}]+[0-9A-Za-z０-９Ａ-Ｚ]') }}, false)
{%- endmacro %}

{% macro plain_code() -%}
    ^[0-9A-Z./-]+$
{%- endmacro %}

{% macro narrowed_code(column) -%}
    upper(translate({{ column }},
        '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ－．／{{ invisible() }}',
        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-./'))
{%- endmacro %}

{# Spaces, tabs, line ends and zero-width marks, none of which is ever part of a code. Marks of writing direction are left: they can make
   one code look like another. #}

{% macro invisible() -%}
    {{- " " ~ blanks() ~ marks() ~ "\r\n\u200c\u200d\u2060" -}}
{%- endmacro %}

{# A name as names are compared: without blanks, in narrow forms, without the word for its kind (市, 区, 县 …). #}

{% macro folded_name(column) -%}
    {{ without_first("translate(" ~ narrowed_code(column) ~ ", '（）％', '()%')", '((.族)?自治县|[省市区县])$') }}
{%- endmacro %}

{# Null for the five marks that mean "no value" (feeds.md, section 1). The text stands once, however long it is: all that reads this SQL
   reads every copy. #}

{% macro without_placeholder(text) -%}
    nullif({{ without_first(text, '^(-|—|——|…|……|[*]|－|＊)$') }}, '')
{%- endmacro %}

{# A number's text: full-width narrowed; currency signs removed, and commas or blanks before groups of three digits; where the column is in
   percent, a final percent sign too. Anything else stays and is no number: other blanks may part two of them. #}

{% macro clean_number_text(column, in_percent=false) -%}
    case
        when {{ matches(column, '^-?[0-9]+([.][0-9]+)?$') }} then {{ column }}
        else {{ number_text_of_any_form(column, in_percent) }}
    end
{%- endmacro %}

{% macro number_text_of_any_form(column, in_percent) -%}
    {%- set spaces = blanks() ~ "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f" -%}
    {%- set narrow = "translate(" ~ column ~ ", '０１２３４５６７８９．，－−＋％￥＄" ~ spaces ~ marks() ~ "', '0123456789.,--+%¥$" ~ " " * 17 ~ "')" -%}
    {%- set bare = without_first(trimmed(narrow), '[¥$] *') -%}
    {%- if in_percent %}{% set bare = without_first(bare, ' *%$') %}{% endif -%}
    {%- set grouped = matches(bare, '^[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+( [0-9]{3})+)([.][0-9]+)?$') -%}
    {{ without_placeholder("case when " ~ grouped ~ " then translate(" ~ bare ~ ", ', ', '') else " ~ bare ~ " end") }}
{%- endmacro %}

{# A number to six decimals, null where the text is no number. From 10^14 on it is no number of this world, and below that it has room for
   the largest unit. #}

{% macro to_number(text) -%}
    cast({{ cast_of_number(text, 'decimal(20, 6)') }} as decimal(28, 6))
{%- endmacro %}

{% macro unit_in_yuan(unit) -%}
    case {{ unit }} when '元' then 1 when '千元' then 1000 when '万元' then 10000 when '亿元' then 100000000 end
{%- endmacro %}

{# A number's text in its unit as yuan to six decimals; null where `to_number` is. Fourteen decimals, so that 亿元 lose none of them; what
   has at most six needs none of that, and most amounts are so. #}

{% macro to_yuan(text, unit) -%}
    case
        when {{ matches(text, '^-?[0-9]{1,14}([.][0-9]{1,6})?$') }}
            then cast(try_cast({{ text }} as decimal(28, 6)) * {{ unit_in_yuan(unit) }} as decimal(28, 6))
        else cast({{ cast_of_number(text, 'decimal(28, 14)') }} * {{ unit_in_yuan(unit) }} as decimal(28, 6))
    end
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

{% macro was_coerced(raw, cleaned, sound='false') -%}
    case when {{ sound }} then 0 when {{ raw }} <> {{ cleaned }} then 1 else 0 end
{%- endmacro %}

{# The number of codes that cleaning changed, each delivered as `landed.<field>`. Where all are plain, as one look at them together tells,
   it changed none. #}

{% macro coerced_codes(fields, plain='false') -%}
    case
        when {{ plain }} then 0
        when {{ matches("concat_ws('', landed." ~ fields | join(', landed.') ~ ")", '^[0-9A-Z./-]*$') }} then 0
        else 0
            {%- for field in fields %}
            + {{ was_coerced('landed.' ~ field, narrowed_code('landed.' ~ field)) }}
            {%- endfor %}
    end
{%- endmacro %}

{# One look at many columns of a row, for tables of so many rows that a look at each column is what they cost most. #}

{% macro are_plain_codes(columns) -%}
    {{ matches("concat_ws('|', " ~ columns | join(', ') ~ ") || '|'", '^([0-9A-Z][0-9A-Z./-]*[|])+$') }}
{%- endmacro %}

{# Whether no text holds what `clean_text` removes or `fault_of_texts` finds, begins as a placeholder does, or is a mark of no value. #}

{% macro are_sound_texts(columns) -%}
    not {{ matches("concat_ws('|', " ~ columns | join(', ') ~ ")", meaningless() ~ '|' ~ controls() ~ '|' ~ misread() ~ '|(^|[|])(测试|[Tt][Ee][Ss][Tt]|[Xx]{3}|[-—…*－＊]+([|]|$))') }}
{%- endmacro %}

{# What numbers add to the count of coercions: each is delivered as `<field>` and cleaned as `<field>_text` of a relation called `cleaned`. #}

{% macro coerced_numbers(fields) -%}
    {%- for field in fields %} + {{ was_coerced('cleaned.' ~ field, 'cleaned.' ~ field ~ '_text') }}{% endfor -%}
{%- endmacro %}

{# What makes texts unfit, as the reason's code: a control character, or that they were once read in a wrong encoding and saved so, which
   leaves marks of lost characters, or UTF-8 read as Latin-1. Null for sound ones, which one look tells, or none where `sound` holds. #}

{% macro fault_of_texts(columns, sound='false') -%}
    case
        when {{ sound }} then null
        when {{ matches(one_text(columns), controls() ~ '|' ~ misread()) }}
            then case when {{ matches(one_text(columns), controls()) }} then 'control_character' else 'mojibake' end
    end
{%- endmacro %}

{% macro controls() -%}
    {{- '[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x{9F}\\x{200E}\\x{200F}\\x{202A}-\\x{202E}\\x{2066}-\\x{2069}]' -}}
{%- endmacro %}

{% macro misread() -%}
    {{- '\\x{FFFD}|锟斤拷|[\\x{E4}-\\x{E9}][\\x{A0}-\\x{BF}]' -}}
{%- endmacro %}

{# Whether one of the texts is what people type where they know nothing yet. #}

{% macro is_placeholder_text(columns, sound='false') -%}
    case
        when {{ sound }} then false
        else {% for column in columns %}{{ ' or ' if not loop.first }}coalesce({{ matches(column, '^(测试(数据|企业|单位|合同)?|[Tt][Ee][Ss][Tt]|[Xx]{3,})$') }}, false){% endfor %}
    end
{%- endmacro %}

{# The same for a number: nothing but nines, six or more. #}

{% macro is_placeholder_number(text) -%}
    coalesce({{ matches(text, '^9{6,}([.]9+)?$') }}, false)
{%- endmacro %}

{# Whether a spreadsheet turned a long code or an amount into a rounded number: its last digits are gone. #}

{% macro is_rounded_code(code) -%}
    coalesce({{ matches(code, '^[-+]?[0-9]+([.][0-9]+)?[Ee][-+]?[0-9]+$') }}, false)
{%- endmacro %}

{# Whether one of the texts says that its row adds up others. #}

{% macro is_total_text(columns) -%}
    {% for column in columns %}{{ ' or ' if not loop.first }}coalesce({{ matches(column, '(小计|合计|总计|共计)[)）:：]?$') }}, false){% endfor %}
{%- endmacro %}

{% macro one_text(columns) -%}
    concat_ws(' ', {{ columns | join(', ') }})
{%- endmacro %}
