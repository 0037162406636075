select
    rob_measures.period as quarter,
    rob_measures.ruleset,
    rob_measures.other as scheme,
    rob_measures.value as mean_shift
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure = 'mean_shift'
order by rob_measures.period, rob_measures.ruleset, rob_measures.other
