{#- Scores, ranks and stars of the official scenario: one row per check × quarter × county × ruleset (`indicator` holds the ruleset).

    `ranked`: rows of a county in force in the ranking. `rank_province`, `rank_city`: the place lies between the first and the last that
    the published totals leave for it. `trace`: the points of the trace minus the total before rounding. `rounding`: the published total
    minus that, within half its last digit. `failed`: scores that the ruleset says must fail. `rank_moved`: places moved since the quarter
    before. -#}

with ranking as (
    select
        ranking.quarter,
        ranking.ruleset,
        ranking.region_code,
        ranking.city_name,
        ranking.total,
        ranking.rank_province,
        ranking.rank_city,
        ranking.rank_change
    from {{ ref('ed_ranking') }} as ranking
),

runs as (
    select distinct
        ranking.quarter,
        ranking.ruleset
    from ranking
),

due as (
    select
        runs.quarter,
        runs.ruleset,
        region.code as region_code
    from runs
    {{ join_regions('runs.quarter', ['c']) }}
),

ranked as (
    select
        due.quarter,
        due.ruleset,
        due.region_code,
        count(ranking.region_code) as row_count
    from due
    left join ranking
        on due.quarter = ranking.quarter
        and due.ruleset = ranking.ruleset
        and due.region_code = ranking.region_code
    group by due.quarter, due.ruleset, due.region_code
),

{%- for place, scope in {'rank_province': 'ranking.ruleset', 'rank_city': 'ranking.ruleset, ranking.city_name'}.items() %}

{{ place }} as (
    select
        ranking.quarter,
        ranking.ruleset,
        ranking.region_code,
        ranking.{{ place }} as place,
        rank() over (partition by ranking.quarter, {{ scope }} order by ranking.total desc) as first_place,
        rank() over (partition by ranking.quarter, {{ scope }} order by ranking.total desc)
        + count(*) over (partition by ranking.quarter, {{ scope }}, ranking.total) - 1 as last_place
    from ranking
    where ranking.total is not null
),
{%- endfor %}

traces as (
    select
        trace.period as quarter,
        trace.ruleset,
        trace.unit as region_code,
        sum(trace.points) as points
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
        cast(1 as double) as lower,
        cast(1 as double) as upper
    from ranked
    {%- for place in ['rank_province', 'rank_city'] %}
    union all
    select
        {{ place }}.quarter,
        '{{ place }}' as check_name,
        {{ place }}.region_code,
        {{ place }}.ruleset as indicator,
        '' as delivery_id,
        {{ place }}.place as observed,
        {{ place }}.first_place as lower,
        {{ place }}.last_place as upper
    from {{ place }}
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
        -45 as lower,
        45 as upper
    from ranking
)

{{ check_table('rows_of_check') }}
