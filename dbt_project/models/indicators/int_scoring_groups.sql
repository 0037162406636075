{#- Peer groups of counties: one row per quarter × group name × county. The city is one; the others are a seed with validity. -#}

select
    quarters.quarter as period,
    'city' as group_name,
    region.code as unit,
    region.city_code as group_value
from (select distinct day.quarter from {{ ref('int_feed_days') }} as day) as quarters
inner join {{ ref('divisions') }} as region
    on region.level = 'c'
    and region.valid_from <= {{ quarter_end('quarters.quarter') }}
    and (region.valid_to is null or {{ quarter_end('quarters.quarter') }} <= region.valid_to)
union all
select
    quarters.quarter as period,
    peer.group_name,
    peer.unit,
    peer.group_value
from (select distinct day.quarter from {{ ref('int_feed_days') }} as day) as quarters
inner join {{ ref('peer_groups') }} as peer
    on quarters.quarter >= peer.valid_from
    and (peer.valid_to is null or quarters.quarter <= peer.valid_to)
order by period, group_name, unit
