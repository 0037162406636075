{%- set deepest = deepest_tree() %}
{%- set family = 'siblings.scenario, siblings.ruleset, siblings.period, siblings.unit, siblings.parent' %}
with weighted as (
    select
        score_nodes.scenario,
        score_nodes.ruleset,
        score_nodes.period,
        score_nodes.unit,
        score_nodes.node,
        score_nodes.parent,
        score_nodes.depth,
        score_nodes.y,
        score_nodes.children_weight,
        coalesce(score_nodes.rescaled_by, 1) as rescaled_by,
        parent_node.combine,
        case when rule_set.redistribute_within = 'tree' then score_nodes.leaf_points else score_nodes.carried end as weight
    from {{ ref('score_nodes') }} as score_nodes
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_nodes.ruleset = rule_set.ruleset
    left join {{ source('rules', 'rule_node') }} as parent_node
        on score_nodes.ruleset = parent_node.ruleset and score_nodes.parent = parent_node.node
    where score_nodes.y is not null
),

logs as (
    select
        siblings.scenario,
        siblings.ruleset,
        siblings.period,
        siblings.unit,
        siblings.parent,
        {{ exact_sum('siblings.weight * case when siblings.y > 0 then ln(siblings.y) end') }} as log_sum
    from weighted as siblings
    where siblings.combine = 'geometric'
    group by {{ family }}
),

sharing as (
    select
        siblings.*,
        logs.log_sum,
        score_shapley.contribution
    from weighted as siblings
    left join logs
        on
            siblings.scenario = logs.scenario
            and siblings.ruleset = logs.ruleset
            and siblings.period = logs.period
            and siblings.unit = logs.unit
            and siblings.parent = logs.parent
    left join {{ ref('score_shapley') }} as score_shapley
        on
            siblings.scenario = score_shapley.scenario
            and siblings.ruleset = score_shapley.ruleset
            and siblings.period = score_shapley.period
            and siblings.unit = score_shapley.unit
            and siblings.node = score_shapley.node
),

level_0 as (
    select
        sharing.scenario,
        sharing.ruleset,
        sharing.period,
        sharing.unit,
        sharing.node,
        sharing.parent,
        sharing.depth,
        sharing.y,
        sharing.children_weight,
        rule_set.scale as weight_effective,
        rule_set.scale as slope,
        sharing.rescaled_by,
        rule_set.scale * sharing.y as points
    from sharing
    inner join {{ source('rules', 'rule_set') }} as rule_set on sharing.ruleset = rule_set.ruleset
    where sharing.depth = 0
),
{% for depth in range(1, deepest + 1) %}
shared_{{ depth }} as (
    select
        sharing.scenario,
        sharing.ruleset,
        sharing.period,
        sharing.unit,
        sharing.node,
        sharing.parent,
        sharing.depth,
        sharing.y,
        sharing.children_weight,
        sharing.rescaled_by,
        sharing.combine in ('weighted_sum', 'arithmetic') as is_additive,
        above.weight_effective * (sharing.weight / above.children_weight) as weight_effective,
        above.slope / above.rescaled_by * (sharing.weight / above.children_weight) as additive_slope,
        (above.points - above.slope * above.y) * (sharing.weight / above.children_weight)
        + above.slope / above.rescaled_by * case
            when sharing.combine in ('weighted_sum', 'arithmetic') then sharing.weight / above.children_weight * sharing.y
            when sharing.combine = 'geometric' and abs(sharing.log_sum) > 0.000000001
                then above.y * above.rescaled_by * sharing.weight * ln(sharing.y) / sharing.log_sum
            else coalesce(sharing.contribution, above.y * above.rescaled_by * (sharing.weight / above.children_weight))
        end as points
    from sharing
    inner join level_{{ depth - 1 }} as above
        on
            sharing.scenario = above.scenario
            and sharing.ruleset = above.ruleset
            and sharing.period = above.period
            and sharing.unit = above.unit
            and sharing.parent = above.node
            and above.children_weight is not null
    where sharing.depth = {{ depth }}
),

level_{{ depth }} as (
    select
        shared.scenario,
        shared.ruleset,
        shared.period,
        shared.unit,
        shared.node,
        shared.parent,
        shared.depth,
        shared.y,
        shared.children_weight,
        shared.weight_effective,
        case when shared.is_additive then shared.additive_slope when shared.y = 0 then 0 else shared.points / shared.y end as slope,
        shared.rescaled_by,
        shared.points
    from shared_{{ depth }} as shared
),
{% endfor %}
levels as (
    {%- for depth in range(deepest + 1) %}
    select level.*
    from level_{{ depth }} as level
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    levels.scenario,
    levels.ruleset,
    levels.period,
    levels.unit,
    levels.node,
    levels.parent,
    levels.depth,
    levels.y,
    levels.weight_effective,
    case
        when rule_node.is_leaf then levels.y
        when rule_node.out_of is not null then rule_node.out_of * levels.y
        when rule_node.combine = 'weighted_sum' or levels.depth = 0 then levels.weight_effective * levels.y
        else levels.y
    end as score,
    levels.points
from levels
inner join {{ source('rules', 'rule_node') }} as rule_node on levels.ruleset = rule_node.ruleset and levels.node = rule_node.node
