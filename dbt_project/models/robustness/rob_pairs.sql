select
    rob_measures.period as quarter,
    rob_measures.ruleset,
    rob_measures.unit as region_code,
    rob_measures.other as other_region_code,
    rob_measures.value as p_above
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure = 'p_above'
union all
select
    rob_measures.period as quarter,
    rob_measures.ruleset,
    rob_measures.other as region_code,
    rob_measures.unit as other_region_code,
    1 - rob_measures.value as p_above
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure = 'p_above'
order by quarter, ruleset, region_code, other_region_code
