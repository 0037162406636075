select
    rob_measures.ruleset,
    rob_measures.period,
    rob_measures.unit,
    rob_measures.other as other_unit,
    rob_measures.value as p_above
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure = 'p_above'
union all
select
    rob_measures.ruleset,
    rob_measures.period,
    rob_measures.other as unit,
    rob_measures.unit as other_unit,
    1 - rob_measures.value as p_above
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure = 'p_above'
order by ruleset, period, unit, other_unit
