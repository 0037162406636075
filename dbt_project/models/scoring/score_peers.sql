select
    score_members.scenario,
    score_members.ruleset,
    score_members.period,
    score_members.unit,
    'all' as peer_group,
    'all' as group_value
from {{ ref('score_members') }} as score_members
union all
select
    score_members.scenario,
    score_members.ruleset,
    score_members.period,
    score_members.unit,
    rule_peer_group.peer_group,
    int_scoring_groups.group_value
from {{ ref('score_members') }} as score_members
inner join {{ source('rules', 'rule_peer_group') }} as rule_peer_group on score_members.ruleset = rule_peer_group.ruleset
inner join {{ ref('int_scoring_groups') }} as int_scoring_groups
    on
        rule_peer_group.membership = int_scoring_groups.group_name
        and score_members.period = int_scoring_groups.period
        and score_members.unit = int_scoring_groups.unit
where int_scoring_groups.group_value is not null
