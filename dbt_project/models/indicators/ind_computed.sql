{#- One row per quarter × region × period × indicator that the project computes, by the rule that the catalogue names.

    Annual indicators come with the third quarter's delivery, for the year before: that edition has a row of that year, the fourth
    quarter shows the same value in its own row, and the other quarters have none published. Numerator and denominator show what is known of them, whatever the status. -#}

with requested as (
    select
        measure_quarter.quarter,
        catalogue.code as indicator,
        measure_quarter.quarter as period,
        case when catalogue.kind = 'annual' then {{ quarter_plus('measure_quarter.quarter', -1) }} else measure_quarter.quarter end as source_quarter,
        catalogue.published_in like '%' || substr(measure_quarter.quarter, 6, 1) || '%' as is_published
    from (select distinct measure.quarter from {{ ref('int_measures') }} as measure) as measure_quarter
    cross join {{ ref('indicators') }} as catalogue
    where catalogue.rule <> 'ledger'
    union all
    select
        measure_quarter.quarter,
        catalogue.code as indicator,
        cast({{ quarter_year('measure_quarter.quarter') }} - 1 as string) as period,
        measure_quarter.quarter as source_quarter,
        true as is_published
    from (select distinct measure.quarter from {{ ref('int_measures') }} as measure) as measure_quarter
    cross join {{ ref('indicators') }} as catalogue
    where catalogue.kind = 'annual' and {{ quarter_number('measure_quarter.quarter') }} = 3
),

regions as (
    select distinct
        measure.quarter,
        measure.region_code
    from {{ ref('int_measures') }} as measure
),

amounts as (
    select
        requested.quarter,
        regions.region_code,
        requested.indicator,
        requested.period,
        requested.is_published,
        catalogue.rule,
        catalogue.multiplier,
        catalogue.divisor,
        case when requested.is_published then now_numerator.amount end as numerator,
        case when requested.is_published then now_denominator.amount end as denominator,
        case when requested.is_published then base_numerator.amount end as base_numerator,
        case when requested.is_published then base_denominator.amount end as base_denominator,
        case
            when not requested.is_published then null
            when catalogue.rule in ('growth_pct', 'difference')
                then greatest(now_numerator.as_of, coalesce(base_numerator.as_of, now_numerator.as_of))
            else greatest(now_numerator.as_of, coalesce(now_denominator.as_of, now_numerator.as_of))
        end as as_of
    from requested
    inner join regions on requested.quarter = regions.quarter
    inner join {{ ref('indicators') }} as catalogue on requested.indicator = catalogue.code
    left join {{ ref('int_measures') }} as now_numerator
        on requested.source_quarter = now_numerator.quarter
        and regions.region_code = now_numerator.region_code
        and catalogue.numerator = now_numerator.measure
    left join {{ ref('int_measures') }} as now_denominator
        on requested.source_quarter = now_denominator.quarter
        and regions.region_code = now_denominator.region_code
        and catalogue.denominator = now_denominator.measure
    left join {{ ref('int_measures') }} as base_numerator
        on {{ quarter_plus('requested.source_quarter', -4) }} = base_numerator.quarter
        and regions.region_code = base_numerator.region_code
        and catalogue.numerator = base_numerator.measure
    left join {{ ref('int_measures') }} as base_denominator
        on {{ quarter_plus('requested.source_quarter', -4) }} = base_denominator.quarter
        and regions.region_code = base_denominator.region_code
        and catalogue.denominator = base_denominator.measure
),

judged as (
    select
        amounts.quarter,
        amounts.region_code,
        amounts.indicator,
        amounts.period,
        amounts.rule,
        amounts.multiplier,
        amounts.divisor,
        amounts.numerator,
        amounts.denominator,
        amounts.base_numerator,
        amounts.base_denominator,
        amounts.as_of,
        case
            when not amounts.is_published then 'not_published'
            when amounts.numerator is null then 'missing'
            when amounts.rule in ('ratio', 'difference') and amounts.denominator is null then 'missing'
            when amounts.rule in ('growth_pct', 'difference') and amounts.base_numerator is null then 'missing'
            when amounts.rule = 'difference' and amounts.base_denominator is null then 'missing'
            when amounts.rule in ('ratio', 'difference') and amounts.denominator = 0 then 'not_applicable'
            when amounts.rule = 'difference' and amounts.base_denominator = 0 then 'not_applicable'
            when amounts.rule = 'growth_pct' and amounts.base_numerator = 0 then 'not_applicable'
            else 'value'
        end as status
    from amounts
)

select
    judged.quarter,
    judged.region_code,
    judged.indicator,
    judged.period,
    case
        when judged.status <> 'value' then null
        when judged.rule = 'sum'
            then case judged.divisor
                when 1 then {{ to_double('judged.numerator') }}
                when 10000 then {{ to_double('judged.numerator * cast(0.0001 as decimal(4, 4))') }}
                when 100000000 then {{ to_double('judged.numerator * cast(0.00000001 as decimal(8, 8))') }}
            end
        when judged.rule = 'delivered' then {{ to_double('judged.numerator') }}
        when judged.rule = 'ratio'
            then judged.multiplier * {{ to_double('judged.numerator') }} / {{ to_double('judged.denominator') }}
        when judged.rule = 'growth_pct'
            then judged.multiplier * {{ to_double('judged.numerator - judged.base_numerator') }} / {{ to_double('judged.base_numerator') }}
        when judged.rule = 'difference'
            then judged.multiplier * {{ to_double('judged.numerator') }} / {{ to_double('judged.denominator') }}
                - judged.multiplier * {{ to_double('judged.base_numerator') }} / {{ to_double('judged.base_denominator') }}
    end as value,
    case when judged.rule in ('ratio', 'growth_pct') then {{ to_double('judged.numerator') }} end as numerator,
    case
        when judged.rule = 'ratio' then {{ to_double('judged.denominator') }}
        when judged.rule = 'growth_pct' then {{ to_double('judged.base_numerator') }}
    end as denominator,
    judged.status,
    judged.as_of
from judged
order by judged.quarter, judged.region_code, judged.indicator, judged.period
