{#- One row per delivered region row × indicator × role. Regions are delivered, so nothing is added up from below: the sheet of single
    firms stands behind the county's delivered row and counts in nothing. `column` is the delivered one, `amount` the typed one. -#}

{%- set cells = [
    ['industry', 'IRD_AMT', 'amount', 'rd_expense_ytd', 'rd_expense_ytd_yuan'],
    ['industry', 'IRD_REV', 'denominator', 'revenue_ytd', 'revenue_ytd_yuan'],
    ['industry', 'IRD_GROWTH', 'delivered', 'rd_expense_growth', 'rd_expense_growth_pct'],
    ['industry', 'HT_VA', 'amount', 'ht_va_ytd', 'ht_va_ytd_yuan'],
    ['industry', 'HT_SHARE', 'denominator', 'ind_va_ytd', 'ind_va_ytd_yuan'],
    ['industry', 'HT_VA_GROWTH', 'delivered', 'ht_va_growth', 'ht_va_growth_pct'],
    ['investment', 'HT_INV_SHARE', 'numerator', 'ht_inv_ytd', 'ht_inv_ytd_yuan'],
    ['investment', 'HT_INV_SHARE', 'denominator', 'fai_ytd', 'fai_ytd_yuan'],
    ['investment', 'HT_INV_GROWTH', 'delivered', 'ht_inv_growth', 'ht_inv_growth_pct'],
    ['gdp', 'GDP', 'amount', 'gdp_ytd', 'gdp_ytd_yuan'],
    ['research', 'RD_GDP', 'numerator', 'rd_expenditure', 'rd_expenditure_yuan'],
    ['research', 'RD_GDP', 'denominator', 'gdp', 'gdp_yuan'],
    ['research', 'RD_STAFF', 'numerator', 'rd_staff_fte', 'rd_staff_fte'],
    ['research', 'RD_STAFF', 'denominator', 'employed_persons', 'employed_persons'],
] %}

{%- for table, indicator, role, column, amount in cells %}
select
    sheet.quarter,
    sheet.region_code,
    '{{ indicator }}' as indicator,
    '{{ role }}' as role,
    cast(sheet.{{ amount }} as decimal(28, 6)) as amount,
    sheet.delivery_id,
    'statistics/{{ table }}' as source_table,
    cast(sheet.source_row as bigint) as source_row,
    '{{ column }}' as source_column,
    case
        when division.level = 'r' then 'kept at provincial level, part of the delivered row of the province'
        when sheet.{{ amount }} is null then 'no value'
    end as excluded_because,
    cast(null as string) as contributor
from {{ ref('stg_statistics__' ~ table) }} as sheet
{{ join_division('sheet.region_code', quarter_end('sheet.quarter'), ['c', 'm', 'p', 'r']) }}
where {{ in_quarters('sheet.quarter') }}
union all
{%- endfor %}
select
    firm.quarter,
    firm.region_code,
    'HT_SHARE' as indicator,
    'denominator' as role,
    cast(firm.ind_va_ytd_yuan as decimal(28, 6)) as amount,
    firm.delivery_id,
    'statistics/enterprises' as source_table,
    cast(firm.source_row as bigint) as source_row,
    'ind_va_ytd' as source_column,
    'a single firm, part of the delivered row of the county' as excluded_because,
    firm.uscc as contributor
from {{ ref('stg_statistics__enterprises') }} as firm
where {{ in_quarters('firm.quarter') }}
