{#- Figures of one region against each other: one row per check × quarter × region × measure.

    A part is not above its whole (`part_of_whole`), delivered growth lies within its range (`growth`) and not far from the growth of the
    delivered levels, in points (`growth_of_levels`), the annual sheet's GDP agrees with the fourth quarter's of that year, where that is
    known, up to a revision (`annual_gdp`, observed the quotient), and that fourth quarter's GDP lies where R&D and the printed R&D
    share put it (`gdp_implied`). `growth_fraction`: growth figures of a column that fit the levels as fractions, not as percentages. -#}

{%- set parts = [
    ['industry', 'ht_va_ytd_yuan', 'ind_va_ytd_yuan'],
    ['industry', 'rd_expense_ytd_yuan', 'revenue_ytd_yuan'],
    ['investment', 'ht_inv_ytd_yuan', 'fai_ytd_yuan'],
    ['research', 'rd_expenditure_yuan', 'gdp_yuan'],
    ['research', 'rd_staff_fte', 'employed_persons'],
] %}
{%- set growths = [
    ['industry', 'ind_va_growth_pct', 'ind_va_ytd_yuan'],
    ['industry', 'ht_va_growth_pct', 'ht_va_ytd_yuan'],
    ['industry', 'rd_expense_growth_pct', 'rd_expense_ytd_yuan'],
    ['investment', 'fai_growth_pct', 'fai_ytd_yuan'],
    ['investment', 'ht_inv_growth_pct', 'ht_inv_ytd_yuan'],
    ['gdp', 'gdp_growth_pct', 'gdp_ytd_yuan'],
] %}

with growths as (
    {%- for sheet, growth, level in growths %}
    select
        sheet.quarter,
        sheet.region_code,
        '{{ growth }}' as measure,
        sheet.delivery_id,
        {{ to_double('sheet.' ~ growth) }} as growth,
        100 * ({{ to_double('sheet.' ~ level) }} / {{ to_double('nullif(year_before.' ~ level ~ ', 0)') }} - 1) as growth_of_levels
    from {{ ref('stg_statistics__' ~ sheet) }} as sheet
    left join {{ ref('stg_statistics__' ~ sheet) }} as year_before
        on {{ quarter_plus('sheet.quarter', -4) }} = year_before.quarter
        and sheet.region_code = year_before.region_code
    where sheet.{{ growth }} is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

implied as (
    select
        annual.quarter,
        annual.region_code,
        annual.delivery_id,
        {{ to_double('annual.gdp_yuan') }} as gdp,
        {{ to_double('year_end.gdp_ytd_yuan') }} as gdp_of_year_end,
        {{ to_double('annual.rd_expenditure_yuan') }} as rd_expenditure,
        round({{ to_double('annual.rd_expenditure_yuan') }} / {{ to_double('annual.gdp_yuan') }}, 4) as printed_share
    from {{ ref('stg_statistics__research') }} as annual
    left join {{ ref('stg_statistics__gdp') }} as year_end
        on annual.period || 'Q4' = year_end.quarter
        and annual.region_code = year_end.region_code
    where annual.gdp_yuan > 0 and annual.rd_expenditure_yuan is not null
),

rows_of_check as (
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
    select
        growths.quarter,
        'growth' as check_name,
        growths.region_code,
        growths.measure as indicator,
        growths.delivery_id,
        growths.growth as observed,
        -100 as lower,
        1000 as upper
    from growths
    union all
    select
        growths.quarter,
        'growth_of_levels' as check_name,
        growths.region_code,
        growths.measure as indicator,
        growths.delivery_id,
        coalesce(growths.growth - growths.growth_of_levels, 0) as observed,
        -15 as lower,
        15 as upper
    from growths
    union all
    select
        growths.quarter,
        'growth_fraction' as check_name,
        '' as region_code,
        growths.measure as indicator,
        max(growths.delivery_id) as delivery_id,
        count(*) filter (
            where abs(growths.growth) < 1
                and abs(100 * growths.growth - growths.growth_of_levels) < 1.5
                and abs(growths.growth - growths.growth_of_levels) > 3
        ) as observed,
        0 as lower,
        2 as upper
    from growths
    group by growths.quarter, growths.measure
    union all
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
    union all
    select
        implied.quarter,
        'gdp_implied' as check_name,
        implied.region_code,
        'gdp_ytd_yuan' as indicator,
        implied.delivery_id,
        coalesce(implied.gdp_of_year_end, implied.gdp) as observed,
        implied.rd_expenditure / (implied.printed_share + 0.00005) - 1 as lower,
        -- A share that prints as zero leaves GDP without an upper bound.
        case when implied.printed_share > 0.00005 then implied.rd_expenditure / (implied.printed_share - 0.00005) + 1 end as upper
    from implied
)

{{ check_table('rows_of_check') }}
