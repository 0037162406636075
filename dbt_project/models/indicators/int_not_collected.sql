{#- What the place says that nobody collects: one row per quarter × region × indicator. A city's code stands for the city and its counties,
    the province's for every region. -#}

with stated as (
    select distinct
        day.quarter,
        region.code as region_code,
        statement.indicator
    from {{ ref('not_collected') }} as statement
    inner join {{ ref('int_feed_days') }} as day
        on statement.valid_from <= day.quarter and (statement.valid_to is null or statement.valid_to >= day.quarter)
    inner join {{ ref('divisions') }} as named
        on statement.region_code = named.code
    inner join {{ ref('divisions') }} as region
        on named.code = region.code or (named.level = 'm' and named.code = region.city_code) or named.level = 'p'
    where {{ in_quarters('day.quarter') }}
)

select
    stated.quarter,
    stated.region_code,
    stated.indicator
from stated
order by stated.quarter, stated.region_code, stated.indicator
