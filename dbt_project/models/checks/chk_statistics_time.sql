{#- The regional sheets against earlier deliveries: one row per check × quarter × measure × region (per measure for shares of cells).

    `year_to_date`: not below the quarter before of the same year. `quarter_amount`: the quarter alone, that is the difference of two
    year-to-dates, as a multiple of the same quarter a year before. `power_of_ten`: now / a year before, which must not lie near 10,
    1 000, 10 000 or 10^8, either way. `resent`, `resent_year`: share of cells equal to the last digit to the quarter before, or to the
    year before, as when an old file is sent again. Without an earlier value there is no bound. -#}

with cells as (
    select
        cell.quarter,
        cell.sheet,
        cell.measure,
        cell.region_code,
        cell.amount,
        cell.delivery_id,
        before.amount as amount_before,
        year_before.amount as amount_year_before,
        cell.amount - case when substr(cell.quarter, 6, 1) = '1' then 0 else before.amount end as quarter_amount
    from {{ ref('int_statistics_cells') }} as cell
    left join {{ ref('int_statistics_cells') }} as before
        on {{ quarter_plus('cell.quarter', -1) }} = before.quarter
        and cell.measure = before.measure
        and cell.region_code = before.region_code
    left join {{ ref('int_statistics_cells') }} as year_before
        on {{ quarter_plus('cell.quarter', -4) }} = year_before.quarter
        and cell.measure = year_before.measure
        and cell.region_code = year_before.region_code
),

alone as (
    select
        cells.quarter,
        cells.region_code,
        cells.measure,
        cells.delivery_id,
        {{ to_double('cells.quarter_amount') }} / {{ to_double('year_before.quarter_amount') }} as ratio
    from cells
    inner join cells as year_before
        on {{ quarter_plus('cells.quarter', -4) }} = year_before.quarter
        and cells.measure = year_before.measure
        and cells.region_code = year_before.region_code
    where cells.sheet <> 'research' and cells.quarter_amount is not null and year_before.quarter_amount > 0
),

jumps as (
    select
        cells.quarter,
        cells.region_code,
        cells.measure,
        cells.delivery_id,
        {{ to_double('cells.amount') }} / {{ to_double('cells.amount_year_before') }} as ratio
    from cells
    where cells.amount > 0 and cells.amount_year_before > 0
),

rows_of_check as (
    select
        cells.quarter,
        'year_to_date' as check_name,
        cells.region_code,
        cells.measure as indicator,
        cells.delivery_id,
        {{ to_double('cells.amount') }} as observed,
        case when substr(cells.quarter, 6, 1) = '1' then 0 else {{ to_double('cells.amount_before') }} end as lower,
        cast(null as double) as upper
    from cells
    where cells.sheet <> 'research'
    union all
    select
        jumps.quarter,
        'power_of_ten' as check_name,
        jumps.region_code,
        jumps.measure as indicator,
        jumps.delivery_id,
        jumps.ratio as observed,
        {{ power_of_ten_bound('jumps.ratio', [8, 4, 3, 1], 'lower') }} as lower,
        {{ power_of_ten_bound('jumps.ratio', [8, 4, 3, 1], 'upper') }} as upper
    from jumps
    union all
    select
        alone.quarter,
        'quarter_amount' as check_name,
        alone.region_code,
        alone.measure as indicator,
        alone.delivery_id,
        alone.ratio as observed,
        0.25 as lower,
        4 as upper
    from alone
    {%- for check in ['power_of_ten', 'quarter_amount'] %}
    union all
    select
        cells.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        '' as indicator,
        max(cells.delivery_id) as delivery_id,
        count(cells.amount_year_before) as observed,
        0 as lower,
        null as upper
    from cells
    group by cells.quarter
    {%- endfor %}
    {%- for check, earlier in {'resent': 'amount_before', 'resent_year': 'amount_year_before'}.items() %}
    union all
    select
        cells.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        cells.measure as indicator,
        max(cells.delivery_id) as delivery_id,
        count(*) filter (where cells.amount = cells.{{ earlier }} and cells.amount > 0) * 1.0 / count(*) as observed,
        0 as lower,
        0.5 as upper
    from cells
    where cells.sheet <> 'research'
    group by cells.quarter, cells.measure
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
