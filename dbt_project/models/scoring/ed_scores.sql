select
    score_runs.period as quarter,
    score_runs.ruleset,
    score_members.unit as region_code,
    rule_node.node,
    case when score_indicators.state <> 'withheld' then score_indicators.value end as value,
    coalesce(score_indicators.state, case when score_nodes.y is null then 'not_applicable' else 'value' end) as state,
    case when score_indicators.state = 'withheld' then null else score_weights.score end as score,
    score_weights.weight_effective,
    case when score_indicators.state = 'withheld' then null else score_weights.points end as points
from {{ ref('score_runs') }} as score_runs
inner join {{ ref('score_members') }} as score_members
    on
        score_runs.scenario = score_members.scenario
        and score_runs.ruleset = score_members.ruleset
        and score_runs.period = score_members.period
inner join {{ source('rules', 'rule_node') }} as rule_node on score_runs.ruleset = rule_node.ruleset
{%- for relation, key in (('score_indicators', 'indicator'), ('score_nodes', 'node'), ('score_weights', 'node')) %}
left join {{ ref(relation) }} as {{ relation }}
    on
        score_members.scenario = {{ relation }}.scenario
        and score_members.ruleset = {{ relation }}.ruleset
        and score_members.period = {{ relation }}.period
        and score_members.unit = {{ relation }}.unit
        and rule_node.node = {{ relation }}.{{ key }}
{%- endfor %}
where score_runs.scenario = 'official' and score_runs.is_published
order by 1, 2, 3, 4
