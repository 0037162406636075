{#- Every cell that firms contribute to, held to the primary rules: one row per quarter × kind × measure × region. `to_date` is the figure
    that is published; `quarter` is what two published figures of one year differ by, and the number of an edition is what the figure and the
    one that was published then differ by: both are published by nobody and can be computed by everybody. -#}

with told as (
    select distinct
        known.edition,
        known.quarter
    from {{ source('published', 'contributions') }} as known
    inner join {{ ref('disclosure_rules') }} as rule
        on known.quarter >= rule.valid_from and (rule.valid_to is null or known.quarter <= rule.valid_to)
    where rule.rule = 'corrections' and rule.parameter = 'are_judged' and rule.value = '1'
),

amounts as (
    select
        'to_date' as kind,
        own.quarter,
        own.measure,
        own.region_code,
        own.contributor,
        own.amount
    from {{ ref('dis_contributors') }} as own
    where own.edition = '' and {{ in_quarters('own.quarter') }}
    union all
    select
        'quarter' as kind,
        moved.quarter,
        moved.measure,
        moved.region_code,
        moved.contributor,
        sum(moved.amount) as amount
    from (
        select
            own.quarter,
            own.measure,
            own.region_code,
            own.contributor,
            own.amount
        from {{ ref('dis_contributors') }} as own
        where own.edition = '' and {{ in_quarters('own.quarter') }}
        union all
        select
            {{ quarter_plus('earlier.quarter', 1) }} as quarter,
            earlier.measure,
            earlier.region_code,
            earlier.contributor,
            -earlier.amount as amount
        from {{ ref('dis_contributors') }} as earlier
        where earlier.edition = '' and {{ in_quarters(quarter_plus('earlier.quarter', 1)) }}
    ) as moved
    inner join {{ ref('indicators') }} as catalogue
        on split_part(moved.measure, '.', 1) = catalogue.code and catalogue.kind = 'flow_ytd'
    where {{ quarter_number('moved.quarter') }} > 1
    group by moved.quarter, moved.measure, moved.region_code, moved.contributor
    having sum(moved.amount) <> 0
    union all
    select
        corrected.edition as kind,
        corrected.quarter,
        corrected.measure,
        corrected.region_code,
        corrected.contributor,
        sum(corrected.amount) as amount
    from (
        select
            known.edition,
            known.quarter,
            known.measure,
            known.region_code,
            known.contributor,
            -known.amount as amount
        from {{ ref('dis_contributors') }} as known
        inner join told on known.edition = told.edition and known.quarter = told.quarter
        where {{ in_quarters('known.quarter') }}
        union all
        select
            told.edition,
            own.quarter,
            own.measure,
            own.region_code,
            own.contributor,
            own.amount
        from {{ ref('dis_contributors') }} as own
        inner join told on own.quarter = told.quarter
        where own.edition = '' and {{ in_quarters('own.quarter') }}
    ) as corrected
    inner join {{ ref('disclosure_measures') }} as judged
        on corrected.measure = judged.measure and judged.judged_by = 'contributions'
    group by corrected.edition, corrected.quarter, corrected.measure, corrected.region_code, corrected.contributor
    having sum(corrected.amount) <> 0
),

regions as (
    select
        amounts.kind,
        amounts.quarter,
        amounts.measure,
        amounts.region_code,
        amounts.contributor,
        amounts.amount,
        division.level,
        division.city_code,
        province.code as province_code
    from amounts
    {{ join_division('amounts.region_code', quarter_end('amounts.quarter'), ['c', 'r']) }}
    inner join {{ ref('divisions') }} as province on province.level = 'p'
),

at_all_levels as (
    {%- for code, condition in [('region_code', 'true'), ('city_code', "regions.level = 'c'"), ('province_code', 'true')] %}
    select
        regions.kind,
        regions.quarter,
        regions.measure,
        regions.{{ code }} as region_code,
        regions.contributor,
        regions.amount
    from regions
    where {{ condition }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)
,

delivered as (
    select
        measure.quarter,
        measure.measure,
        measure.region_code,
        measure.amount,
        before.amount as amount_before
    from {{ ref('int_measures') }} as measure
    inner join {{ ref('disclosure_measures') }} as judged on measure.measure = judged.measure and judged.judged_by = 'enterprises'
    left join {{ ref('int_measures') }} as before
        on
            measure.quarter = {{ quarter_plus('before.quarter', 1) }}
            and measure.measure = before.measure
            and measure.region_code = before.region_code
    where {{ in_quarters('measure.quarter') }}
),

named as (
    select
        at_all_levels.kind,
        at_all_levels.quarter,
        at_all_levels.measure,
        at_all_levels.region_code,
        sum(at_all_levels.amount) as amount
    from at_all_levels
    group by at_all_levels.kind, at_all_levels.quarter, at_all_levels.measure, at_all_levels.region_code
),

not_named as (
    select
        named.kind,
        named.quarter,
        named.measure,
        named.region_code,
        greatest(
            case named.kind when 'to_date' then delivered.amount else delivered.amount - delivered.amount_before end - named.amount,
            0
        ) as amount
    from named
    inner join delivered
        on named.quarter = delivered.quarter and named.measure = delivered.measure and named.region_code = delivered.region_code
)

select unsafe.*
from (
{{ unsafe_cells('at_all_levels', ['kind', 'quarter', 'measure', 'region_code'], 'quarter', others='not_named') }}
) as unsafe
