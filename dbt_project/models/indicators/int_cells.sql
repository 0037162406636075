{#- Contributions added up: one row per quarter × region × indicator × period × role. Counted feeds are added up from counties to cities and the
    province (which also has what belongs to no city); statistics delivers every level itself. -#}

with own as (
    select
        contribution.quarter,
        contribution.region_code,
        contribution.indicator,
        contribution.period,
        contribution.role,
        sum(contribution.amount) as amount,
        count(*) as contributions
    from {{ ref('int_contributions') }} as contribution
    where contribution.excluded_because is null and {{ in_quarters('contribution.quarter') }}{{ computed_once() }}
    group by contribution.quarter, contribution.region_code, contribution.indicator, contribution.period, contribution.role
),

added_up as (
    select
        own.quarter,
        own.region_code,
        own.indicator,
        own.period,
        own.role,
        own.amount,
        own.contributions,
        division.level,
        division.city_code,
        province.code as province_code
    from own
    inner join {{ ref('indicators') }} as catalogue
        on own.indicator = catalogue.code and catalogue.regions = 'added_up'
    {{ join_division('own.region_code', quarter_end('own.quarter'), ['c', 'r']) }}
    inner join {{ ref('divisions') }} as province
        on province.level = 'p'
),

all_levels as (
    select
        own.quarter,
        own.region_code,
        own.indicator,
        own.period,
        own.role,
        own.amount,
        own.contributions
    from own
    union all
    select
        added_up.quarter,
        added_up.city_code,
        added_up.indicator,
        added_up.period,
        added_up.role,
        added_up.amount,
        added_up.contributions
    from added_up
    where added_up.level = 'c'
    union all
    select
        added_up.quarter,
        added_up.province_code,
        added_up.indicator,
        added_up.period,
        added_up.role,
        added_up.amount,
        added_up.contributions
    from added_up
)

select
    all_levels.quarter,
    all_levels.region_code,
    all_levels.indicator,
    all_levels.period,
    all_levels.role,
    cast(sum(all_levels.amount) as decimal(38, 6)) as amount,
    cast(sum(all_levels.contributions) as bigint) as contributions
from all_levels
group by all_levels.quarter, all_levels.region_code, all_levels.indicator, all_levels.period, all_levels.role
order by all_levels.quarter, all_levels.region_code, all_levels.indicator, all_levels.period, all_levels.role
