with counted as (
    select
        score_members.scenario,
        score_members.ruleset,
        score_members.period,
        score_members.unit,
        rule_adjustment.adjustment,
        rule_adjustment.ordinal,
        rule_adjustment.max_star,
        rule_adjustment.per_item,
        rule_adjustment.cap,
        rule_adjustment.floor as lowest,
        sum(coalesce(int_scoring_events.count, 0)) as n_items
    from {{ ref('score_members') }} as score_members
    inner join {{ source('rules', 'rule_adjustment') }} as rule_adjustment on score_members.ruleset = rule_adjustment.ruleset
    left join {{ ref('int_scoring_events') }} as int_scoring_events
        on
            rule_adjustment.event = int_scoring_events.event
            and score_members.period = int_scoring_events.period
            and score_members.unit = int_scoring_events.unit
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),

adjusted as (
    select
        counted.scenario,
        counted.ruleset,
        counted.period,
        counted.unit,
        {{ exact_sum('greatest(least(counted.per_item * counted.n_items, counted.cap), counted.lowest)') }} as adjustment,
        min(case when counted.n_items > 0 then counted.max_star end) as max_star
    from counted
    group by 1, 2, 3, 4
),

added as (
    select
        score_nodes.scenario,
        score_nodes.ruleset,
        score_runs.sha256,
        score_nodes.period,
        score_runs.is_published,
        score_nodes.unit,
        rule_set.scale * score_nodes.y as tree_total,
        coalesce(adjusted.adjustment, 0) as adjustment,
        adjusted.max_star,
        {{ clamped(
            'rule_set.scale * score_nodes.y + coalesce(adjusted.adjustment, 0)', 'rule_set.total_low', 'rule_set.total_high', 'rule_set.compare_dp'
        ) }} as total_raw,
        score_nodes.error
    from {{ ref('score_nodes') }} as score_nodes
    inner join {{ ref('score_runs') }} as score_runs
        on
            score_nodes.scenario = score_runs.scenario
            and score_nodes.ruleset = score_runs.ruleset
            and score_nodes.period = score_runs.period
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_nodes.ruleset = rule_set.ruleset
    left join adjusted
        on
            score_nodes.scenario = adjusted.scenario
            and score_nodes.ruleset = adjusted.ruleset
            and score_nodes.period = adjusted.period
            and score_nodes.unit = adjusted.unit
    where score_nodes.depth = 0
)

select
    added.scenario,
    added.ruleset,
    added.sha256,
    added.period,
    added.is_published,
    added.unit,
    added.tree_total,
    added.adjustment,
    added.total_raw,
    case
        when rule_set.total_round is null then added.total_raw
        else {{ round_decimal('added.total_raw', 'rule_set.total_round', 'rule_set.compare_dp', 'rule_set.rounding') }}
    end as total,
    added.max_star,
    added.error
from added
inner join {{ source('rules', 'rule_set') }} as rule_set on added.ruleset = rule_set.ruleset
