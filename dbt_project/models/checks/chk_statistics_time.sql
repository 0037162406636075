{#- The regional sheets against earlier deliveries: one row per check × quarter × measure × region (per measure for `resent`).

    `year_to_date`: not below the quarter before of the same year. `power_of_ten`: observed is now / a year before; the check fails where
    that lies within 10^0.1 of 10, 1 000 or 10 000, either way, as a mistaken unit does. `resent`: share of cells equal to the last digit
    to the quarter before, as when an old file is sent again. Without an earlier value there is no bound. -#}

with cells as (
    select
        cell.quarter,
        cell.sheet,
        cell.measure,
        cell.region_code,
        cell.amount,
        cell.delivery_id,
        before.amount as amount_before,
        year_before.amount as amount_year_before
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
        case
            {%- for power in [4, 3, 1] %}
            when log10(jumps.ratio) between {{ -power - 0.1 }} and {{ -power + 0.1 }} then power(10, {{ -power + 0.1 }})
            {%- endfor %}
        end as lower,
        case
            {%- for power in [4, 3, 1] %}
            when log10(jumps.ratio) between {{ power - 0.1 }} and {{ power + 0.1 }} then power(10, {{ power - 0.1 }})
            {%- endfor %}
        end as upper
    from jumps
    union all
    select
        cells.quarter,
        'power_of_ten' as check_name,
        '' as region_code,
        '' as indicator,
        max(cells.delivery_id) as delivery_id,
        count(cells.amount_year_before) as observed,
        0 as lower,
        null as upper
    from cells
    group by cells.quarter
    union all
    select
        cells.quarter,
        'resent' as check_name,
        '' as region_code,
        cells.measure as indicator,
        max(cells.delivery_id) as delivery_id,
        count(*) filter (where cells.amount = cells.amount_before and cells.amount > 0) * 1.0 / count(*) as observed,
        0 as lower,
        0.5 as upper
    from cells
    where cells.sheet <> 'research'
    group by cells.quarter, cells.measure
)

{{ check_table('rows_of_check') }}
