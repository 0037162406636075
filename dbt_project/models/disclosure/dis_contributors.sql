{#- Who contributes what to a county's figure, to date of the year: one row per edition (empty: what is published next) × quarter × measure ×
    county × contributor, where firms of one controlling group are one contributor. Where an office delivers the county's figure, its list of
    firms stands for those that it names. -#}

with counted as (
    select
        '' as edition,
        contribution.quarter,
        contribution.region_code,
        contribution.source_table,
        contribution.contributor,
        contribution.amount,
        measure.measure,
        catalogue.accumulates
    from {{ ref('int_contributions') }} as contribution
    inner join {{ ref('indicators') }} as catalogue on contribution.indicator = catalogue.code
    inner join {{ ref('disclosure_measures') }} as measure
        on contribution.indicator || '.' || contribution.role = measure.measure and measure.judged_by = 'contributions'
    where
        contribution.excluded_because is null
        and {{ in_quarters_before('contribution.quarter', [0, 1, 2, 3]) }}
),

due as (
    select distinct in_force.quarter
    from {{ ref('stg_deliveries') }} as in_force
    where {{ in_quarters('in_force.quarter') }}
),

published as (
    select
        known.edition,
        known.quarter,
        known.of_quarter,
        known.measure,
        known.region_code,
        known.source_table,
        known.contributor,
        known.amount
    from {{ source('published', 'contributions') }} as known
    inner join {{ ref('disclosure_measures') }} as measure
        on known.measure = measure.measure and measure.judged_by = 'contributions'
    where {{ in_quarters('known.quarter') }}
),

to_date as (
    select
        counted.edition,
        counted.quarter,
        counted.quarter as of_quarter,
        counted.measure,
        counted.region_code,
        counted.source_table,
        counted.contributor,
        counted.amount
    from counted
    where {{ in_quarters('counted.quarter') }}
    union all
    select
        counted.edition,
        due.quarter,
        counted.quarter as of_quarter,
        counted.measure,
        counted.region_code,
        counted.source_table,
        counted.contributor,
        counted.amount
    from counted
    inner join due on {{ quarter_year('counted.quarter') }} = {{ quarter_year('due.quarter') }} and counted.quarter < due.quarter
    where counted.accumulates
    union all
    select
        published.edition,
        published.quarter,
        published.of_quarter,
        published.measure,
        published.region_code,
        published.source_table,
        published.contributor,
        published.amount
    from published
),

firms as (
    select
        to_date.edition,
        to_date.quarter,
        to_date.measure,
        to_date.region_code,
        coalesce(taxpayer.uscc, to_date.contributor, 'nobody named') as firm,
        to_date.amount
    from to_date
    left join {{ ref('stg_tax__taxpayers') }} as taxpayer
        on
            to_date.source_table in ('tax/sb_yfjjkc', 'tax/sb_zzs')
            and to_date.of_quarter = taxpayer.quarter
            and to_date.contributor = cast(taxpayer.taxpayer_id as string)
    {%- for column in ['rd_expense_ytd_yuan', 'revenue_ytd_yuan', 'ind_va_ytd_yuan'] %}
    union all
    select
        '' as edition,
        firm.quarter,
        measure.measure,
        firm.region_code,
        firm.uscc,
        firm.{{ column }}
    from {{ ref('stg_statistics__enterprises') }} as firm
    inner join {{ ref('disclosure_measures') }} as measure
        on measure.judged_by = 'enterprises' and measure.column_name = '{{ column }}'
    where {{ in_quarters('firm.quarter') }} and (measure.among is null or firm.is_high_tech)
    {%- endfor %}
)

select
    firms.edition,
    firms.quarter,
    firms.measure,
    firms.region_code,
    coalesce(controlling.controlling_group, firms.firm) as contributor,
    cast(sum(firms.amount) as decimal(38, 6)) as amount
from firms
left join {{ ref('controlling_groups') }} as controlling
    on
        firms.firm = controlling.uscc
        and firms.quarter >= controlling.valid_from
        and (controlling.valid_to is null or firms.quarter <= controlling.valid_to)
group by firms.edition, firms.quarter, firms.measure, firms.region_code, coalesce(controlling.controlling_group, firms.firm)
having sum(firms.amount) <> 0
