{#- 小升规: one row per quarter × firm of industry (06 to 46) with sales of 16 million yuan or more in the last four quarters that is not among
    规上企业. A cancelled firm cannot be admitted. `amount` is those sales, yuan. -#}

select
    taxed.quarter,
    taxed.uscc,
    taxed.firm_name,
    taxed.region_code,
    case when taxed.sales_year_yuan >= 20000000 then 'above_threshold' else 'near_threshold' end as reasons,
    taxed.sales_year_yuan as amount,
    taxed.sales_quarters,
    taxed.sales_ytd_yuan,
    taxed.industry_code,
    class.industry_code is not null as is_high_tech_class,
    class.ht_catalogue,
    {{ rows_of('sb_zzs', 'taxed.vat_rows') }} as source_rows
from {{ ref('int_firms_in_tax') }} as taxed
inner join {{ ref('stg_deliveries') }} as in_force
    on taxed.quarter = in_force.quarter
    and in_force.feed = 'statistics'
left join {{ ref('stg_statistics__enterprises') }} as listed
    on taxed.quarter = listed.quarter
    and taxed.uscc = listed.uscc
    and {{ in_quarters('listed.quarter') }}
left join {{ ref('int_high_tech_classes') }} as class
    on taxed.quarter = class.quarter
    and taxed.industry_code = class.industry_code
where
    taxed.sales_year_yuan >= 16000000
    and taxed.industry_code between '06' and '46z'
    and not taxed.is_cancelled
    and listed.uscc is null
    and {{ in_quarters('taxed.quarter') }}
