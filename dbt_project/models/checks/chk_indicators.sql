{#- Published values against the catalogue and their parts: one row per check × quarter × region × indicator. Values against earlier
    quarters and other counties are judged in chk_indicators_time.

    `covered`: rows of a region in force for an indicator that the project computes. `quotient`: value minus what numerator and
    denominator give, relative to the value. `city_sum`, `province_sum`: an added-up value minus its counties. `missing`, `missing_base`:
    a county without a value that it should have, the second where only the base can be missing; if none has one, their number, without
    a county. `not_collected`: 1 where a value is there that the place says nobody collects, and one row per quarter without region. -#}

with published as (
    select
        indicator.quarter,
        indicator.region_code,
        indicator.level,
        indicator.indicator,
        indicator.value,
        indicator.numerator,
        indicator.denominator,
        indicator.status,
        catalogue.rule,
        catalogue.kind,
        catalogue.multiplier,
        catalogue.regions,
        region.city_code
    from {{ ref('ind_values') }} as indicator
    inner join {{ ref('indicators') }} as catalogue on indicator.indicator = catalogue.code and catalogue.rule <> 'ledger'
    {{ join_division('indicator.region_code', quarter_end('indicator.quarter'), ['c', 'm', 'p'], 'region') }}
    where indicator.period = indicator.quarter
),

due as (
    select
        quarters.quarter,
        region.code as region_code,
        catalogue.code as indicator
    from (select distinct published.quarter from published) as quarters
    cross join {{ ref('indicators') }} as catalogue
    {{ join_regions('quarters.quarter', ['c', 'm', 'p']) }}
    where catalogue.rule <> 'ledger'
),

covered as (
    select
        due.quarter,
        due.region_code,
        due.indicator,
        count(published.indicator) as row_count
    from due
    left join published
        on due.quarter = published.quarter
        and due.region_code = published.region_code
        and due.indicator = published.indicator
    group by due.quarter, due.region_code, due.indicator
),

quotients as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        published.value,
        case
            when published.rule = 'ratio' then published.multiplier * published.numerator / nullif(published.denominator, 0)
            else published.multiplier * (published.numerator - published.denominator) / nullif(published.denominator, 0)
        end as quotient
    from published
    where published.rule in ('ratio', 'growth_pct') and published.status = 'value'
),

city_sums as (
    select
        published.quarter,
        published.city_code as region_code,
        published.indicator,
        {{ exact_sum('published.value') }} as value
    from published
    where published.level = 'c' and published.rule = 'sum' and published.regions = 'added_up' and published.status = 'value'
    group by published.quarter, published.city_code, published.indicator
),

province_sums as (
    select
        city_sums.quarter,
        city_sums.indicator,
        {{ exact_sum('city_sums.value') }} as value
    from city_sums
    group by city_sums.quarter, city_sums.indicator
),

counts as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        case when published.rule in ('growth_pct', 'difference', 'delivered') then 'missing_base' else 'missing' end as check_name,
        case when published.status = 'missing' then 1 else 0 end as missing,
        min(case when published.status = 'missing' then 1 else 0 end) over (
            partition by published.quarter, published.indicator
        ) as missing_everywhere
    from published
    where published.level = 'c'
),

contradicted as (
    select
        indicator.quarter,
        indicator.region_code,
        indicator.indicator,
        max(case when indicator.value is not null then 1 else 0 end) as has_value
    from {{ ref('ind_values') }} as indicator
    inner join {{ ref('int_not_collected') }} as stated
        on indicator.quarter = stated.quarter
        and indicator.region_code = stated.region_code
        and indicator.indicator = stated.indicator
    group by indicator.quarter, indicator.region_code, indicator.indicator
),

rows_of_check as (
    select
        covered.quarter,
        'covered' as check_name,
        covered.region_code,
        covered.indicator,
        '' as delivery_id,
        cast(covered.row_count as double) as observed,
        cast(1 as double) as lower,
        cast(1 as double) as upper
    from covered
    union all
    select
        quotients.quarter,
        'quotient' as check_name,
        quotients.region_code,
        quotients.indicator,
        '' as delivery_id,
        (quotients.value - quotients.quotient) / greatest(abs(quotients.value), 1) as observed,
        -1e-9 as lower,
        1e-9 as upper
    from quotients
    union all
    select
        city_sums.quarter,
        'city_sum' as check_name,
        city_sums.region_code,
        city_sums.indicator,
        '' as delivery_id,
        city.value - city_sums.value as observed,
        -1e-6 as lower,
        1e-6 as upper
    from city_sums
    inner join published as city
        on city_sums.quarter = city.quarter
        and city_sums.region_code = city.region_code
        and city_sums.indicator = city.indicator
        and city.level = 'm'
    union all
    select
        province_sums.quarter,
        'province_sum' as check_name,
        province.region_code,
        province_sums.indicator,
        '' as delivery_id,
        province.value - province_sums.value as observed,
        -1e-6 as lower,
        null as upper
    from province_sums
    inner join published as province
        on province_sums.quarter = province.quarter
        and province_sums.indicator = province.indicator
        and province.level = 'p'
    union all
    select
        counts.quarter,
        counts.check_name,
        case when counts.missing_everywhere = 1 then '' else counts.region_code end as region_code,
        counts.indicator,
        '' as delivery_id,
        sum(counts.missing) as observed,
        0 as lower,
        0 as upper
    from counts
    group by
        counts.quarter,
        counts.check_name,
        case when counts.missing_everywhere = 1 then '' else counts.region_code end,
        counts.indicator
    union all
    select
        contradicted.quarter,
        'not_collected' as check_name,
        contradicted.region_code,
        contradicted.indicator,
        '' as delivery_id,
        contradicted.has_value as observed,
        0 as lower,
        0 as upper
    from contradicted
    union all
    select
        published.quarter,
        'not_collected' as check_name,
        '' as region_code,
        '' as indicator,
        '' as delivery_id,
        count(*) as observed,
        0 as lower,
        null as upper
    from published
    group by published.quarter
)

{{ check_table('rows_of_check') }}
