{#- What is published of indicators: one row per quarter × region × indicator × period, without the figures that are withheld. -#}

select
    whole.quarter,
    whole.region_code,
    whole.region_name,
    whole.city_name,
    whole.level,
    whole.indicator,
    whole.indicator_name,
    whole.period,
    case when withheld.indicator is null then whole.value end as value,
    whole.unit,
    case when withheld.indicator is null then whole.numerator end as numerator,
    case when withheld.indicator is null then whole.denominator end as denominator,
    case when withheld.indicator is null then whole.status else 'withheld' end as status,
    whole.flags,
    whole.as_of
from {{ ref('ind_values') }} as whole
left join {{ ref('dis_indicators') }} as withheld
    on
        whole.quarter = withheld.quarter
        and whole.region_code = withheld.region_code
        and whole.indicator = withheld.indicator
        and whole.period = whole.quarter
        and (whole.value is not null or whole.numerator is not null or whole.denominator is not null)
order by whole.quarter, whole.region_code, whole.indicator, whole.period
