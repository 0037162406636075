{# Whether a code is a unified social credit code with the right check character (GB 32100-2015).

   31 characters without I, O, S, V, Z; weights 3^(i-1) mod 31; check value (31 - sum mod 31) mod 31. The outer modulus matters:
   a sum divisible by 31 has the check character 0. #}

{% macro is_uscc(code) -%}
    {%- set alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY' -%}
    {%- set weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] -%}
    coalesce(
        {{ matches(code, '^[' ~ alphabet ~ ']{18}$') }}
        and (
            {%- for weight in weights %}
            {{ weight }} * (instr('{{ alphabet }}', substr({{ code }}, {{ loop.index }}, 1)) - 1) +
            {%- endfor %}
            instr('{{ alphabet }}', substr({{ code }}, 18, 1)) - 1
        ) % 31 = 0,
        false
    )
{%- endmacro %}

{# Every code in a table's columns, cleaned, and whether it `is_uscc`; what is not among them is none. A firm has many rows, and the sum over
   its code is made once: over every row it would be as much as a quarter of what a table costs. #}

{% macro codes_of(feed, table, columns) -%}
    select
        codes.uscc,
        {{ is_uscc('codes.uscc') }} as is_uscc
    from (
        select distinct {{ clean_code_or_null('delivered.uscc') }} as uscc
        from (
            {%- for column in columns %}
            {{ 'union all' if not loop.first }}
            select distinct landed.{{ column }} as uscc
            from {{ landed(feed, table) }}
            {%- endfor %}
        ) as delivered
    ) as codes
{%- endmacro %}
