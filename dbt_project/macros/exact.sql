{# From exact decimals to the doubles that are published: one rounding, the correct one. #}

{# The double nearest to a decimal. A direct cast goes through a scaled integer and may be one unit in the last place off. #}

{% macro to_double(decimal) -%}
    cast(cast({{ decimal }} as string) as double)
{%- endmacro %}
