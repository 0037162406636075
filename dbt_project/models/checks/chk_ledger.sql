{#- The bureau's own ledger: one row per check × quarter × region × indicator, and one row per quarter and check without region that
    says how many rows the ledger has. Figures against earlier quarters are judged in chk_ledger_time, targets in chk_targets.

    `ratio`: value minus the quotient of its parts, within half the last printed digit; a ratio without parts has no observed value.
    `ratio_nearest`: a ratio that its own parts do not give, against the pair of the programme's counts that comes nearest to it, named in
    `indicator`; observed is what that pair gives, the bound what the stated parts give.
    `funnel`: a later stage is not above the stage before. `unit`: 1 where the unit is the catalogue's. `in_catalogue`: 1 where the code
    is known. `as_of_day`: days from the day stated to the delivery. `as_of_end`: days from the period's end to the day stated. -#}

{%- set stages = [
    ['HNTE_PUT', 'HNTE_APPLIED'],
    ['HNTE_PASSED', 'HNTE_PUT'],
    ['HNTE_NEW', 'HNTE_PASSED'],
    ['POINT_TECH', 'POINT_AMOUNT'],
] %}

with entries as (
    select
        entry.quarter,
        entry.region_code,
        entry.indicator,
        entry.period,
        entry.as_of,
        entry.value,
        entry.numerator,
        entry.denominator,
        entry.unit,
        entry.delivery_id,
        catalogue.unit as catalogue_unit,
        catalogue.kind,
        case
            {%- for step in ['1', '0.1', '0.01', '0.001', '0.0001', '0.00001'] %}
            when entry.value % {{ step }} = 0 then {{ step }}
            {%- endfor %}
            else 0.000001
        end as step
    from {{ ref('stg_ledger__entries') }} as entry
    left join {{ ref('indicators') }} as catalogue on entry.indicator = catalogue.code
),

ratios as (
    select
        entries.quarter,
        entries.region_code,
        entries.indicator,
        entries.period,
        entries.delivery_id,
        entries.step,
        {{ to_double('entries.value') }} as stated,
        case when entries.unit = '%' then 100 else 1 end as factor,
        {{ to_double('entries.value') }}
        - case when entries.unit = '%' then 100 else 1 end
        * {{ to_double('entries.numerator') }} / {{ to_double('nullif(entries.denominator, 0)') }} as residual
    from entries
    where entries.value is not null
        and (entries.kind = 'ratio' or (entries.numerator is not null and entries.denominator is not null))
),

misfits as (
    select
        ratios.quarter,
        ratios.region_code,
        ratios.indicator,
        ratios.period,
        ratios.delivery_id,
        ratios.stated,
        ratios.factor,
        ratios.stated - ratios.residual as of_own_parts
    from ratios
    where abs(ratios.residual) > {{ to_double('ratios.step / 2') }} + 1e-9
),

pairs as (
    select
        misfits.quarter,
        misfits.region_code,
        misfits.indicator || ' ≈ ' || part.indicator || ' / ' || whole.indicator as indicator,
        misfits.delivery_id,
        misfits.of_own_parts,
        misfits.factor * {{ to_double('part.value') }} / {{ to_double('whole.value') }} as quotient,
        row_number() over (
            partition by misfits.quarter, misfits.region_code, misfits.indicator, misfits.period
            order by
                abs(misfits.factor * {{ to_double('part.value') }} / {{ to_double('whole.value') }} - misfits.stated),
                part.indicator,
                whole.indicator
        ) as place
    from misfits
    inner join entries as part
        on misfits.quarter = part.quarter
        and misfits.region_code = part.region_code
        and misfits.period = part.period
        and split_part(misfits.indicator, '_', 1) = split_part(part.indicator, '_', 1)
    inner join entries as whole
        on part.quarter = whole.quarter
        and part.region_code = whole.region_code
        and part.period = whole.period
        and part.unit = whole.unit
        and part.indicator <> whole.indicator
        and split_part(part.indicator, '_', 1) = split_part(whole.indicator, '_', 1)
    where whole.value > 0 and part.value is not null and part.kind <> 'ratio' and whole.kind <> 'ratio'
),

rows_of_check as (
    select
        ratios.quarter,
        'ratio' as check_name,
        ratios.region_code,
        ratios.indicator,
        ratios.delivery_id,
        ratios.residual as observed,
        {{ to_double('-ratios.step / 2') }} - 1e-9 as lower,
        {{ to_double('ratios.step / 2') }} + 1e-9 as upper
    from ratios
    {%- for later, earlier in stages %}
    union all
    select
        later.quarter,
        'funnel' as check_name,
        later.region_code,
        '{{ later }}' as indicator,
        later.delivery_id,
        {{ to_double('later.value') }} as observed,
        0 as lower,
        {{ to_double('earlier.value') }} as upper
    from entries as later
    inner join entries as earlier
        on later.quarter = earlier.quarter
        and later.region_code = earlier.region_code
        and later.period = earlier.period
        and earlier.indicator = '{{ earlier }}'
    where later.indicator = '{{ later }}' and later.value is not null and earlier.value is not null
    {%- endfor %}
    union all
    select
        entries.quarter,
        'unit' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        case when entries.unit = entries.catalogue_unit then 1 else 0 end as observed,
        1 as lower,
        1 as upper
    from entries
    where entries.catalogue_unit is not null
    union all
    select
        entries.quarter,
        'in_catalogue' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        case when entries.kind is null then 0 else 1 end as observed,
        1 as lower,
        1 as upper
    from entries
    union all
    select
        entries.quarter,
        'as_of_day' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        {{ days_between('entries.as_of', 'in_force.received_on') }} as observed,
        0 as lower,
        null as upper
    from entries
    inner join {{ source('landing', 'in_force') }} as in_force
        on entries.quarter = in_force.quarter and in_force.feed = 'ledger'
    where entries.as_of is not null
    union all
    select
        entries.quarter,
        'as_of_end' as check_name,
        entries.region_code,
        entries.indicator,
        entries.delivery_id,
        {{ days_between(
            quarter_end("case when length(entries.period) = 4 then entries.period || 'Q4' else entries.period end"), 'entries.as_of'
        ) }} as observed,
        0 as lower,
        null as upper
    from entries
    union all
    select
        pairs.quarter,
        'ratio_nearest' as check_name,
        pairs.region_code,
        pairs.indicator,
        pairs.delivery_id,
        pairs.quotient as observed,
        pairs.of_own_parts - 1e-9 as lower,
        pairs.of_own_parts + 1e-9 as upper
    from pairs
    where pairs.place = 1
    {{ union_rows_asked(['ratio', 'ratio_nearest', 'funnel', 'unit', 'in_catalogue', 'as_of_day', 'as_of_end'], 'entries') }}
)

{{ check_table('rows_of_check') }}
