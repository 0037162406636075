{# What dbt on Spark has to be told beside the models: how tables are made, how seeds are loaded, and where the landing lies. #}

{# A table is made whole, of the quarters of the run. A contract's types are DuckDB's names, and are kept there. #}

{% materialization by_quarter, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('forget') -%}
        drop table if exists {{ target }}
    {%- endcall %}
    {% call statement('main') -%}
        create table {{ target }} using parquet as
        {{ compiled_code }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Seeds as literals: dbt-spark's own loading makes the text `None` of an empty cell. #}

{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.column_types -%}
    {%- set apostrophe = "' || \"'\" || '" -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- set text = "'" ~ (row[name] | string | replace("'", apostrophe)) ~ "'" if row[name] is not none else 'null' -%}
            {%- do cells.append('cast(' ~ text ~ ' as ' ~ types[name] ~ ')') -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set insert = 'insert into ' ~ this ~ ' values ' ~ rows | join(', ') -%}
    {%- do adapter.add_query(insert, abridge_sql_log=True) -%}
    {{ return(insert) }}
{% endmacro %}

{# Every table of the landing under the name by which models know it. Partitions are quarters, whose names stay text. #}

{% macro tables_of_landing() %}
    {%- for source in graph.sources.values() -%}
        {%- set relation = api.Relation.create(schema=source.schema, identifier=source.identifier) -%}
        {%- do adapter.create_schema(relation) -%}
        {%- set files = source.config.meta.external_location.split("'")[1] -%}
        {%- set path = env_var('RUN_WAREHOUSE') ~ '/' ~ files | replace('{name}', source.name) | replace('/*/*.parquet', '') -%}
        {%- do run_query('drop table if exists ' ~ relation) -%}
        {%- do run_query('create table ' ~ relation ~ " using parquet options (mergeSchema 'true') location '" ~ path ~ "'") -%}
    {%- endfor -%}
{% endmacro %}
