with scored as (
    select
        score_indicators.scenario,
        score_indicators.ruleset,
        score_indicators.period,
        score_indicators.unit,
        score_indicators.indicator,
        score_indicators.value,
        score_indicators.value_period,
        score_indicators.state,
        score_indicators.treatment,
        score_indicators.y,
        score_indicators.share_present,
        rule_node.weight as weight,
        score_weights.weight_effective,
        score_weights.points
    from {{ ref('score_indicators') }} as score_indicators
    inner join {{ source('rules', 'rule_node') }} as rule_node
        on score_indicators.ruleset = rule_node.ruleset and score_indicators.indicator = rule_node.indicator
    left join {{ ref('score_weights') }} as score_weights
        on
            score_indicators.scenario = score_weights.scenario
            and score_indicators.ruleset = score_weights.ruleset
            and score_indicators.period = score_weights.period
            and score_indicators.unit = score_weights.unit
            and score_indicators.indicator = score_weights.node
),

component_scores as (
    select
        score_component_scores.scenario,
        score_component_scores.ruleset,
        score_component_scores.period,
        score_component_scores.unit,
        score_component_scores.indicator,
        score_component_scores.component,
        score_component_scores.y,
        rule_component.share
    from {{ ref('score_component_scores') }} as score_component_scores
    inner join {{ source('rules', 'rule_component') }} as rule_component
        on
            score_component_scores.ruleset = rule_component.ruleset
            and score_component_scores.indicator = rule_component.indicator
            and score_component_scores.component = rule_component.component
),

lines as (
    select
        scored.scenario,
        scored.ruleset,
        scored.period,
        scored.unit,
        'component' as kind,
        scored.indicator as subject,
        score_components.component,
        score_components.value,
        score_components.base_value,
        score_components.x,
        score_components.state,
        scored.treatment,
        component_scores.y,
        scored.weight,
        scored.weight_effective * component_scores.share / scored.share_present as weight_effective,
        case
            when scored.y <> 0 then scored.points * component_scores.share / scored.share_present * component_scores.y / scored.y
            else scored.points * component_scores.share / scored.share_present
        end as points
    from scored
    inner join {{ ref('score_components') }} as score_components
        on
            scored.scenario = score_components.scenario
            and scored.ruleset = score_components.ruleset
            and scored.period = score_components.period
            and scored.unit = score_components.unit
            and scored.indicator = score_components.indicator
    left join component_scores
        on
            score_components.scenario = component_scores.scenario
            and score_components.ruleset = component_scores.ruleset
            and score_components.period = component_scores.period
            and score_components.unit = component_scores.unit
            and score_components.indicator = component_scores.indicator
            and score_components.component = component_scores.component
    union all
    select
        scored.scenario,
        scored.ruleset,
        scored.period,
        scored.unit,
        'policy' as kind,
        scored.indicator as subject,
        '' as component,
        scored.value,
        cast(null as double) as base_value,
        cast(null as double) as x,
        scored.state,
        scored.treatment,
        scored.y,
        scored.weight,
        scored.weight_effective,
        scored.points
    from scored
    where scored.share_present is null
    union all
    select
        score_nodes.scenario,
        score_nodes.ruleset,
        score_nodes.period,
        score_nodes.unit,
        'filled_branch' as kind,
        score_nodes.node as subject,
        '' as component,
        cast(null as double) as value,
        cast(null as double) as base_value,
        cast(null as double) as x,
        'not_applicable' as state,
        'mean_of_peers' as treatment,
        score_nodes.y,
        score_nodes.carried as weight,
        score_weights.weight_effective,
        score_weights.points
    from {{ ref('score_nodes') }} as score_nodes
    inner join {{ ref('score_weights') }} as score_weights
        on
            score_nodes.scenario = score_weights.scenario
            and score_nodes.ruleset = score_weights.ruleset
            and score_nodes.period = score_weights.period
            and score_nodes.unit = score_weights.unit
            and score_nodes.node = score_weights.node
    where score_nodes.is_filled
    union all
    select
        score_totals.scenario,
        score_totals.ruleset,
        score_totals.period,
        score_totals.unit,
        'adjustments' as kind,
        'adjustments' as subject,
        '' as component,
        cast(null as double) as value,
        cast(null as double) as base_value,
        cast(null as double) as x,
        'value' as state,
        '' as treatment,
        cast(null as double) as y,
        cast(null as double) as weight,
        cast(null as double) as weight_effective,
        score_totals.adjustment as points
    from {{ ref('score_totals') }} as score_totals
    union all
    select
        score_totals.scenario,
        score_totals.ruleset,
        score_totals.period,
        score_totals.unit,
        'clamp' as kind,
        'total' as subject,
        '' as component,
        cast(null as double) as value,
        cast(null as double) as base_value,
        cast(null as double) as x,
        'value' as state,
        '' as treatment,
        cast(null as double) as y,
        cast(null as double) as weight,
        cast(null as double) as weight_effective,
        score_totals.total_raw - (score_totals.tree_total + score_totals.adjustment) as points
    from {{ ref('score_totals') }} as score_totals
)

select
    lines.scenario,
    lines.ruleset,
    score_runs.sha256,
    lines.period,
    lines.unit,
    lines.kind,
    lines.subject,
    lines.component,
    lines.value,
    lines.base_value,
    lines.x,
    lines.state,
    lines.treatment,
    lines.y,
    lines.weight,
    lines.weight_effective,
    lines.points
from lines
inner join {{ ref('score_runs') }} as score_runs
    on lines.scenario = score_runs.scenario and lines.ruleset = score_runs.ruleset and lines.period = score_runs.period
where score_runs.is_published
