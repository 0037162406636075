{#- Disclosure control: one row per check × quarter × measure (in `indicator`). `unaudited`: unsafe figures whose interval nobody computed.
    `exposed`: unsafe figures that can be computed too closely from all that is published. `scored`: withheld values that went into scores,
    where points, totals and places would tell them. -#}

with measures as (
    select distinct
        measure.quarter,
        measure.measure
    from {{ ref('int_measures') }} as measure
    inner join {{ ref('disclosure_measures') }} as judged
        on measure.measure = judged.measure and judged.judged_by in ('contributions', 'enterprises')
),

unsafe as (
    select
        cell.quarter,
        cell.measure,
        cell.quarter || '/' || cell.region_code as figure
    from {{ ref('dis_cells') }} as cell
    where cell.unsafe_by is not null and cell.kind = 'to_date'
),

unaudited as (
    select
        unsafe.quarter,
        unsafe.measure,
        count(*) as figures
    from unsafe
    left join {{ ref('dis_audit') }} as audited
        on unsafe.quarter = audited.quarter and unsafe.measure = audited.measure and unsafe.figure = audited.figure
    where audited.figure is null
    group by unsafe.quarter, unsafe.measure
),

exposed as (
    select
        audited.quarter,
        audited.measure,
        count(*) as figures
    from {{ ref('dis_audit') }} as audited
    where audited.is_exposed
    group by audited.quarter, audited.measure
),

scored as (
    select
        withheld.quarter,
        catalogue.numerator as measure,
        count(*) as figures
    from {{ ref('dis_indicators') }} as withheld
    inner join {{ ref('indicators') }} as catalogue on withheld.indicator = catalogue.code
    left join {{ ref('int_scoring_values') }} as scored
        on withheld.quarter = scored.period and withheld.region_code = scored.unit and withheld.indicator = scored.indicator
    left join {{ ref('ed_scores') }} as shown
        on withheld.quarter = shown.quarter and withheld.region_code = shown.region_code and withheld.indicator = shown.node
    where scored.value is not null or shown.value is not null or shown.points is not null
    group by withheld.quarter, catalogue.numerator
),

rows_of_check as (
    {%- for check in ['unaudited', 'exposed', 'scored'] %}
    select
        measures.quarter,
        '{{ check }}' as check_name,
        '' as region_code,
        measures.measure as indicator,
        '' as delivery_id,
        coalesce({{ check }}.figures, 0) as observed,
        0 as lower,
        0 as upper
    from measures
    left join {{ check }} on measures.quarter = {{ check }}.quarter and measures.measure = {{ check }}.measure
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

{{ check_table('rows_of_check') }}
