{%- set order_keys = 'keyed.sort_key, keyed.break_1, keyed.break_2, keyed.break_3, keyed.break_4, keyed.break_5, keyed.break_text' %}
{%- set list = 'keyed.scenario, keyed.ruleset, keyed.period, keyed.rank_id, keyed.group_value' %}
with bases as (
    select
        score_totals.scenario,
        score_totals.ruleset,
        score_totals.period,
        score_totals.unit,
        rule_rank.rank_id,
        min(base_totals.total) as total,
        min(base_totals.total_raw) as total_raw
    from {{ ref('score_totals') }} as score_totals
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_totals.ruleset = rule_set.ruleset
    inner join {{ source('rules', 'rule_rank') }} as rule_rank
        on score_totals.ruleset = rule_rank.ruleset and rule_rank.measure = 'change'
    inner join {{ ref('score_totals') }} as base_totals
        on
            score_totals.scenario = base_totals.scenario
            and score_totals.unit = base_totals.unit
            and base_totals.period = {{ base_period('score_totals.period', 'rule_rank.change_base') }}
    inner join {{ source('rules', 'rule_set') }} as base_set on base_totals.ruleset = base_set.ruleset
    where
        case
            when rule_rank.change_rules = 'restated' then base_totals.ruleset = score_totals.ruleset
            else base_totals.is_published and base_set.family = rule_set.family
        end
    group by 1, 2, 3, 4, 5
),

measured as (
    select
        score_totals.scenario,
        score_totals.ruleset,
        score_totals.period,
        score_totals.unit,
        rule_rank.rank_id,
        rule_rank.ties,
        rule_rank.tie_breaks,
        rule_rank.is_descending,
        score_peers.group_value,
        rule_set.compare_dp,
        score_totals.total_raw,
        case
            when rule_rank.measure <> 'node' then case rule_rank.basis when 'rounded' then score_totals.total else score_totals.total_raw end
            when score_totals.total_raw is not null and coalesce(score_indicators.state, 'value') <> 'withheld' then ranked_nodes.y
        end
        - case
            when rule_rank.measure = 'node' then 0
            when rule_rank.measure = 'total' then 0
            when rule_rank.basis = 'rounded' then bases.total
            else bases.total_raw
        end as measure
    from {{ ref('score_totals') }} as score_totals
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_totals.ruleset = rule_set.ruleset
    inner join {{ source('rules', 'rule_rank') }} as rule_rank on score_totals.ruleset = rule_rank.ruleset
    inner join {{ ref('score_peers') }} as score_peers
        on
            score_totals.scenario = score_peers.scenario
            and score_totals.ruleset = score_peers.ruleset
            and score_totals.period = score_peers.period
            and score_totals.unit = score_peers.unit
            and rule_rank.peer_group = score_peers.peer_group
    left join {{ ref('score_nodes') }} as ranked_nodes
        on
            score_totals.scenario = ranked_nodes.scenario
            and score_totals.ruleset = ranked_nodes.ruleset
            and score_totals.period = ranked_nodes.period
            and score_totals.unit = ranked_nodes.unit
            and rule_rank.node = ranked_nodes.node
    left join {{ ref('score_indicators') }} as score_indicators
        on
            score_totals.scenario = score_indicators.scenario
            and score_totals.ruleset = score_indicators.ruleset
            and score_totals.period = score_indicators.period
            and score_totals.unit = score_indicators.unit
            and rule_rank.node = score_indicators.indicator
    left join bases
        on
            score_totals.scenario = bases.scenario
            and score_totals.ruleset = bases.ruleset
            and score_totals.period = bases.period
            and score_totals.unit = bases.unit
            and rule_rank.rank_id = bases.rank_id
),

breaks as (
    select
        measured.scenario,
        measured.ruleset,
        measured.period,
        measured.unit,
        measured.rank_id,
        {%- for number in range(1, 6) %}
        max(
            case
                when rule_tie_break.ordinal <> {{ number }} then null
                when rule_tie_break.tie_break = 'total_raw' then -{{ at_dp('measured.total_raw', 'measured.compare_dp') }}
                else -{{ at_dp('score_nodes.y', 'measured.compare_dp') }}
            end
        ) as break_{{ number }},
        {%- endfor %}
        max(case when rule_tie_break.tie_break = 'unit' then measured.unit else '' end) as break_text
    from measured
    inner join {{ source('rules', 'rule_tie_break') }} as rule_tie_break
        on measured.ruleset = rule_tie_break.ruleset and measured.rank_id = rule_tie_break.rank_id
    left join {{ ref('score_nodes') }} as score_nodes
        on
            measured.scenario = score_nodes.scenario
            and measured.ruleset = score_nodes.ruleset
            and measured.period = score_nodes.period
            and measured.unit = score_nodes.unit
            and rule_tie_break.tie_break = score_nodes.node
    group by 1, 2, 3, 4, 5
),

keyed as (
    select
        measured.*,
        case when measured.is_descending then -1 else 1 end * {{ at_dp('measured.measure', 'measured.compare_dp') }} as sort_key,
        {%- for number in range(1, 6) %}
        coalesce(breaks.break_{{ number }}, cast('Infinity' as double)) as break_{{ number }},
        {%- endfor %}
        coalesce(breaks.break_text, '') as break_text
    from measured
    left join breaks
        on
            measured.scenario = breaks.scenario
            and measured.ruleset = breaks.ruleset
            and measured.period = breaks.period
            and measured.unit = breaks.unit
            and measured.rank_id = breaks.rank_id
    where measured.measure is not null
)

select
    keyed.scenario,
    keyed.ruleset,
    keyed.period,
    keyed.unit,
    keyed.rank_id,
    keyed.group_value,
    keyed.measure,
    cast(
        case keyed.ties
            when 'dense' then dense_rank() over (partition by {{ list }} order by {{ order_keys }})
            when 'ordinal' then row_number() over (partition by {{ list }} order by {{ order_keys }}, keyed.unit)
            when 'average'
                then
                    rank() over (partition by {{ list }} order by {{ order_keys }})
                    + (count(*) over (partition by {{ list }}, {{ order_keys }}) - 1) / 2.0
            else rank() over (partition by {{ list }} order by {{ order_keys }})
        end as double
    ) as place,
    count(*) over (partition by {{ list }}) as n_ranked,
    count(*) over (partition by {{ list }}, keyed.sort_key) as n_equal,
    case when count(*) over (partition by {{ list }}, keyed.sort_key) > 1 then keyed.tie_breaks else '' end as tie_break
from keyed
