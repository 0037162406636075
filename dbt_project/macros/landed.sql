{# The landed rows of the deliveries in force, for the quarters that this run holds anew. #}

{% macro landed(feed, table) -%}
    {{ source(feed, table) }} as landed
    inner join {{ ref('stg_deliveries') }} as in_force
        on landed.quarter = in_force.quarter
        and landed.delivery_id = in_force.delivery_id
        and in_force.feed = '{{ feed }}'
    where {{ in_quarters('landed.quarter') }}
{%- endmacro %}

{# The quarters that this run holds anew and that have a delivery of a feed. #}

{% macro quarters_with(feed) -%}
    select in_force.quarter
    from {{ ref('stg_deliveries') }} as in_force
    where
        in_force.feed = '{{ feed }}'
        and {{ in_quarters('in_force.quarter') }}
{%- endmacro %}

{% macro lineage(alias='landed') -%}
    {{ alias }}.delivery_id,
        {{ alias }}.source_file,
        {{ alias }}.source_sheet,
        {{ alias }}.source_row
{%- endmacro %}

{# The verdict on a row: the first of [condition, reason, field] that holds, written `reason:field`; null for a sound row. #}

{% macro verdict(checks) -%}
    case
        {%- for condition, reason, field in checks %}
        when {{ condition }} then '{{ reason }}:{{ field }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Checks for `verdict`: each of `fields` is a number where it has a value, each of `not_negative` is none below zero.
   They read the cleaned text `<field>_text` of a relation called `cleaned`. #}

{% macro number_checks(fields, not_negative) %}
    {%- set checks = [] -%}
    {%- for field in fields -%}
        {%- set text = 'cleaned.' ~ field ~ '_text' -%}
        {%- do checks.append(["coalesce(" ~ matches(text, '〔格式') ~ ", false)", 'format_contradicts', field]) -%}
        {%- do checks.append([is_rounded_code(text), 'precision_lost', field]) -%}
        {%- do checks.append([text ~ ' is not null and ' ~ to_number(text) ~ ' is null', 'not_a_number', field]) -%}
        {%- if field in not_negative -%}
            {%- do checks.append([to_number(text) ~ ' < 0', 'negative_amount', field]) -%}
        {%- endif -%}
        {%- do checks.append([is_placeholder_number(text), 'placeholder_value', field]) -%}
    {%- endfor -%}
    {{ return(checks) }}
{% endmacro %}

{# Split a verdict into its two columns, and quarantine every further row with the same key: the first sound one stays. On DuckDB that is a
   step after the table: to rank all rows beside their columns, where hardly one repeats another, costs a fifth of making them. #}

{% macro with_verdict(relation, key) -%}
    {%- if is_on_spark() -%}
    {%- set is_further = 'verdict is null and key_rank > 1' -%}
    select
        *,
        case when {{ is_further }} then 'duplicate_key' else split_part(verdict, ':', 1) end as quarantined_because,
        case when {{ is_further }} then '{{ key | join(' ') }}' else split_part(verdict, ':', 2) end as quarantined_field
    from (
        select
            *,
            row_number() over (partition by verdict is null, quarter, {{ key | join(', ') }} order by source_row) as key_rank
        from {{ relation }}
    ) as ranked
    {%- else -%}
    {%- do config(post_hook="{{ quarantine_further_rows(this, " ~ key | tojson ~ ") }}") -%}
    select
        *,
        split_part(verdict, ':', 1) as quarantined_because,
        split_part(verdict, ':', 2) as quarantined_field
    from {{ relation }}
    {%- endif -%}
{%- endmacro %}

{% macro quarantine_further_rows(table, key) -%}
    update {{ table }}
    set quarantined_because = 'duplicate_key', quarantined_field = '{{ key | join(' ') }}'
    where rowid in (
        select sound.rowid
        from {{ table }} as sound
        inner join (
            select quarter, {{ key | join(', ') }}, min(source_row) as first_row
            from {{ table }}
            where quarantined_because is null and {{ in_quarters('quarter') }}
            group by all
            having count(*) > 1
        ) as repeated
            on sound.quarter = repeated.quarter
            {%- for column in key %}
            and sound.{{ column }} is not distinct from repeated.{{ column }}
            {%- endfor %}
        where sound.quarantined_because is null and sound.source_row > repeated.first_row
    )
{%- endmacro %}

{# Whether a code is no division: not six digits, of no province (GB/T 2260), or of Zhejiang and not joined as `division`. #}

{% macro is_no_division(code, division='division') -%}
    (not coalesce({{ matches(code, '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}$') }}, false)
    or (substr({{ code }}, 1, 2) = '33' and {{ division }}.code is null))
{%- endmacro %}

{# Whether the name beside a code is another's: joined as `own_name` and `known_name` (`join_names`). A name that is nobody's says nothing. #}

{% macro is_name_of_another() -%}
    own_name.code is null and known_name.folded is not null
{%- endmacro %}

{# The names of a list, dated or not, folded: of the code at hand, and of any. #}

{% macro join_names(seed, name_column, code, folded) -%}
    left join (
        select distinct
            named.code,
            {{ folded_name('named.' ~ name_column) }} as folded
        from {{ ref(seed) }} as named
    ) as own_name
        on own_name.code = {{ code }} and own_name.folded = {{ folded }}
    left join (
        select distinct {{ folded_name('named.' ~ name_column) }} as folded
        from {{ ref(seed) }} as named
    ) as known_name
        on known_name.folded = {{ folded }}
{%- endmacro %}

{# Divisions of Zhejiang in force on a day, joined as `division` by code; `levels` says which of c, m, p, r are admitted. #}

{% macro join_division(code, day, levels, alias='division') -%}
    left join {{ ref('divisions') }} as {{ alias }}
        on {{ alias }}.code = {{ code }}
        and {{ alias }}.level in ('{{ levels | join("', '") }}')
        and {{ alias }}.valid_from <= {{ day }}
        and ({{ alias }}.valid_to is null or {{ day }} <= {{ alias }}.valid_to)
{%- endmacro %}
