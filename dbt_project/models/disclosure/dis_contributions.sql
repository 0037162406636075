{#- What firms contribute to a county's figure, to date of the year: one row per contribution that counts, of the deliveries in force (edition '')
    and of those that earlier editions were made from. Firms of one controlling group are one contributor. Where an office delivers the
    county's figure, its list of firms stands for those that it names. Not added up: most figures are seen to be safe without that
    (dis_counties), and of the others only are the firms looked at (dis_cells). -#}
{{ config(materialized='view') }}

with counted as (
    select
        '' as edition,
        contribution.quarter,
        measure.measure,
        contribution.region_code,
        contribution.contributor as firm,
        contribution.amount
    from {{ ref('int_contributions') }} as contribution
    inner join {{ ref('disclosure_measures') }} as measure
        on contribution.indicator || '.' || contribution.role = measure.measure and measure.judged_by = 'contributions'
    where contribution.excluded_because is null and {{ in_quarters_before('contribution.quarter', [0, 1]) }}
    union all
    select
        '' as edition,
        due.quarter,
        measure.measure,
        contribution.region_code,
        contribution.contributor as firm,
        contribution.amount
    from {{ ref('int_contributions') }} as contribution
    inner join {{ ref('indicators') }} as catalogue
        on contribution.indicator = catalogue.code and catalogue.accumulates
    inner join {{ ref('disclosure_measures') }} as measure
        on contribution.indicator || '.' || contribution.role = measure.measure and measure.judged_by = 'contributions'
    inner join (
        select distinct in_force.quarter
        from {{ ref('stg_deliveries') }} as in_force
        where {{ in_quarters_before('in_force.quarter', [0, 1]) }}
    ) as due
        on {{ quarter_year('contribution.quarter') }} = {{ quarter_year('due.quarter') }} and contribution.quarter < due.quarter
    where contribution.excluded_because is null and {{ in_quarters_before('contribution.quarter', range(1, 5)) }}
    {%- for column in ['rd_expense_ytd_yuan', 'revenue_ytd_yuan', 'ind_va_ytd_yuan'] %}
    union all
    select
        '' as edition,
        listed.quarter,
        measure.measure,
        listed.region_code,
        listed.uscc as firm,
        listed.{{ column }} as amount
    from {{ ref('stg_statistics__enterprises') }} as listed
    inner join {{ ref('disclosure_measures') }} as measure
        on measure.judged_by = 'enterprises' and measure.column_name = '{{ column }}'
    where {{ in_quarters_before('listed.quarter', [0, 1]) }} and (measure.among is null or listed.is_high_tech)
    {%- endfor %}
    union all
    select
        known.edition,
        known.quarter,
        known.measure,
        known.region_code,
        known.contributor as firm,
        known.amount
    from {{ source('published', 'contributions') }} as known
    inner join {{ ref('disclosure_measures') }} as measure
        on known.measure = measure.measure and measure.judged_by = 'contributions'
    where {{ in_quarters('known.quarter') }}
)

select
    counted.edition,
    counted.quarter,
    counted.measure,
    counted.region_code,
    coalesce(controlling.controlling_group, counted.firm, 'nobody named') as contributor,
    cast(counted.amount as decimal(28, 6)) as amount
from counted
left join {{ ref('controlling_groups') }} as controlling
    on
        counted.firm = controlling.uscc
        and counted.quarter >= controlling.valid_from
        and (controlling.valid_to is null or counted.quarter <= controlling.valid_to)
