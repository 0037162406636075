{# What DuckDB and Spark say differently, and nothing else: everything beside these few macros is SQL that both read alike (docs/engines.md).
   Which engine it is, the target says; where there is none, outside dbt, it is DuckDB. Backslashes in literals stand for themselves: the
   target `spark` tells Spark so. #}

{% macro is_on_spark() -%}
    {{- 'yes' if target is defined and target.type == 'spark' -}}
{%- endmacro %}

{# Whether a pattern is found in a text. #}

{% macro matches(text, pattern) -%}
    {%- if is_on_spark() -%}
    regexp_like({{ text }}, '{{ pattern_of_java(pattern) }}')
    {%- else -%}
    regexp_matches({{ text }}, '{{ pattern }}')
    {%- endif -%}
{%- endmacro %}

{# A text without the first place where a pattern is found. #}

{% macro without_first(text, pattern) -%}
    {%- if is_on_spark() -%}
    regexp_replace({{ text }}, '(?s)\A(.*?)(?:{{ pattern_of_java(pattern) }})', '$1')
    {%- else -%}
    regexp_replace({{ text }}, '{{ pattern }}', '')
    {%- endif -%}
{%- endmacro %}

{# Java's `$` also stands before a last line end. #}

{% macro pattern_of_java(pattern) -%}
    {{- pattern[:-1] ~ '\\z' if pattern.endswith('$') else pattern -}}
{%- endmacro %}

{# A text without spaces at its ends. DuckDB's `trim` takes every space of Unicode. #}

{% macro trimmed(text) -%}
    {%- if is_on_spark() -%}
    trim(both '{{ " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" }}' from {{ text }})
    {%- else -%}
    trim({{ text }})
    {%- endif -%}
{%- endmacro %}

{# A number's text as a decimal type, null where it is none. DuckDB would read `1_000`, Java digits of other scripts: no office writes
   either for a number. #}

{% macro cast_of_number(text, type) -%}
    {%- if is_on_spark() -%}
    try_cast(case when {{ matches(text, '^[ -~]*$') }} then {{ text }} end as {{ type }})
    {%- else -%}
    try_cast(replace({{ text }}, '_', '?') as {{ type }})
    {%- endif -%}
{%- endmacro %}

{# Before the parenthesis of a named step: it is computed where it is used, with the conditions that hold there. DuckDB would otherwise keep
   the whole of what is named more than once; Spark never does. #}

{% macro where_used() -%}
    {{- 'not materialized' if not is_on_spark() -}}
{%- endmacro %}
