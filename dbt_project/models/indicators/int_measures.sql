{#- One row per quarter × region (county, city, province) × measure that the catalogue names as a numerator or denominator
    (`indicator.role`), to date of the year where the measure accumulates. `amount` is null where the value is missing: the feed was not
    delivered, or a delivered region row has no value. A counted feed that was delivered and holds nothing for a region gives zero. -#}

with named as (
    select catalogue.numerator as measure
    from {{ ref('indicators') }} as catalogue
    where catalogue.numerator is not null
    union
    select catalogue.denominator as measure
    from {{ ref('indicators') }} as catalogue
    where catalogue.denominator is not null
),

measures as (
    select
        named.measure,
        catalogue.code as indicator,
        split_part(named.measure, '.', 2) as role,
        catalogue.feed,
        catalogue.regions,
        catalogue.accumulates
    from named
    inner join {{ ref('indicators') }} as catalogue
        on split_part(named.measure, '.', 1) = catalogue.code
),

quarters as (
    select distinct day.quarter from {{ ref('int_feed_days') }} as day
),

of_quarter as (
    select
        quarters.quarter,
        region.code as region_code,
        measures.measure,
        measures.accumulates,
        day.as_of,
        case
            when measures.regions = 'added_up' and day.feed is not null then coalesce(cell.amount, 0)
            else cell.amount
        end as amount
    from quarters
    cross join measures
    inner join {{ ref('divisions') }} as region
        on region.level in ('c', 'm', 'p')
        and region.valid_from <= {{ quarter_end('quarters.quarter') }}
        and (region.valid_to is null or {{ quarter_end('quarters.quarter') }} <= region.valid_to)
    left join {{ ref('int_feed_days') }} as day
        on quarters.quarter = day.quarter and measures.feed = day.feed
    left join {{ ref('int_cells') }} as cell
        on quarters.quarter = cell.quarter
        and region.code = cell.region_code
        and measures.indicator = cell.indicator
        and measures.role = cell.role
),

to_date as (
    select
        of_quarter.quarter,
        of_quarter.region_code,
        of_quarter.measure,
        max(earlier.as_of) as as_of,
        case when count(earlier.amount) = {{ quarter_number('of_quarter.quarter') }} then sum(earlier.amount) end as amount
    from of_quarter
    inner join of_quarter as earlier
        on of_quarter.region_code = earlier.region_code
        and of_quarter.measure = earlier.measure
        and {{ quarter_year('of_quarter.quarter') }} = {{ quarter_year('earlier.quarter') }}
        and of_quarter.quarter >= earlier.quarter
    where of_quarter.accumulates
    group by of_quarter.quarter, of_quarter.region_code, of_quarter.measure
)

select
    of_quarter.quarter,
    of_quarter.region_code,
    of_quarter.measure,
    cast(case when of_quarter.accumulates then to_date.amount else of_quarter.amount end as decimal(38, 6)) as amount,
    case when of_quarter.accumulates then to_date.as_of else of_quarter.as_of end as as_of
from of_quarter
left join to_date
    on of_quarter.quarter = to_date.quarter
    and of_quarter.region_code = to_date.region_code
    and of_quarter.measure = to_date.measure
order by of_quarter.quarter, of_quarter.region_code, of_quarter.measure
