{# What a run says of itself stands in its environment and is looked at when models are built, not when they are parsed: the quarters whose
   rows it makes anew, those among them that it was asked for, those that it scores, and the levels below the root that its rules have, at
   most six. A model of `meta: {rows_of: asked}` holds what only the quarter asked for needs: no quarter rests on another one's. #}

{% macro quarters_of_run(name=none) -%}
    {%- if execute -%}
        {%- set is_of_asked = model.get('config', {}).get('meta', {}).get('rows_of') == 'asked' -%}
        {%- set made_anew = env_var('RUN_QUARTERS', '') -%}
        {{ return((env_var(name, '') if name else env_var('RUN_ASKED', made_anew) if is_of_asked else made_anew).split()) }}
    {%- else -%}
        {{ return([]) }}
    {%- endif -%}
{%- endmacro %}

{% macro deepest_tree() -%}
    {{ return(env_var('RUN_DEEPEST', var('deepest') | string) | int if execute else var('deepest')) }}
{%- endmacro %}

{# Rows of the quarters that this run makes anew; all, where it names none. Unconditional, so that the first build obeys it too. #}

{% macro in_quarters(column) -%}
    {{- is_one_of(column, quarters_of_run()) -}}
{%- endmacro %}

{# The same for the scoring models, which also score the quarters that a ranking by change compares with under rules of later. #}

{% macro in_scored_quarters(column) -%}
    {{- is_one_of(column, quarters_of_run('RUN_SCORED')) -}}
{%- endmacro %}

{% macro is_one_of(column, quarters) -%}
    {%- if quarters -%}
        {{ column }} in ('{{ quarters | join("', '") }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Rows of the quarters so many before those that this run makes anew (0 for themselves), by name, so that the engine reads no other. #}

{% macro in_quarters_before(column, offsets) -%}
    {%- set wanted = [] -%}
    {%- for quarter in quarters_of_run() -%}
        {%- for offset in offsets -%}
            {%- set index = (quarter[:4] | int) * 4 + (quarter[5:] | int) - 1 - offset -%}
            {%- do wanted.append((index // 4) ~ 'Q' ~ (index % 4 + 1)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- is_one_of(column, wanted | unique | sort | list) -}}
{%- endmacro %}

{# A quarter so many quarters later than `column`; both read 2023Q3. #}

{% macro quarter_plus(column, quarters) -%}
    {%- set index = "(cast(substr(" ~ column ~ ", 1, 4) as integer) * 4 + cast(substr(" ~ column ~ ", 6, 1) as integer) - 1 + (" ~ quarters ~ "))" -%}
    (cast(cast(floor({{ index }} / 4.0) as integer) as string) || 'Q' || cast({{ index }} % 4 + 1 as string))
{%- endmacro %}

{% macro quarter_year(column) -%}
    cast(substr({{ column }}, 1, 4) as integer)
{%- endmacro %}

{% macro quarter_number(column) -%}
    cast(substr({{ column }}, 6, 1) as integer)
{%- endmacro %}

{# The last day of a quarter as a date. #}

{% macro quarter_end(column) -%}
    cast(substr({{ column }}, 1, 4) || case substr({{ column }}, 6, 1) when '1' then '-03-31' when '2' then '-06-30' when '3' then '-09-30' else '-12-31' end as date)
{%- endmacro %}

{# The quarter that a date falls in. #}

{% macro quarter_of(date) -%}
    (cast(extract(year from {{ date }}) as string) || 'Q' || cast(extract(quarter from {{ date }}) as string))
{%- endmacro %}
