{#- The industry classes that are in the high-tech catalogue as the bureau applies it: one row per quarter × class of which it flags more than
    half of the firms in the delivery. No feed brings the catalogue's list of classes, and it is not public. -#}

select
    firm.quarter,
    firm.industry_code,
    max(firm.ht_catalogue) filter (where firm.is_high_tech) as ht_catalogue,
    cast(count(*) as integer) as firms_listed,
    cast(count(*) filter (where firm.is_high_tech) as integer) as firms_flagged
from {{ ref('stg_statistics__enterprises') }} as firm
where {{ in_quarters('firm.quarter') }}
group by firm.quarter, firm.industry_code
having count(*) filter (where firm.is_high_tech) * 2 > count(*)
