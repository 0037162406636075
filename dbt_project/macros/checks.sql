{# Check tables share one shape, so that every finding can name subject, observed and bound:
   quarter, check_name, region_code, indicator, delivery_id, observed, lower, upper, excess.
   `excess` is by how much `observed` lies outside [lower, upper]; zero inside, and where a bound is null there is none.
   An observed value that is null stays null: the gate takes it for a failure, never for a pass. #}

{% macro check_table(relation) -%}
select
    {{ relation }}.quarter,
    {{ relation }}.check_name,
    {{ relation }}.region_code,
    {{ relation }}.indicator,
    {{ relation }}.delivery_id,
    {{ to_double(relation ~ '.observed') }} as observed,
    {{ to_double(relation ~ '.lower') }} as lower,
    {{ to_double(relation ~ '.upper') }} as upper,
    {{ to_double("case
        when " ~ relation ~ ".observed is null then null
        when " ~ relation ~ ".observed < " ~ relation ~ ".lower then " ~ relation ~ ".lower - " ~ relation ~ ".observed
        when " ~ relation ~ ".observed > " ~ relation ~ ".upper then " ~ relation ~ ".observed - " ~ relation ~ ".upper
        else 0
    end") }} as excess
from {{ relation }}
where {{ in_quarters(relation ~ '.quarter') }}
order by
    {{ relation }}.quarter,
    {{ relation }}.check_name,
    {{ relation }}.region_code,
    {{ relation }}.indicator,
    {{ relation }}.delivery_id
{%- endmacro %}

{# Regions in force on a quarter's last day, as `region`. #}

{% macro join_regions(quarter, levels) -%}
    inner join {{ ref('divisions') }} as region
        on region.level in ('{{ levels | join("', '") }}')
        and region.valid_from <= {{ quarter_end(quarter) }}
        and (region.valid_to is null or {{ quarter_end(quarter) }} <= region.valid_to)
{%- endmacro %}

{# The delivered amounts of the statistics bureau's regional sheets: [model, sheet, column]. #}

{% macro statistics_amounts() -%}
    {{ return([
        ['stg_statistics__industry', 'industry', 'ind_va_ytd_yuan'],
        ['stg_statistics__industry', 'industry', 'ht_va_ytd_yuan'],
        ['stg_statistics__industry', 'industry', 'revenue_ytd_yuan'],
        ['stg_statistics__industry', 'industry', 'rd_expense_ytd_yuan'],
        ['stg_statistics__investment', 'investment', 'fai_ytd_yuan'],
        ['stg_statistics__investment', 'investment', 'ht_inv_ytd_yuan'],
        ['stg_statistics__gdp', 'gdp', 'gdp_ytd_yuan'],
        ['stg_statistics__research', 'research', 'rd_expenditure_yuan'],
        ['stg_statistics__research', 'research', 'gdp_yuan'],
        ['stg_statistics__research', 'research', 'rd_staff_fte'],
        ['stg_statistics__research', 'research', 'employed_persons'],
    ]) }}
{%- endmacro %}

{# Whole days from one date to another; negative if the second is earlier. #}

{% macro days_between(first, second) -%}
    (cast({{ second }} as date) - cast({{ first }} as date))
{%- endmacro %}

{# The bound that a ratio breaks when it lies within 10^0.1 of a whole power of ten, either way, as a mistaken unit makes it
   (reliability.md M01). `side` is lower or upper; elsewhere there is no bound. 0.1 on the log scale is a factor of 1.26, which real
   growth beside a mistaken unit stays within. #}

{% macro power_of_ten_bound(ratio, powers, side) -%}
    case
        {%- for power in powers %}
        {%- if side == 'upper' %}
        when log10({{ ratio }}) between {{ power - 0.1 }} and {{ power + 0.1 }} then power(10, {{ power - 0.1 }})
        {%- else %}
        when log10({{ ratio }}) between {{ -power - 0.1 }} and {{ -power + 0.1 }} then power(10, {{ -power + 0.1 }})
        {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}

{# A row per check with the number of rows that it could judge, so that a check that finds nothing to compare was still asked. `rows_of`
   has quarter and delivery_id. #}

{% macro union_rows_asked(checks, rows_of) -%}
    {%- for check in checks %}
    union all
    select
        {{ rows_of }}.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        '' as indicator,
        max({{ rows_of }}.delivery_id) as delivery_id,
        count(*) as observed,
        0 as lower,
        null as upper
    from {{ rows_of }}
    group by {{ rows_of }}.quarter
    {%- endfor %}
{%- endmacro %}
