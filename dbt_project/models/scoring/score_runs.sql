with periods as (
    select distinct
        int_scoring_values.scenario,
        int_scoring_values.period
    from {{ ref('int_scoring_values') }} as int_scoring_values
),

in_force as (
    select
        periods.scenario,
        rule_scenario.ruleset,
        rule_scenario.sha256,
        periods.period
    from periods
    inner join {{ source('rules', 'rule_scenario') }} as rule_scenario
        on
            periods.scenario = rule_scenario.scenario
            and (rule_scenario.valid_from is null or periods.period >= rule_scenario.valid_from)
            and (rule_scenario.valid_to is null or periods.period <= rule_scenario.valid_to)
),

restated as (
    select distinct
        in_force.scenario,
        in_force.ruleset,
        in_force.sha256,
        {{ base_period('in_force.period', 'rule_rank.change_base') }} as period
    from in_force
    inner join {{ source('rules', 'rule_rank') }} as rule_rank
        on in_force.ruleset = rule_rank.ruleset and rule_rank.measure = 'change' and rule_rank.change_rules = 'restated'
)

select
    in_force.scenario,
    in_force.ruleset,
    in_force.sha256,
    in_force.period,
    true as is_published
from in_force
union all
select
    restated.scenario,
    restated.ruleset,
    restated.sha256,
    restated.period,
    false as is_published
from restated
inner join periods on restated.scenario = periods.scenario and restated.period = periods.period
left join in_force
    on restated.scenario = in_force.scenario and restated.ruleset = in_force.ruleset and restated.period = in_force.period
where in_force.period is null
