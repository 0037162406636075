{%- set too_few -%}
    {{ at_dp('coverage.n_reported', 'rule_set.compare_dp') }}
            < {{ at_dp('rule_indicator.coverage_min * coverage.n_expected', 'rule_set.compare_dp') }}
{%- endset %}
with shares as (
    select
        score_component_scores.scenario,
        score_component_scores.ruleset,
        score_component_scores.period,
        score_component_scores.unit,
        score_component_scores.indicator,
        {{ exact_sum('rule_component.share') }} as share_present,
        {{ exact_sum('rule_component.share * score_component_scores.y') }} / {{ exact_sum('rule_component.share') }} as y,
        min(score_component_scores.error) as error
    from {{ ref('score_component_scores') }} as score_component_scores
    inner join {{ source('rules', 'rule_component') }} as rule_component
        on
            score_component_scores.ruleset = rule_component.ruleset
            and score_component_scores.indicator = rule_component.indicator
            and score_component_scores.component = rule_component.component
    group by 1, 2, 3, 4, 5
),

own as (
    select
        score_states.scenario,
        score_states.ruleset,
        score_states.period,
        score_states.unit,
        score_states.indicator,
        score_states.value,
        score_states.value_period,
        score_states.filled_by,
        case when score_states.value is not null and shares.unit is null then 'not_applicable' else score_states.state end as state,
        case when shares.error is null then shares.y end as y,
        shares.share_present,
        shares.error
    from {{ ref('score_states') }} as score_states
    left join shares
        on
            score_states.scenario = shares.scenario
            and score_states.ruleset = shares.ruleset
            and score_states.period = shares.period
            and score_states.unit = shares.unit
            and score_states.indicator = shares.indicator
),

coverage as (
    select
        own.scenario,
        own.ruleset,
        own.period,
        own.indicator,
        sum(case when own.state in ('value', 'withheld') then 1 else 0 end) as n_reported,
        sum(case when own.state in ('value', 'withheld', 'missing') then 1 else 0 end) as n_expected
    from own
    group by 1, 2, 3, 4
),

policies as (
    select
        own.*,
        coverage.n_reported,
        coverage.n_expected,
        {{ too_few }} as is_too_few,
        case
            when own.y is not null or own.error is not null then ''
            when own.state = 'not_applicable' then rule_indicator.not_applicable
            when own.state = 'not_published' then rule_indicator.not_published
            -- A withheld value that is given is used; one that is not given says nothing, whatever the rules do with values that are missing.
            when own.state = 'withheld' then 'redistribute'
            when own.state = 'missing' and {{ too_few }} then 'fail'
            when own.state = 'missing' then rule_indicator.missing
        end as policy,
        case own.state
            when 'not_applicable' then rule_indicator.not_applicable_over
            when 'not_published' then rule_indicator.not_published_over
            else rule_indicator.missing_over
        end as policy_over
    from own
    inner join coverage
        on
            own.scenario = coverage.scenario
            and own.ruleset = coverage.ruleset
            and own.period = coverage.period
            and own.indicator = coverage.indicator
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator
        on own.ruleset = rule_indicator.ruleset and own.indicator = rule_indicator.indicator
    inner join {{ source('rules', 'rule_set') }} as rule_set on own.ruleset = rule_set.ruleset
),

peer_means as (
    select
        own.scenario,
        own.ruleset,
        own.period,
        own.indicator,
        score_peers.peer_group,
        score_peers.group_value,
        {{ exact_sum('own.y') }} / count(*) as y
    from own
    inner join {{ ref('score_peers') }} as score_peers
        on
            own.scenario = score_peers.scenario
            and own.ruleset = score_peers.ruleset
            and own.period = score_peers.period
            and own.unit = score_peers.unit
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator
        on
            own.ruleset = rule_indicator.ruleset
            and own.indicator = rule_indicator.indicator
            and (
                rule_indicator.not_applicable in ('mean', 'group_mean')
                or rule_indicator.not_published in ('mean', 'group_mean')
                or rule_indicator.missing in ('mean', 'group_mean')
            )
    where own.y is not null
    group by 1, 2, 3, 4, 5, 6
)

select
    policies.scenario,
    policies.ruleset,
    policies.period,
    policies.unit,
    policies.indicator,
    policies.value,
    policies.value_period,
    policies.state,
    case
        when policies.policy = '' then policies.filled_by
        when policies.policy in ('carry_last', 'nowcast') then 'redistribute'
        else policies.policy
    end as treatment,
    case policies.policy
        when '' then policies.y
        when 'full_points' then 1
        when 'zero_points' then 0
        when 'mean' then peer_means.y
        when 'group_mean' then peer_means.y
    end as y,
    policies.share_present,
    case
        when policies.policy <> 'fail' then policies.error
        when policies.is_too_few
            then concat('missing, and only ', policies.n_reported, ' of ', policies.n_expected, ' units have a value')
        else 'missing, and the rule accepts no gap'
    end as error
from policies
left join {{ ref('score_peers') }} as score_peers
    on
        policies.scenario = score_peers.scenario
        and policies.ruleset = score_peers.ruleset
        and policies.period = score_peers.period
        and policies.unit = score_peers.unit
        and policies.policy_over = score_peers.peer_group
left join peer_means
    on
        policies.scenario = peer_means.scenario
        and policies.ruleset = peer_means.ruleset
        and policies.period = peer_means.period
        and policies.indicator = peer_means.indicator
        and score_peers.peer_group = peer_means.peer_group
        and score_peers.group_value = peer_means.group_value
