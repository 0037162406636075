{#- What scoring starts from: one row per scenario × county × quarter × indicator. An annual ledger row stands in where the quarter has none. -#}

with candidates as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        published.value,
        published.status,
        row_number() over (
            partition by published.quarter, published.region_code, published.indicator
            order by case when published.period = published.quarter then 0 else 1 end, published.period desc
        ) as preference
    from {{ ref('ed_indicators') }} as published
    left join {{ ref('indicators') }} as catalogue on published.indicator = catalogue.code
    where
        published.level = 'c'
        and (published.period = published.quarter or (catalogue.rule = 'ledger' and published.period = substr(published.quarter, 1, 4)))
)

select
    'official' as scenario,
    candidates.region_code as unit,
    candidates.quarter as period,
    candidates.indicator,
    candidates.value,
    candidates.status as state
from candidates
where candidates.preference = 1
order by candidates.quarter, candidates.region_code, candidates.indicator
