{#- Published values against the catalogue, their parts and earlier quarters: one row per check × quarter × region × indicator.

    `covered`: rows of a region in force for an indicator that the project computes. `quotient`: value minus what numerator and
    denominator give, relative to the value. `city_sum`, `province_sum`: an added-up value minus its counties. `not_below`: a counted flow
    of the year is not below the quarter before. `power_of_ten`: as in chk_statistics_time, for 1 000 and 10 000,
    and for added-up sums of 20 rows or more. `missing`,
    `missing_base`: counties without a value that they should have, per indicator; the second where only the base can be missing.
    `range`: a computed growth, and a difference of shares in points. `outlier`: growth on a year before on the log scale, as a multiple of the median absolute deviation over the counties. -#}

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
    from {{ ref('ed_indicators') }} as indicator
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

changes as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        published.level,
        published.regions,
        published.value / before.value as ratio,
        ln(published.value / before.value) as log_ratio
    from published
    inner join published as before
        on {{ quarter_plus('published.quarter', -4) }} = before.quarter
        and published.region_code = before.region_code
        and published.indicator = before.indicator
    where published.rule = 'sum' and published.value > 0 and before.value > 0
),

medians as (
    select
        changes.quarter,
        changes.indicator,
        median(changes.log_ratio) as centre,
        mad(changes.log_ratio) as deviation
    from changes
    where changes.level = 'c' and changes.regions = 'delivered'
    group by changes.quarter, changes.indicator
),

counts as (
    select
        published.quarter,
        published.indicator,
        max(published.rule) as rule,
        count(*) filter (where published.status = 'missing') as missing
    from published
    where published.level = 'c'
    group by published.quarter, published.indicator
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
        published.quarter,
        'not_below' as check_name,
        published.region_code,
        published.indicator,
        '' as delivery_id,
        published.value as observed,
        before.value as lower,
        null as upper
    from published
    left join published as before
        on {{ quarter_plus('published.quarter', -1) }} = before.quarter
        and published.region_code = before.region_code
        and published.indicator = before.indicator
        and substr(published.quarter, 6, 1) <> '1'
    where published.kind = 'flow_ytd' and published.regions = 'added_up' and published.status = 'value'
    union all
    select
        published.quarter,
        'power_of_ten' as check_name,
        published.region_code,
        published.indicator,
        '' as delivery_id,
        coalesce(changes.ratio, 1) as observed,
        case
            {%- for power in [4, 3] %}
            when log10(changes.ratio) between {{ -power - 0.1 }} and {{ -power + 0.1 }} then power(10, {{ -power + 0.1 }})
            {%- endfor %}
        end as lower,
        case
            {%- for power in [4, 3] %}
            when log10(changes.ratio) between {{ power - 0.1 }} and {{ power + 0.1 }} then power(10, {{ power - 0.1 }})
            {%- endfor %}
        end as upper
    from published
    left join changes
        on published.quarter = changes.quarter
        and published.region_code = changes.region_code
        and published.indicator = changes.indicator
    left join {{ ref('int_cells') }} as cell
        on published.quarter = cell.quarter
        and published.region_code = cell.region_code
        and published.indicator = cell.indicator
        and cell.role = 'amount'
    left join {{ ref('int_cells') }} as base_cell
        on {{ quarter_plus('published.quarter', -4) }} = base_cell.quarter
        and published.region_code = base_cell.region_code
        and published.indicator = base_cell.indicator
        and base_cell.role = 'amount'
    where
        published.rule = 'sum'
        and published.status = 'value'
        -- A wrong unit moves every row; where few rows make the sum, one large contract can do as much.
        and (published.regions = 'delivered' or least(cell.contributions, base_cell.contributions) >= 20)
    union all
    select
        counts.quarter,
        case when counts.rule in ('growth_pct', 'difference') or counts.rule = 'delivered' then 'missing_base' else 'missing' end as check_name,
        '' as region_code,
        counts.indicator,
        '' as delivery_id,
        counts.missing as observed,
        0 as lower,
        0 as upper
    from counts
    union all
    select
        published.quarter,
        'range' as check_name,
        published.region_code,
        published.indicator,
        '' as delivery_id,
        case when published.status = 'value' then published.value else 0 end as observed,
        case published.rule when 'difference' then -3 else -100 end as lower,
        case published.rule when 'difference' then 3 else 1000 end as upper
    from published
    where published.rule in ('growth_pct', 'difference')
    union all
    select
        published.quarter,
        'outlier' as check_name,
        published.region_code,
        published.indicator,
        '' as delivery_id,
        coalesce(abs(changes.log_ratio - medians.centre) / greatest(medians.deviation, 0.02), 0) as observed,
        0 as lower,
        10 as upper
    from published
    left join changes
        on published.quarter = changes.quarter
        and published.region_code = changes.region_code
        and published.indicator = changes.indicator
    left join medians
        on published.quarter = medians.quarter
        and published.indicator = medians.indicator
    where published.rule = 'sum' and published.regions = 'delivered' and published.level = 'c' and published.status = 'value'
)

{{ check_table('rows_of_check') }}
