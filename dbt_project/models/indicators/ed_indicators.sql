{#- What is published of indicators: one row per quarter × region × indicator × period, without the figures that are withheld;
    of a value that is none anyway, what is known of its parts goes too. -#}

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
    case when withheld.indicator is not null and whole.status = 'value' then 'withheld' else whole.status end as status,
    whole.flags,
    whole.as_of
from {{ ref('ind_values') }} as whole
left join {{ ref('dis_indicators') }} as withheld
    on
        whole.quarter = withheld.quarter
        and whole.region_code = withheld.region_code
        and whole.indicator = withheld.indicator
        and whole.period = whole.quarter
order by whole.quarter, whole.region_code, whole.indicator, whole.period
