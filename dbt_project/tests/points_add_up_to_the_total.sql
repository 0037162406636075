{#- Fails where a county's trace does not explain its unrounded total to 1e-9 (scoring rules, semantics 12). -#}
select
    score_totals.scenario,
    score_totals.ruleset,
    score_totals.period,
    score_totals.unit
from {{ ref('score_totals') }} as score_totals
inner join {{ ref('score_trace') }} as score_trace
    on
        score_totals.scenario = score_trace.scenario
        and score_totals.ruleset = score_trace.ruleset
        and score_totals.period = score_trace.period
        and score_totals.unit = score_trace.unit
where score_totals.total_raw is not null and {{ in_scored_quarters('score_totals.period') }}
group by score_totals.scenario, score_totals.ruleset, score_totals.period, score_totals.unit, score_totals.total_raw
having abs(sum(score_trace.points) - score_totals.total_raw) > 1e-9
