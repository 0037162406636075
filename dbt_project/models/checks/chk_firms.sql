{#- The statistics bureau's list of firms, against its regions, its earlier deliveries and the tax register: one row per check × quarter ×
    county, or per check × quarter (`year_to_date`, `catalogue_…`).

    `listed_above_region`: an amount of the county's listed firms as a share of the county's figure in the sheet 规上工业. `year_to_date`:
    share of the firms of both quarters of a year whose figure fell, per amount. `firm_jump`: firms whose figure is 10, 1 000, 10 000 or
    10^8 times that of a year before, or a part of it as small. `unknown_to_statistics`: industrial firms with a super-deduction and
    20 million yuan of sales a year that the list does not have. `rd_not_in_statistics`: firms with a super-deduction whose R&D expense
    in the list is nil. `rd_far_apart`: R&D expense collected for tax over R&D expense in the list, of the firms in both, from five on.
    `catalogue_editions`: editions of the high-tech catalogue in one list. `catalogue_kept`: share of the high-tech firms of both lists
    that stand under the edition of a year before. -#}

{%- set amounts = ['ind_va_ytd_yuan', 'revenue_ytd_yuan', 'rd_expense_ytd_yuan'] %}

with firms as (
    select
        firm.quarter,
        firm.region_code,
        firm.uscc,
        firm.delivery_id,
        firm.is_high_tech,
        firm.ht_catalogue,
        case when firm.is_high_tech and year_before.is_high_tech then firm.ht_catalogue = year_before.ht_catalogue end as is_catalogue_kept,
        {%- for amount in amounts %}
        firm.{{ amount }},
        before.{{ amount }} as {{ amount }}_before,
        case when firm.{{ amount }} > 0 and year_before.{{ amount }} > 0
            then {{ to_double('firm.' ~ amount) }} / {{ to_double('year_before.' ~ amount) }}
        end as {{ amount }}_ratio{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_statistics__enterprises') }} as firm
    left join {{ ref('stg_statistics__enterprises') }} as before
        on {{ quarter_plus('firm.quarter', -1) }} = before.quarter
        and {{ in_quarters_before('before.quarter', [1]) }}
        and substr(firm.quarter, 6, 1) <> '1'
        and firm.uscc = before.uscc
    left join {{ ref('stg_statistics__enterprises') }} as year_before
        on {{ quarter_plus('firm.quarter', -4) }} = year_before.quarter
        and {{ in_quarters_before('year_before.quarter', [4]) }}
        and firm.uscc = year_before.uscc
    where {{ in_quarters('firm.quarter') }}
),

by_region as (
    select
        firms.quarter,
        firms.region_code,
        max(firms.delivery_id) as delivery_id,
        {%- for amount in amounts %}
        sum(firms.{{ amount }}) as {{ amount }},
        {%- endfor %}
        count(*) as firm_count,
        count(*) filter (
            where {% for amount in amounts %}
                {{ power_of_ten_bound('firms.' ~ amount ~ '_ratio', [8, 4, 3, 1], 'lower') }} is not null
                or {{ power_of_ten_bound('firms.' ~ amount ~ '_ratio', [8, 4, 3, 1], 'upper') }} is not null
                {{ 'or' if not loop.last }}
            {%- endfor %}
        ) as firm_jump
    from firms
    group by firms.quarter, firms.region_code
),

deducting as (
    select
        rd_return.quarter,
        rd_return.taxpayer_id,
        max(rd_return.rd_expense_yuan) as rd_expense_yuan
    from {{ ref('stg_tax__rd_returns') }} as rd_return
    where not rd_return.is_superseded and rd_return.rd_expense_yuan > 0 and {{ in_quarters('rd_return.quarter') }}
    group by rd_return.quarter, rd_return.taxpayer_id
),

selling as (
    select
        vat_return.quarter,
        vat_return.taxpayer_id,
        sum(vat_return.sales_yuan) as sales_yuan
    from {{ ref('stg_tax__vat_returns') }} as vat_return
    where not vat_return.is_superseded and {{ in_quarters('vat_return.quarter') }}
    group by vat_return.quarter, vat_return.taxpayer_id
),

matched as (
    select
        taxpayer.quarter,
        taxpayer.region_code,
        deducting.rd_expense_yuan,
        firms.uscc is not null as is_listed,
        firms.rd_expense_ytd_yuan,
        -- Sections B to D of GB/T 4754 (divisions 06 to 46), above scale from 20 million yuan a year.
        taxpayer.industry_code between '06' and '46z' and selling.sales_yuan * 4 >= 20000000 as is_due
    from {{ ref('stg_tax__taxpayers') }} as taxpayer
    inner join deducting on taxpayer.quarter = deducting.quarter and taxpayer.taxpayer_id = deducting.taxpayer_id
    left join selling on taxpayer.quarter = selling.quarter and taxpayer.taxpayer_id = selling.taxpayer_id
    left join firms on taxpayer.quarter = firms.quarter and taxpayer.uscc = firms.uscc
    where taxpayer.is_in_county and {{ in_quarters('taxpayer.quarter') }}
),

against_tax as (
    select
        matched.quarter,
        matched.region_code,
        count(*) filter (where matched.is_due) as due,
        count(*) filter (where matched.is_due and not matched.is_listed) as unknown_to_statistics,
        count(*) filter (where matched.is_listed) as listed,
        count(*) filter (where matched.is_listed and coalesce(matched.rd_expense_ytd_yuan, 0) = 0) as rd_not_in_statistics,
        case when count(*) filter (where matched.is_listed) >= 5
            then {{ to_double('sum(matched.rd_expense_yuan) filter (where matched.is_listed)') }}
                / {{ to_double('nullif(sum(matched.rd_expense_ytd_yuan), 0)') }}
        end as rd_far_apart
    from matched
    group by matched.quarter, matched.region_code
),

rows_of_check as (
    {%- for amount in amounts %}
    select
        by_region.quarter,
        'listed_above_region' as check_name,
        by_region.region_code,
        '{{ amount }}' as indicator,
        by_region.delivery_id,
        {{ to_double('by_region.' ~ amount) }} / {{ to_double('nullif(region.' ~ amount ~ ', 0)') }} as observed,
        cast(0 as double) as lower,
        cast(1.001 as double) as upper
    from by_region
    inner join {{ ref('stg_statistics__industry') }} as region
        on by_region.quarter = region.quarter and by_region.region_code = region.region_code
    where region.{{ amount }} > 0 and by_region.{{ amount }} is not null
    union all
    select
        firms.quarter,
        'year_to_date' as check_name,
        '' as region_code,
        '{{ amount }}' as indicator,
        max(firms.delivery_id) as delivery_id,
        coalesce(
            count(*) filter (where firms.{{ amount }} < firms.{{ amount }}_before) * 1.0 / nullif(count(firms.{{ amount }}_before), 0), 0
        ) as observed,
        0 as lower,
        0.02 as upper
    from firms
    group by firms.quarter
    union all
    {%- endfor %}
    select
        by_region.quarter,
        'firm_jump' as check_name,
        by_region.region_code,
        'revenue_ytd_yuan' as indicator,
        by_region.delivery_id,
        by_region.firm_jump as observed,
        0 as lower,
        0.01 * by_region.firm_count as upper
    from by_region
    {%- for check, few, share, of in [
        ['unknown_to_statistics', 5, 0.2, 'due'],
        ['rd_not_in_statistics', 5, 0.2, 'listed'],
    ] %}
    union all
    select
        coalesce(by_region.quarter, against_tax.quarter) as quarter,
        '{{ check }}' as check_name,
        coalesce(by_region.region_code, against_tax.region_code) as region_code,
        'TAX_RD' as indicator,
        by_region.delivery_id,
        coalesce(against_tax.{{ check }}, 0) as observed,
        0 as lower,
        greatest({{ few }}, {{ share }} * coalesce(against_tax.{{ of }}, 0)) as upper
    from by_region
    full outer join against_tax on by_region.quarter = against_tax.quarter and by_region.region_code = against_tax.region_code
    {%- endfor %}
    union all
    select
        firms.quarter,
        'catalogue_editions' as check_name,
        '' as region_code,
        'HT_SHARE' as indicator,
        max(firms.delivery_id) as delivery_id,
        count(distinct firms.ht_catalogue) filter (where firms.is_high_tech) as observed,
        0 as lower,
        1 as upper
    from firms
    group by firms.quarter
    union all
    select
        firms.quarter,
        'catalogue_kept' as check_name,
        '' as region_code,
        'HT_SHARE' as indicator,
        max(firms.delivery_id) as delivery_id,
        coalesce(count(*) filter (where firms.is_catalogue_kept) * 1.0 / nullif(count(firms.is_catalogue_kept), 0), 1) as observed,
        0.5 as lower,
        1 as upper
    from firms
    group by firms.quarter
    union all
    select
        by_region.quarter,
        'rd_far_apart' as check_name,
        by_region.region_code,
        'TAX_RD' as indicator,
        by_region.delivery_id,
        coalesce(against_tax.rd_far_apart, 1) as observed,
        0.5 as lower,
        2 as upper
    from by_region
    left join against_tax on by_region.quarter = against_tax.quarter and by_region.region_code = against_tax.region_code
)

{{ check_table('rows_of_check') }}
