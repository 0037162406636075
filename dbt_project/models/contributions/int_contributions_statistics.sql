{{ incremental_by_quarter() }}

{#- One row per delivered region row × indicator × role. Regions are delivered, so nothing is added up from below. -#}

{%- set cells = [
    ['stg_statistics__industry', 'statistics/industry', 'IRD_AMT', 'amount', 'rd_expense_ytd_yuan'],
    ['stg_statistics__industry', 'statistics/industry', 'IRD_REV', 'denominator', 'revenue_ytd_yuan'],
    ['stg_statistics__industry', 'statistics/industry', 'IRD_GROWTH', 'delivered', 'rd_expense_growth_pct'],
    ['stg_statistics__industry', 'statistics/industry', 'HT_VA', 'amount', 'ht_va_ytd_yuan'],
    ['stg_statistics__industry', 'statistics/industry', 'HT_SHARE', 'denominator', 'ind_va_ytd_yuan'],
    ['stg_statistics__industry', 'statistics/industry', 'HT_VA_GROWTH', 'delivered', 'ht_va_growth_pct'],
    ['stg_statistics__investment', 'statistics/investment', 'HT_INV_SHARE', 'numerator', 'ht_inv_ytd_yuan'],
    ['stg_statistics__investment', 'statistics/investment', 'HT_INV_SHARE', 'denominator', 'fai_ytd_yuan'],
    ['stg_statistics__investment', 'statistics/investment', 'HT_INV_GROWTH', 'delivered', 'ht_inv_growth_pct'],
    ['stg_statistics__gdp', 'statistics/gdp', 'GDP', 'amount', 'gdp_ytd_yuan'],
    ['stg_statistics__research', 'statistics/research', 'RD_GDP', 'numerator', 'rd_expenditure_yuan'],
    ['stg_statistics__research', 'statistics/research', 'RD_GDP', 'denominator', 'gdp_yuan'],
    ['stg_statistics__research', 'statistics/research', 'RD_STAFF', 'numerator', 'rd_staff_fte'],
    ['stg_statistics__research', 'statistics/research', 'RD_STAFF', 'denominator', 'employed_persons'],
] %}

{%- for model, source_table, indicator, role, column in cells %}
select
    sheet.quarter,
    sheet.region_code,
    '{{ indicator }}' as indicator,
    '{{ role }}' as role,
    cast(sheet.{{ column }} as decimal(28, 6)) as amount,
    sheet.delivery_id,
    '{{ source_table }}' as source_table,
    cast(sheet.source_row as bigint) as source_row,
    case
        when division.level = 'r' then 'kept at provincial level, part of the delivered row of the province'
        when sheet.{{ column }} is null then 'no value'
    end as excluded_because
from {{ ref(model) }} as sheet
{{ join_division('sheet.region_code', quarter_end('sheet.quarter'), ['c', 'm', 'p', 'r']) }}
where {{ in_quarters('sheet.quarter') }}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
