{#- Figures of one region against each other: one row per check × quarter × region × measure.

    A part is not above its whole (`part_of_whole`), delivered growth lies within its range (`growth`), the annual sheet's GDP agrees with
    the fourth quarter's of that year, where that is known, up to a revision (`annual_gdp`, observed the quotient). -#}

{%- set parts = [
    ['industry', 'ht_va_ytd_yuan', 'ind_va_ytd_yuan'],
    ['industry', 'rd_expense_ytd_yuan', 'revenue_ytd_yuan'],
    ['investment', 'ht_inv_ytd_yuan', 'fai_ytd_yuan'],
    ['research', 'rd_expenditure_yuan', 'gdp_yuan'],
    ['research', 'rd_staff_fte', 'employed_persons'],
] %}
{%- set growths = [
    ['industry', 'ind_va_growth_pct'],
    ['industry', 'ht_va_growth_pct'],
    ['industry', 'rd_expense_growth_pct'],
    ['investment', 'fai_growth_pct'],
    ['investment', 'ht_inv_growth_pct'],
    ['gdp', 'gdp_growth_pct'],
] %}

with rows_of_check as (
    {%- for sheet, part, whole in parts %}
    select
        sheet.quarter,
        'part_of_whole' as check_name,
        sheet.region_code,
        '{{ part }}' as indicator,
        sheet.delivery_id,
        {{ to_double('sheet.' ~ part) }} as observed,
        cast(0 as double) as lower,
        {{ to_double('sheet.' ~ whole) }} as upper
    from {{ ref('stg_statistics__' ~ sheet) }} as sheet
    where sheet.{{ part }} is not null
    union all
    {%- endfor %}
    {%- for sheet, growth in growths %}
    select
        sheet.quarter,
        'growth' as check_name,
        sheet.region_code,
        '{{ growth }}' as indicator,
        sheet.delivery_id,
        {{ to_double('sheet.' ~ growth) }} as observed,
        cast(-100 as double) as lower,
        cast(1000 as double) as upper
    from {{ ref('stg_statistics__' ~ sheet) }} as sheet
    where sheet.{{ growth }} is not null
    union all
    {%- endfor %}
    select
        annual.quarter,
        'annual_gdp' as check_name,
        annual.region_code,
        'gdp_yuan' as indicator,
        annual.delivery_id,
        coalesce({{ to_double('annual.gdp_yuan') }} / {{ to_double('nullif(year_end.gdp_ytd_yuan, 0)') }}, 1) as observed,
        cast(0.9 as double) as lower,
        cast(1.1 as double) as upper
    from {{ ref('stg_statistics__research') }} as annual
    left join {{ ref('stg_statistics__gdp') }} as year_end
        on annual.period || 'Q4' = year_end.quarter
        and annual.region_code = year_end.region_code
    where annual.gdp_yuan is not null
)

{{ check_table('rows_of_check') }}
