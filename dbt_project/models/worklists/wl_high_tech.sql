{#- 高新纳统: one row per quarter × firm among 规上企业 whose industry class is in the catalogue and that is not flagged as 高新技术产业.
    `amount` is its value added of the year to date, yuan. -#}

select
    firm.quarter,
    firm.uscc,
    firm.firm_name,
    firm.region_code,
    'not_flagged' as reasons,
    cast(firm.ind_va_ytd_yuan as decimal(28, 6)) as amount,
    firm.industry_code,
    class.ht_catalogue,
    class.firms_listed,
    class.firms_flagged,
    'enterprises:' || cast(firm.source_row as string) as source_rows
from {{ ref('stg_statistics__enterprises') }} as firm
inner join {{ ref('int_high_tech_classes') }} as class
    on firm.quarter = class.quarter
    and firm.industry_code = class.industry_code
where not firm.is_high_tech and {{ in_quarters('firm.quarter') }}
