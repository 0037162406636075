with reached as (
    select
        score_totals.scenario,
        score_totals.ruleset,
        score_totals.period,
        score_totals.unit,
        rule_star.star_id,
        max(
            case
                when rule_star.kind = 'share'
                    then
                        case
                            when score_ranks.place
                                <= ceil(cast(score_ranks.n_ranked * rule_cut.share_numerator as double) / rule_cut.share_denominator)
                                then rule_cut.star
                        end
                when
                    case
                        when rule_star.node is not null then {{ at_dp('score_weights.score', 'rule_set.compare_dp') }}
                        when rule_star.basis = 'rounded' then {{ at_dp('score_totals.total', 'rule_set.compare_dp') }}
                        else {{ at_dp('score_totals.total_raw', 'rule_set.compare_dp') }}
                    end
                    - {{ at_dp('rule_cut.cut', 'rule_set.compare_dp') }}
                    >= case when rule_star.is_closed_left then 0 else 1 end
                    then rule_cut.star
            end
        ) as star
    from {{ ref('score_totals') }} as score_totals
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_totals.ruleset = rule_set.ruleset
    inner join {{ source('rules', 'rule_star') }} as rule_star on score_totals.ruleset = rule_star.ruleset
    inner join {{ source('rules', 'rule_cut') }} as rule_cut
        on rule_star.ruleset = rule_cut.ruleset and rule_star.star_id = rule_cut.star_id
    left join {{ ref('score_ranks') }} as score_ranks
        on
            score_totals.scenario = score_ranks.scenario
            and score_totals.ruleset = score_ranks.ruleset
            and score_totals.period = score_ranks.period
            and score_totals.unit = score_ranks.unit
            and rule_star.rank_id = score_ranks.rank_id
    left join {{ ref('score_weights') }} as score_weights
        on
            score_totals.scenario = score_weights.scenario
            and score_totals.ruleset = score_weights.ruleset
            and score_totals.period = score_weights.period
            and score_totals.unit = score_weights.unit
            and rule_star.node = score_weights.node
    left join {{ ref('score_indicators') }} as score_indicators
        on
            score_totals.scenario = score_indicators.scenario
            and score_totals.ruleset = score_indicators.ruleset
            and score_totals.period = score_indicators.period
            and score_totals.unit = score_indicators.unit
            and rule_star.node = score_indicators.indicator
    where
        score_totals.total_raw is not null
        and case
            when rule_star.kind = 'share' then score_ranks.place is not null
            when rule_star.node is not null then score_weights.score is not null and coalesce(score_indicators.state, 'value') <> 'withheld'
            else true
        end
    group by 1, 2, 3, 4, 5
),

guarded as (
    select
        reached.scenario,
        reached.ruleset,
        reached.period,
        reached.unit,
        reached.star_id,
        min(
            case
                when reached.star < rule_guard.star then null
                when rule_guard.need = 'rank' and score_ranks.place <= rule_guard.max_rank then null
                when
                    rule_guard.need = 'rank'
                    and score_ranks.place
                    <= ceil(cast(score_ranks.n_ranked * rule_guard.share_numerator as double) / rule_guard.share_denominator)
                    then null
                when
                    rule_guard.need = 'score'
                    and {{ at_dp('score_weights.score', 'rule_set.compare_dp') }} >= {{ at_dp('rule_guard.at_least', 'rule_set.compare_dp') }}
                    then null
                when
                    rule_guard.need = 'total'
                    and {{ at_dp('score_totals.total', 'rule_set.compare_dp') }} >= {{ at_dp('rule_guard.at_least', 'rule_set.compare_dp') }}
                    then null
                else rule_guard.else_star
            end
        ) as max_star
    from reached
    inner join {{ source('rules', 'rule_guard') }} as rule_guard
        on reached.ruleset = rule_guard.ruleset and reached.star_id = rule_guard.star_id
    inner join {{ source('rules', 'rule_set') }} as rule_set on reached.ruleset = rule_set.ruleset
    inner join {{ ref('score_totals') }} as score_totals
        on
            reached.scenario = score_totals.scenario
            and reached.ruleset = score_totals.ruleset
            and reached.period = score_totals.period
            and reached.unit = score_totals.unit
    left join {{ ref('score_ranks') }} as score_ranks
        on
            reached.scenario = score_ranks.scenario
            and reached.ruleset = score_ranks.ruleset
            and reached.period = score_ranks.period
            and reached.unit = score_ranks.unit
            and rule_guard.rank_id = score_ranks.rank_id
    left join {{ ref('score_weights') }} as score_weights
        on
            reached.scenario = score_weights.scenario
            and reached.ruleset = score_weights.ruleset
            and reached.period = score_weights.period
            and reached.unit = score_weights.unit
            and rule_guard.node = score_weights.node
    group by 1, 2, 3, 4, 5
)

select
    reached.scenario,
    reached.ruleset,
    reached.period,
    reached.unit,
    reached.star_id,
    coalesce(reached.star, 0) as stars_before_guards,
    least(coalesce(reached.star, 0), coalesce(guarded.max_star, 5), coalesce(score_totals.max_star, 5)) as stars
from reached
inner join {{ ref('score_totals') }} as score_totals
    on
        reached.scenario = score_totals.scenario
        and reached.ruleset = score_totals.ruleset
        and reached.period = score_totals.period
        and reached.unit = score_totals.unit
left join guarded
    on
        reached.scenario = guarded.scenario
        and reached.ruleset = guarded.ruleset
        and reached.period = guarded.period
        and reached.unit = guarded.unit
        and reached.star_id = guarded.star_id
