{#- Leaves hang at most `deepest` levels below the root; the language allows six, and an in-memory run says how many it has. -#}
{%- set deepest = deepest_tree() %}
{#- Scores are parts of one; larger ones would not fit into the decimals that sums are added in. -#}
{%- set most = '1000000000' %}
{%- set run = 'children.scenario, children.ruleset, children.period, children.unit, children.parent' %}
{%- set factor = 'case when children.is_complement then 1 - children.y else children.y end' %}
with uncovered as (
    select
        score_coverage.scenario,
        score_coverage.ruleset,
        score_coverage.period,
        score_coverage.unit
    from {{ ref('score_coverage') }} as score_coverage
    where not score_coverage.is_covered
),

leaves as (
    select
        score_indicators.scenario,
        score_indicators.ruleset,
        score_indicators.period,
        score_indicators.unit,
        rule_node.node,
        rule_node.parent,
        rule_node.depth,
        rule_node.weight as carried,
        rule_node.points as leaf_points,
        score_indicators.y,
        cast(null as double) as children_weight,
        cast(null as double) as rescaled_by,
        false as is_filled,
        1 as has_own,
        score_indicators.error
    from {{ ref('score_indicators') }} as score_indicators
    inner join {{ source('rules', 'rule_node') }} as rule_node
        on score_indicators.ruleset = rule_node.ruleset and score_indicators.indicator = rule_node.indicator
),

level_{{ deepest }} as (
    select leaves.*
    from leaves
    where leaves.depth = {{ deepest }}{{ computed_once() }}
),
{% for depth in range(deepest - 1, -1, -1) %}
present_{{ depth }} as (
    select
        children.*,
        case when rule_set.redistribute_within = 'tree' then children.leaf_points else children.carried end as weight,
        rule_node.combine,
        case rule_node.combine when 'harmonic' then -1 else rule_node.power end as exponent,
        rule_node.worst_k,
        rule_node.mpi_sign,
        rule_node.mpi_population,
        rule_node.n_factors,
        child_node.factor,
        child_node.is_divisor,
        child_node.is_complement,
        case
            when child_node.is_divisor and {{ at_dp(factor | replace('children.is_complement', 'child_node.is_complement'), 'rule_set.compare_dp') }} = 0
                then concat(rule_node.node, ' is divided by ', children.node, ' with the score ', children.y)
            when children.y > 0 or rule_node.combine not in ('geometric', 'harmonic', 'power') then null
            when rule_node.combine = 'power' and (children.y = 0 and rule_node.power > 0) then null
            else concat(rule_node.combine, ' mean of ', children.node, ' with the score ', children.y)
        end as combine_error
    from level_{{ depth + 1 }} as children
    inner join {{ source('rules', 'rule_node') }} as rule_node
        on children.ruleset = rule_node.ruleset and children.parent = rule_node.node
    inner join {{ source('rules', 'rule_node') }} as child_node
        on children.ruleset = child_node.ruleset and children.node = child_node.node
    inner join {{ source('rules', 'rule_set') }} as rule_set on children.ruleset = rule_set.ruleset
    left join uncovered
        on
            children.scenario = uncovered.scenario
            and children.ruleset = uncovered.ruleset
            and children.period = uncovered.period
            and children.unit = uncovered.unit
    where (children.y is not null or children.error is not null) and uncovered.unit is null
),

means_{{ depth }} as (
    select
        children.scenario,
        children.ruleset,
        children.period,
        children.unit,
        children.parent as node,
        min(children.combine) as combine,
        {{ exact_sum('children.leaf_points') }} as leaf_points,
        max(children.has_own) as has_own,
        min(coalesce(children.error, children.combine_error)) as error,
        {{ exact_sum('children.weight') }} as children_weight,
        {{ exact_sum('children.weight * children.y') }} / {{ exact_sum('children.weight') }} as arithmetic,
        exp(
            {{ exact_sum("children.weight * case when children.combine = 'geometric' and children.y > 0 then ln(children.y) end") }}
            / {{ exact_sum('children.weight') }}
        ) as geometric,
        min(children.y) as lowest,
        min(children.combine) = 'formula' and count(children.y) < min(children.n_factors) as is_incomplete,
        {%- for divides in (false, true) %}
        {%- for number in range(1, 7) %}
        {{ '* ' if not loop.first }}coalesce(
            max(case when children.factor = {{ number }} and {{ 'not ' if not divides }}children.is_divisor then {{ factor }} end), 1
        )
        {%- endfor %} as {{ 'denominator' if divides else 'numerator' }}{{ ',' if not divides }}
        {%- endfor %}
    from present_{{ depth }} as children
    group by {{ run }}
),

placed_{{ depth }} as (
    select
        children.*,
        row_number() over (partition by {{ run }} order by children.y, children.node) as place,
        {{ exact_sum('children.y', 'over (partition by ' ~ run ~ ')') }} / count(*) over (partition by {{ run }}) as mean_y,
        {{ power_unit('children.y', 'children.exponent', 'over (partition by ' ~ run ~ ')') }} as unit_y
    from present_{{ depth }} as children
    where children.combine in ('harmonic', 'power', 'worst_k', 'kth_worst', 'mpi')
),

spreads_{{ depth }} as (
    select
        children.scenario,
        children.ruleset,
        children.period,
        children.unit,
        children.parent as node,
        min(children.mpi_sign) as mpi_sign,
        {{ power_mean('children.weight', 'children.y', 'children.exponent', 'children.unit_y') }} as power_mean,
        {{ exact_sum('case when children.place <= children.worst_k then children.y end') }}
        / nullif(sum(case when children.place <= children.worst_k then 1 else 0 end), 0) as worst,
        max(case when children.place <= children.worst_k then children.y end) as kth_worst,
        min(children.mean_y) as mean_y,
        {{ exact_sum('(children.y - children.mean_y) * (children.y - children.mean_y)') }}
        / case when min(case when children.mpi_population then 1 else 0 end) = 1 then count(*) else greatest(count(*) - 1, 1) end as variance
    from placed_{{ depth }} as children
    group by {{ run }}
),

combined_{{ depth }} as (
    select
        score_members.scenario,
        score_members.ruleset,
        score_members.period,
        score_members.unit,
        rule_node.node,
        rule_node.parent,
        rule_node.depth,
        rule_node.weight as carried,
        case when uncovered.unit is null then rule_node.fill_over end as fill_over,
        rule_node.rescale_over,
        coalesce(means.leaf_points, rule_node.points) as leaf_points,
        case when not means.is_incomplete then means.has_own end as has_own,
        case when not means.is_incomplete then means.children_weight end as children_weight,
        case
            when means.error is not null then null
            when means.combine in ('weighted_sum', 'arithmetic') then means.arithmetic
            when means.combine = 'geometric' then means.geometric
            when means.combine in ('harmonic', 'power') then spreads.power_mean
            when means.combine = 'min' then means.lowest
            when means.combine = 'worst_k' then spreads.worst
            when means.combine = 'kth_worst' then spreads.kth_worst
            when means.combine = 'formula' and not means.is_incomplete and abs(means.numerator / nullif(means.denominator, 0)) < {{ most }}
                then means.numerator / nullif(means.denominator, 0)
            when means.combine = 'mpi' and spreads.mean_y > 0 then spreads.mean_y + spreads.mpi_sign * spreads.variance / spreads.mean_y
        end as y,
        case
            when
                means.error is null and means.combine = 'formula' and not means.is_incomplete
                and not coalesce(abs(means.numerator / nullif(means.denominator, 0)) < {{ most }}, false)
                then concat('formula of ', rule_node.node, ' with a result of {{ most }} or more')
            when means.error is null and means.combine = 'mpi' and spreads.mean_y <= 0 then concat('mpi of ', rule_node.node, ' with the mean ', spreads.mean_y)
            else means.error
        end as error
    from {{ ref('score_members') }} as score_members
    inner join {{ source('rules', 'rule_node') }} as rule_node
        on score_members.ruleset = rule_node.ruleset and rule_node.depth = {{ depth }} and not rule_node.is_leaf
    left join means_{{ depth }} as means
        on
            score_members.scenario = means.scenario
            and score_members.ruleset = means.ruleset
            and score_members.period = means.period
            and score_members.unit = means.unit
            and rule_node.node = means.node
    left join spreads_{{ depth }} as spreads
        on
            means.scenario = spreads.scenario
            and means.ruleset = spreads.ruleset
            and means.period = spreads.period
            and means.unit = spreads.unit
            and means.node = spreads.node
    left join uncovered
        on
            score_members.scenario = uncovered.scenario
            and score_members.ruleset = uncovered.ruleset
            and score_members.period = uncovered.period
            and score_members.unit = uncovered.unit
),

bests_{{ depth }} as (
    select
        combined.scenario,
        combined.ruleset,
        combined.period,
        combined.node,
        score_peers.peer_group,
        score_peers.group_value,
        max(combined.y) as best
    from combined_{{ depth }} as combined
    inner join {{ ref('score_peers') }} as score_peers
        on
            combined.scenario = score_peers.scenario
            and combined.ruleset = score_peers.ruleset
            and combined.period = score_peers.period
            and combined.unit = score_peers.unit
            and combined.rescale_over = score_peers.peer_group
    where combined.y is not null and combined.has_own = 1
    group by
        combined.scenario, combined.ruleset, combined.period, combined.node, score_peers.peer_group, score_peers.group_value
),

rescaled_{{ depth }} as (
    select
        combined.scenario,
        combined.ruleset,
        combined.period,
        combined.unit,
        combined.node,
        combined.parent,
        combined.depth,
        combined.carried,
        combined.fill_over,
        combined.leaf_points,
        combined.has_own,
        combined.children_weight,
        case
            when combined.rescale_over is null then combined.y
            when {{ at_dp('bests.best', 'rule_set.compare_dp') }} > 0 and abs(combined.y / bests.best) < {{ most }} then combined.y / bests.best
        end as y,
        bests.best as rescaled_by,
        case
            when combined.error is not null or combined.y is null or combined.rescale_over is null then combined.error
            when bests.best is null then concat(combined.node, ' is rescaled within a peer group, and the unit is in none')
            when
                not ({{ at_dp('bests.best', 'rule_set.compare_dp') }} > 0 and abs(combined.y / bests.best) < {{ most }})
                then concat(combined.node, ' is rescaled to a best score of ', bests.best)
        end as error
    from combined_{{ depth }} as combined
    inner join {{ source('rules', 'rule_set') }} as rule_set on combined.ruleset = rule_set.ruleset
    left join {{ ref('score_peers') }} as score_peers
        on
            combined.scenario = score_peers.scenario
            and combined.ruleset = score_peers.ruleset
            and combined.period = score_peers.period
            and combined.unit = score_peers.unit
            and combined.rescale_over = score_peers.peer_group
    left join bests_{{ depth }} as bests
        on
            combined.scenario = bests.scenario
            and combined.ruleset = bests.ruleset
            and combined.period = bests.period
            and combined.node = bests.node
            and score_peers.peer_group = bests.peer_group
            and score_peers.group_value = bests.group_value
),

fills_{{ depth }} as (
    select
        combined.scenario,
        combined.ruleset,
        combined.period,
        combined.node,
        score_peers.peer_group,
        score_peers.group_value,
        {{ exact_sum('combined.y') }} / count(*) as y
    from rescaled_{{ depth }} as combined
    inner join {{ ref('score_peers') }} as score_peers
        on
            combined.scenario = score_peers.scenario
            and combined.ruleset = score_peers.ruleset
            and combined.period = score_peers.period
            and combined.unit = score_peers.unit
            and combined.fill_over = score_peers.peer_group
    where combined.y is not null and combined.has_own = 1
    group by
        combined.scenario, combined.ruleset, combined.period, combined.node, score_peers.peer_group, score_peers.group_value
),

level_{{ depth }} as (
    select
        combined.scenario,
        combined.ruleset,
        combined.period,
        combined.unit,
        combined.node,
        combined.parent,
        combined.depth,
        combined.carried,
        combined.leaf_points,
        coalesce(combined.y, fills.y) as y,
        combined.children_weight,
        case when combined.y is not null then combined.rescaled_by end as rescaled_by,
        combined.y is null and fills.y is not null as is_filled,
        coalesce(combined.has_own, 0) as has_own,
        combined.error
    from rescaled_{{ depth }} as combined
    left join {{ ref('score_peers') }} as score_peers
        on
            combined.scenario = score_peers.scenario
            and combined.ruleset = score_peers.ruleset
            and combined.period = score_peers.period
            and combined.unit = score_peers.unit
            and combined.fill_over = score_peers.peer_group
            and combined.error is null
    left join fills_{{ depth }} as fills
        on
            combined.scenario = fills.scenario
            and combined.ruleset = fills.ruleset
            and combined.period = fills.period
            and combined.node = fills.node
            and score_peers.peer_group = fills.peer_group
            and score_peers.group_value = fills.group_value
    union all
    select leaves.*
    from leaves
    where leaves.depth = {{ depth }}{{ computed_once() }}
){{ ',' if not loop.last }}
{% endfor %}
{%- for depth in range(deepest + 1) %}
select
    level.scenario,
    level.ruleset,
    level.period,
    level.unit,
    level.node,
    level.parent,
    level.depth,
    level.carried,
    level.leaf_points,
    level.y,
    level.children_weight,
    level.rescaled_by,
    level.is_filled,
    level.error
from level_{{ depth }} as level
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
