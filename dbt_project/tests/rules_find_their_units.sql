{#- Fails where a ruleset in force has nobody to rank, or names a peer group that not every unit of its population belongs to: a name that
    was mistyped, or a unit that would drop out of a ranking or a comparison unseen. -#}
select
    score_runs.ruleset,
    score_runs.period,
    rule_set.population as membership
from {{ ref('score_runs') }} as score_runs
inner join {{ source('rules', 'rule_set') }} as rule_set on score_runs.ruleset = rule_set.ruleset
left join {{ ref('score_members') }} as score_members
    on
        score_runs.scenario = score_members.scenario
        and score_runs.ruleset = score_members.ruleset
        and score_runs.period = score_members.period
where score_runs.is_published and score_members.unit is null
union all
select distinct
    score_runs.ruleset,
    score_runs.period,
    rule_peer_group.membership
from {{ ref('score_runs') }} as score_runs
inner join {{ source('rules', 'rule_peer_group') }} as rule_peer_group on score_runs.ruleset = rule_peer_group.ruleset
inner join {{ ref('score_members') }} as score_members
    on
        score_runs.scenario = score_members.scenario
        and score_runs.ruleset = score_members.ruleset
        and score_runs.period = score_members.period
left join {{ ref('score_peers') }} as score_peers
    on
        score_runs.scenario = score_peers.scenario
        and score_runs.ruleset = score_peers.ruleset
        and score_runs.period = score_peers.period
        and score_members.unit = score_peers.unit
        and rule_peer_group.peer_group = score_peers.peer_group
where score_runs.is_published and score_peers.unit is null
