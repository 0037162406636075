{#- Fails where a statement in seeds/not_collected.csv names no indicator or region of the place, no quarters in order, no reason, person or
    day, or says what another one says for the same quarters. -#}
select
    statement.indicator,
    statement.region_code,
    statement.valid_from
from {{ ref('not_collected') }} as statement
left join {{ ref('indicators') }} as catalogue on statement.indicator = catalogue.code
left join {{ ref('divisions') }} as region on statement.region_code = region.code and region.level in ('c', 'm', 'p')
where catalogue.code is null
    or region.code is null
    or not coalesce({{ matches('statement.valid_from', '^20[0-9]{2}Q[1-4]$') }}, false)
    or not coalesce({{ matches('statement.valid_to', '^20[0-9]{2}Q[1-4]$') }}, true)
    or statement.valid_to < statement.valid_from
    or statement.reason is null
    or statement.stated_by is null
    or statement.stated_on is null
union all
select
    first.indicator,
    first.region_code,
    first.valid_from
from {{ ref('not_collected') }} as first
inner join {{ ref('not_collected') }} as second
    on first.indicator = second.indicator
    and first.region_code = second.region_code
    and first.valid_from <= coalesce(second.valid_to, '9999Q4')
    and second.valid_from <= coalesce(first.valid_to, '9999Q4')
group by first.indicator, first.region_code, first.valid_from
having count(*) > 1
