select
    score_totals.scenario,
    score_totals.ruleset,
    score_totals.period,
    score_totals.unit,
    coalesce(score_indicators.indicator, '') as indicator,
    coalesce(score_indicators.error, score_totals.error) as error
from {{ ref('score_totals') }} as score_totals
left join {{ ref('score_indicators') }} as score_indicators
    on
        score_totals.scenario = score_indicators.scenario
        and score_totals.ruleset = score_indicators.ruleset
        and score_totals.period = score_indicators.period
        and score_totals.unit = score_indicators.unit
        and score_indicators.error is not null
where score_totals.error is not null and score_totals.is_published
