{#- Places and stars against what moved them: one row per check × quarter × county × ruleset (`indicator`) that stood under the same rules
    in the quarter before, and one row per quarter, check and ruleset without county that says how many did.

    `rank_without_data`: places moved, against the farthest that the county moved in the order of any one indicator's scores; an
    indicator that comes or goes with the calendar moves it between its place there and its place in the list. A fifth of the field is
    left for many small moves that add up. `stars_without_data`: stars gained though neither total nor place rose, or lost though neither
    fell. -#}

with listed as (
    select
        ranking.quarter,
        ranking.ruleset,
        ranking.region_code,
        ranking.total,
        ranking.stars,
        rank() over (partition by ranking.quarter, ranking.ruleset order by ranking.total desc) as place,
        count(*) over (partition by ranking.quarter, ranking.ruleset) as n_ranked
    from {{ ref('ed_ranking') }} as ranking
    where ranking.total is not null
),

moved as (
    select
        listed.quarter,
        listed.ruleset,
        listed.region_code,
        listed.n_ranked,
        listed.place,
        before.quarter as quarter_before,
        before.place as place_before,
        before.place - listed.place as rank_change,
        listed.stars - before.stars as stars_change,
        listed.total - before.total as total_change
    from listed
    inner join listed as before
        on {{ quarter_plus('listed.quarter', -1) }} = before.quarter
        and listed.ruleset = before.ruleset
        and listed.region_code = before.region_code
),

leaves as (
    select
        score.quarter,
        score.ruleset,
        score.region_code,
        score.node,
        rank() over (partition by score.quarter, score.ruleset, score.node order by score.score desc) as place
    from {{ ref('ed_scores') }} as score
    inner join {{ ref('indicators') }} as catalogue on score.node = catalogue.code
    where score.score is not null and score.weight_effective > 0
),

explained as (
    select
        moved.quarter,
        moved.ruleset,
        moved.region_code,
        max(abs(coalesce(now.place, moved.place) - coalesce(before.place, moved.place_before))) as farthest
    from moved
    cross join (select distinct leaves.node from leaves) as node
    left join leaves as now
        on moved.quarter = now.quarter
        and moved.ruleset = now.ruleset
        and moved.region_code = now.region_code
        and node.node = now.node
    left join leaves as before
        on moved.quarter_before = before.quarter
        and moved.ruleset = before.ruleset
        and moved.region_code = before.region_code
        and node.node = before.node
    where now.node is not null or before.node is not null
    group by moved.quarter, moved.ruleset, moved.region_code
),

rows_of_check as (
    select
        moved.quarter,
        'rank_without_data' as check_name,
        moved.region_code,
        moved.ruleset as indicator,
        '' as delivery_id,
        cast(moved.rank_change as double) as observed,
        cast(-coalesce(explained.farthest, 0) - moved.n_ranked / 5.0 as double) as lower,
        cast(coalesce(explained.farthest, 0) + moved.n_ranked / 5.0 as double) as upper
    from moved
    left join explained
        on moved.quarter = explained.quarter
        and moved.ruleset = explained.ruleset
        and moved.region_code = explained.region_code
    union all
    select
        moved.quarter,
        'stars_without_data' as check_name,
        moved.region_code,
        moved.ruleset as indicator,
        '' as delivery_id,
        moved.stars_change as observed,
        case when moved.total_change >= 0 and moved.rank_change >= 0 then 0 end as lower,
        case when moved.total_change <= 0 and moved.rank_change <= 0 then 0 end as upper
    from moved
    {%- for check in ['rank_without_data', 'stars_without_data'] %}
    union all
    select
        listed.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        listed.ruleset as indicator,
        '' as delivery_id,
        count(moved.region_code) as observed,
        0 as lower,
        null as upper
    from listed
    left join moved
        on listed.quarter = moved.quarter
        and listed.ruleset = moved.ruleset
        and listed.region_code = moved.region_code
    group by listed.quarter, listed.ruleset
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
