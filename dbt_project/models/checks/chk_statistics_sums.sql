{#- Parts and totals of the regional sheets: one row per quarter × measure × total, observed the total minus its parts.

    Every printed figure is off by at most half its last digit, so n parts and a total by (n + 1) / 2 digits. A part without a value
    leaves the lower bound only: known parts must not exceed the total. -#}

with parts as (
    select
        cell.quarter,
        case when cell.level = 'c' then 'city_is_counties' else 'province_is_cities' end as check_name,
        cell.measure,
        case when cell.level = 'c' then cell.city_code else '330000' end as total_code,
        sum(cell.amount) as amount,
        count(*) as part_count
    from {{ ref('int_statistics_cells') }} as cell
    where cell.level in ('c', 'm', 'r')
    group by 1, 2, 3, 4
),

expected as (
    select
        quarters.quarter,
        case when region.level = 'c' then region.city_code else '330000' end as total_code,
        count(*) as part_count
    from (select distinct cell.quarter from {{ ref('int_statistics_cells') }} as cell) as quarters
    {{ join_regions('quarters.quarter', ['c', 'm', 'r']) }}
    group by 1, 2
),

residuals as (
    select
        parts.quarter,
        parts.check_name,
        total.region_code,
        parts.measure as indicator,
        total.delivery_id,
        total.amount - parts.amount as observed,
        (expected.part_count + 1) * total.step / 2 as tolerance,
        parts.part_count = expected.part_count as is_complete
    from parts
    inner join expected on parts.quarter = expected.quarter and parts.total_code = expected.total_code
    inner join {{ ref('int_statistics_cells') }} as total
        on parts.quarter = total.quarter
        and parts.measure = total.measure
        and parts.total_code = total.region_code
),

rows_of_check as (
    select
        residuals.quarter,
        residuals.check_name,
        residuals.region_code,
        residuals.indicator,
        residuals.delivery_id,
        residuals.observed,
        -residuals.tolerance as lower,
        case when residuals.is_complete then residuals.tolerance end as upper
    from residuals
)

{{ check_table('rows_of_check') }}
