{#- Yearly targets of the ledger with progress: one row per quarter × region × indicator × target year. A target of another year than the
    quarter's has no value yet. One of an annual survey is about the value of the year before, which comes out in its year. Run rate and the amount still needed per remaining quarter are given for flows of the year only. -#}

with progress as (
    select
        target.quarter,
        target.region_code,
        target.indicator,
        target.year,
        {{ to_double('target.target') }} as target,
        coalesce(of_quarter.value, of_year.value, of_year_before.value) as value,
        catalogue.kind,
        {{ quarter_number('target.quarter') }} as quarter_number
    from {{ ref('stg_ledger__targets') }} as target
    left join {{ ref('indicators') }} as catalogue on target.indicator = catalogue.code
    left join {{ ref('ed_indicators') }} as of_quarter
        on target.quarter = of_quarter.quarter
        and target.region_code = of_quarter.region_code
        and target.indicator = of_quarter.indicator
        and target.quarter = of_quarter.period
        and target.year = {{ quarter_year('target.quarter') }}
    left join {{ ref('ed_indicators') }} as of_year
        on target.quarter = of_year.quarter
        and target.region_code = of_year.region_code
        and target.indicator = of_year.indicator
        and cast(target.year as string) = of_year.period
        and target.year = {{ quarter_year('target.quarter') }}
    left join {{ ref('ed_indicators') }} as of_year_before
        on target.quarter = of_year_before.quarter
        and target.region_code = of_year_before.region_code
        and target.indicator = of_year_before.indicator
        and cast(target.year - 1 as string) = of_year_before.period
        and target.year = {{ quarter_year('target.quarter') }}
        and catalogue.kind = 'annual'
        and catalogue.feed = 'statistics'
)

select
    progress.quarter,
    progress.region_code,
    progress.indicator,
    progress.year,
    progress.target,
    progress.value,
    case when progress.target <> 0 then progress.value / progress.target end as completion,
    case
        when progress.kind = 'flow_ytd' and progress.target <> 0
            then progress.value / (progress.target * progress.quarter_number / 4)
    end as run_rate,
    case
        when progress.kind = 'flow_ytd' and progress.quarter_number < 4
            then (progress.target - progress.value) / (4 - progress.quarter_number)
    end as needed_per_quarter
from progress
order by progress.quarter, progress.region_code, progress.indicator, progress.year
