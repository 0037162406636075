{# Rows of one table as text for people, each as `table:row`, from a list of their numbers; null for none. #}

{% macro rows_of(table, rows) -%}
    ('{{ table }}:' || array_to_string({{ rows }}, ' {{ table }}:'))
{%- endmacro %}
