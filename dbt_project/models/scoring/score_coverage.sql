with counted as (
    select
        score_indicators.scenario,
        score_indicators.ruleset,
        score_indicators.period,
        score_indicators.unit,
        sum(case when score_indicators.state in ('value', 'withheld') then 1 else 0 end) as n_reported,
        sum(case when score_indicators.state in ('value', 'withheld', 'missing') then 1 else 0 end) as n_expected
    from {{ ref('score_indicators') }} as score_indicators
    inner join {{ source('rules', 'rule_set') }} as rule_set
        on score_indicators.ruleset = rule_set.ruleset and rule_set.coverage_min is not null
    group by 1, 2, 3, 4
)

select
    counted.scenario,
    counted.ruleset,
    counted.period,
    counted.unit,
    counted.n_reported,
    counted.n_expected,
    {{ at_dp('counted.n_reported', 'rule_set.compare_dp') }}
    >= {{ at_dp('rule_set.coverage_min * counted.n_expected', 'rule_set.compare_dp') }} as is_covered
from counted
inner join {{ source('rules', 'rule_set') }} as rule_set on counted.ruleset = rule_set.ruleset
