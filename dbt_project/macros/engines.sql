{# What DuckDB and Spark say differently, and nothing else: everything beside these few macros is SQL that both read alike (docs/engines.md).
   Literals mean the same to both because the Spark profile reads backslashes in them as they stand. #}

{# Whether a pattern is found in a text. #}

{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches', 'i315')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    regexp_like({{ text }}, '{{ ending_at_the_end(pattern) }}')
{%- endmacro %}

{# Java's `$` also stands before a last line end. #}

{% macro ending_at_the_end(pattern) -%}
    {{ return(pattern[:-1] ~ '\\z' if pattern.endswith('$') else pattern) }}
{%- endmacro %}

{# A text without the first place where a pattern is found. #}

{% macro without_first(text, pattern) -%}
    {{ return(adapter.dispatch('without_first', 'i315')(text, pattern)) }}
{%- endmacro %}

{% macro default__without_first(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '')
{%- endmacro %}

{% macro spark__without_first(text, pattern) -%}
    regexp_replace({{ text }}, '(?s)\A(.*?)(?:{{ ending_at_the_end(pattern) }})', '$1')
{%- endmacro %}

{# A text without spaces at its ends. DuckDB's `trim` takes every space of Unicode. #}

{% macro trimmed(text) -%}
    {{ return(adapter.dispatch('trimmed', 'i315')(text)) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}

{% macro spark__trimmed(text) -%}
    trim(both '{{ " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" }}' from {{ text }})
{%- endmacro %}

{# A number's text as a decimal type, null where it is none. DuckDB would read `1_000`, Java digits of other scripts: no office writes
   either for a number. #}

{% macro cast_of_number(text, type) -%}
    {{ return(adapter.dispatch('cast_of_number', 'i315')(text, type)) }}
{%- endmacro %}

{% macro default__cast_of_number(text, type) -%}
    try_cast(replace({{ text }}, '_', '?') as {{ type }})
{%- endmacro %}

{% macro spark__cast_of_number(text, type) -%}
    try_cast(case when {{ matches(text, '^[ -~]*$') }} then {{ text }} end as {{ type }})
{%- endmacro %}
