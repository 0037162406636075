{#- The values that are withheld: one row per quarter × region × indicator. What is made of a withheld figure tells it together with the rest
    that it is made of, so a ratio goes with either part and growth with either year. -#}

with parts as (
    select
        catalogue.code as indicator,
        catalogue.numerator as measure,
        0 as quarters_before
    from {{ ref('indicators') }} as catalogue
    union all
    select
        catalogue.code as indicator,
        catalogue.denominator as measure,
        0 as quarters_before
    from {{ ref('indicators') }} as catalogue
    union all
    select
        catalogue.code as indicator,
        catalogue.numerator as measure,
        4 as quarters_before
    from {{ ref('indicators') }} as catalogue
    where catalogue.rule = 'growth_pct'
    {%- for quarters_before in [0, 4] %}
    union all
    select
        catalogue.code as indicator,
        grown.judged_by as measure,
        {{ quarters_before }} as quarters_before
    from {{ ref('indicators') }} as catalogue
    inner join {{ ref('disclosure_measures') }} as grown on catalogue.numerator = grown.measure
    {%- endfor %}
)

select distinct
    {{ quarter_plus('withheld.quarter', 'parts.quarters_before') }} as quarter,
    withheld.region_code,
    parts.indicator
from parts
inner join {{ ref('dis_withheld') }} as withheld on parts.measure = withheld.measure
where {{ in_quarters(quarter_plus('withheld.quarter', 'parts.quarters_before')) }}
