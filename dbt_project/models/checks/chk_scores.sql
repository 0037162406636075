{#- Scores, ranks and stars of the official scenario: one row per check × quarter × county × ruleset (`indicator` holds the ruleset).

    Who is due comes from the rules in force and the members of their population, not from what was scored. `ranked`: rows of a county
    in the ranking, one if it is due, else none. `scored`: rows of a county in the scores, one per node of the rules. `rank_province`,
    `rank_city`: the place lies between the first and the last that the published totals leave for it; none, if the ruleset has no such
    ranking. `trace`: the points of the trace minus the total before rounding. `rounding`: the published total minus that, within half
    its last digit. `failed`: scores that the ruleset says must fail. `rank_moved`: places moved since the quarter before, against half
    of those ranked. `interval`: the median place lies between its 5th and 95th percentile, and is there wherever the rules ask for draws. -#}

with ranking as (
    select
        ranking.quarter,
        ranking.ruleset,
        ranking.region_code,
        ranking.city_name,
        ranking.total,
        ranking.rank_province,
        ranking.rank_city,
        ranking.rank_change,
        ranking.rank_p05,
        ranking.rank_median,
        ranking.rank_p95
    from {{ ref('ed_ranking') }} as ranking
),

due as (
    select
        membership.period as quarter,
        rule_set.ruleset,
        membership.unit as region_code,
        count(*) over (partition by membership.period, rule_set.ruleset) as n_due
    from {{ source('rules', 'rule_set') }} as rule_set
    inner join {{ source('rules', 'rule_scenario') }} as in_force
        on rule_set.ruleset = in_force.ruleset and in_force.scenario = 'official'
    inner join {{ ref('int_scoring_groups') }} as membership
        on rule_set.population = membership.group_name
        and in_force.valid_from <= membership.period
        and (in_force.valid_to is null or in_force.valid_to >= membership.period)
    where {{ is_member('membership.group_value') }}
),

ranked as (
    select
        coalesce(due.quarter, ranking.quarter) as quarter,
        coalesce(due.ruleset, ranking.ruleset) as ruleset,
        coalesce(due.region_code, ranking.region_code) as region_code,
        count(ranking.region_code) as row_count,
        count(due.region_code) as due_count
    from due
    full outer join ranking
        on due.quarter = ranking.quarter
        and due.ruleset = ranking.ruleset
        and due.region_code = ranking.region_code
    group by coalesce(due.quarter, ranking.quarter), coalesce(due.ruleset, ranking.ruleset), coalesce(due.region_code, ranking.region_code)
),

node_counts as (
    select
        rule_node.ruleset,
        count(*) as node_count
    from {{ source('rules', 'rule_node') }} as rule_node
    group by rule_node.ruleset
),

scored as (
    select
        due.quarter,
        due.ruleset,
        due.region_code,
        node_counts.node_count,
        count(score.node) as row_count
    from due
    inner join node_counts on due.ruleset = node_counts.ruleset
    left join {{ ref('ed_scores') }} as score
        on due.quarter = score.quarter
        and due.ruleset = score.ruleset
        and due.region_code = score.region_code
    group by due.quarter, due.ruleset, due.region_code, node_counts.node_count
),

{%- for place, scope in {'rank_province': 'ranking.ruleset', 'rank_city': 'ranking.ruleset, ranking.city_name'}.items() %}

{{ place }} as (
    select
        ranking.quarter,
        ranking.ruleset,
        ranking.region_code,
        ranking.{{ place }} as place,
        list.rank_id,
        rank() over (partition by ranking.quarter, {{ scope }} order by ranking.total desc) as first_place,
        rank() over (partition by ranking.quarter, {{ scope }} order by ranking.total desc)
        + count(*) over (partition by ranking.quarter, {{ scope }}, ranking.total) - 1 as last_place
    from ranking
    left join {{ source('rules', 'rule_rank') }} as list
        on ranking.ruleset = list.ruleset and list.rank_id = '{{ place | replace('rank_', '') }}'
    where ranking.total is not null
),
{%- endfor %}

traces as (
    select
        trace.period as quarter,
        trace.ruleset,
        trace.unit as region_code,
        {{ exact_sum('trace.points') }} as points
    from {{ ref('score_trace') }} as trace
    where trace.scenario = 'official'
    group by trace.period, trace.ruleset, trace.unit
),

totals as (
    select
        total.period as quarter,
        total.ruleset,
        total.unit as region_code,
        total.total,
        total.total_raw,
        coalesce(0.5 * power(10, -rule_set.total_round), 0) as tolerance
    from {{ ref('score_totals') }} as total
    inner join {{ source('rules', 'rule_set') }} as rule_set on total.ruleset = rule_set.ruleset
    where total.scenario = 'official' and total.is_published
),

failures as (
    select
        failure.period as quarter,
        failure.ruleset,
        failure.unit as region_code,
        count(*) as failure_count
    from {{ ref('score_failures') }} as failure
    where failure.scenario = 'official'
    group by failure.period, failure.ruleset, failure.unit
),

rows_of_check as (
    select
        ranked.quarter,
        'ranked' as check_name,
        ranked.region_code,
        ranked.ruleset as indicator,
        '' as delivery_id,
        cast(ranked.row_count as double) as observed,
        cast(ranked.due_count as double) as lower,
        cast(ranked.due_count as double) as upper
    from ranked
    union all
    select
        scored.quarter,
        'scored' as check_name,
        scored.region_code,
        scored.ruleset as indicator,
        '' as delivery_id,
        scored.row_count as observed,
        scored.node_count as lower,
        scored.node_count as upper
    from scored
    {%- for place in ['rank_province', 'rank_city'] %}
    union all
    select
        {{ place }}.quarter,
        '{{ place }}' as check_name,
        {{ place }}.region_code,
        {{ place }}.ruleset as indicator,
        '' as delivery_id,
        {{ place }}.place as observed,
        case when {{ place }}.rank_id is null then 0 else {{ place }}.first_place end as lower,
        case when {{ place }}.rank_id is null then 0 else {{ place }}.last_place end as upper
    from {{ place }}
    where {{ place }}.rank_id is not null or {{ place }}.place is not null
    {%- endfor %}
    union all
    select
        totals.quarter,
        'trace' as check_name,
        totals.region_code,
        totals.ruleset as indicator,
        '' as delivery_id,
        traces.points - totals.total_raw as observed,
        -1e-9 as lower,
        1e-9 as upper
    from totals
    left join traces
        on totals.quarter = traces.quarter
        and totals.ruleset = traces.ruleset
        and totals.region_code = traces.region_code
    union all
    select
        totals.quarter,
        'rounding' as check_name,
        totals.region_code,
        totals.ruleset as indicator,
        '' as delivery_id,
        totals.total - totals.total_raw as observed,
        -totals.tolerance - 1e-9 as lower,
        totals.tolerance + 1e-9 as upper
    from totals
    union all
    select
        ranked.quarter,
        'failed' as check_name,
        ranked.region_code,
        ranked.ruleset as indicator,
        '' as delivery_id,
        coalesce(failures.failure_count, 0) as observed,
        0 as lower,
        0 as upper
    from ranked
    left join failures
        on ranked.quarter = failures.quarter
        and ranked.ruleset = failures.ruleset
        and ranked.region_code = failures.region_code
    union all
    select
        ranking.quarter,
        'rank_moved' as check_name,
        ranking.region_code,
        ranking.ruleset as indicator,
        '' as delivery_id,
        coalesce(ranking.rank_change, 0) as observed,
        -due.n_due / 2.0 as lower,
        due.n_due / 2.0 as upper
    from ranking
    inner join due
        on ranking.quarter = due.quarter
        and ranking.ruleset = due.ruleset
        and ranking.region_code = due.region_code
    union all
    select
        ranking.quarter,
        'interval' as check_name,
        ranking.region_code,
        ranking.ruleset as indicator,
        '' as delivery_id,
        ranking.rank_median as observed,
        ranking.rank_p05 as lower,
        ranking.rank_p95 as upper
    from ranking
    inner join {{ source('rules', 'rule_robustness') }} as rule_robustness
        on ranking.ruleset = rule_robustness.ruleset and rule_robustness.setting = 'draws'
    where ranking.total is not null
)

{{ check_table('rows_of_check') }}
