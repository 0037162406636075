{# How every table of this project is built: a run makes the rows of its quarters anew and leaves those of the others as they are, so that
   a new quarter costs the same whatever the history. Two statements in one transaction: what is held of these quarters goes, even where
   nothing comes in its place; what the model gives for them comes. Which quarters those are, the run says (macros/quarters.sql); that
   rows of the others still hold is known by pipelines/transform/staged.py. Where there is no table to keep, and in a full refresh, the
   table is made whole. On Spark every build makes it whole (macros/spark.sql). #}

{% materialization by_quarter, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() or not quarters_of_run() -%}
        {{ return(dbt.materialization_table_duckdb()) }}
    {%- endif -%}

    {%- set target = this.incorporate(type='table') -%}
    {%- set language = model['language'] -%}
    {#- Scores have a period. -#}
    {%- set has_quarter = 'quarter' in model['columns'] -%}
    {%- set due = in_quarters('quarter') if has_quarter else in_scored_quarters('period') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if language == 'python' %}
        {#- It reads what the table held before. -#}
        {%- set built = make_intermediate_relation(target) -%}
        {{ drop_relation_if_exists(load_cached_relation(built)) }}
        {% call statement('built', language=language) -%}
            {{- create_table_as(False, built, compiled_code, language) }}
        {%- endcall %}
        {%- set compiled = 'select * from ' ~ built -%}
    {%- else -%}
        {%- set compiled = compiled_code -%}
    {%- endif %}
    {% call statement('forget') -%}
        delete from {{ target }} where {{ is_one_of('quarter', quarters_of_run('RUN_QUARTERS')) if has_quarter else due }}
    {%- endcall %}
    {% call statement('main') -%}
        {%- if config.get('contract').enforced %}{{ get_assert_columns_equivalent(compiled) }}{% endif %}
        insert into {{ target }} by name
        select * from (
            {{ compiled }}
        ) as built
        where {{ due }}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {%- if language == 'python' %}
        {{ drop_relation_if_exists(built) }}
    {%- endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
