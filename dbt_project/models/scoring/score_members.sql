select
    score_runs.scenario,
    score_runs.ruleset,
    score_runs.period,
    int_scoring_groups.unit
from {{ ref('score_runs') }} as score_runs
inner join {{ source('rules', 'rule_set') }} as rule_set on score_runs.ruleset = rule_set.ruleset
inner join {{ ref('int_scoring_groups') }} as int_scoring_groups
    on score_runs.period = int_scoring_groups.period and rule_set.population = int_scoring_groups.group_name
where {{ is_member('int_scoring_groups.group_value') }}
