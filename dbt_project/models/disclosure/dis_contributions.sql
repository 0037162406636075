{#- What firms contribute to a county's figure, to date of the year: one row per contribution that counts, of the deliveries in force (edition '')
    and of those that earlier editions were made from. Firms of one controlling group are one contributor. Where an office delivers the
    county's figure, its list of firms stands for those that it names. Not added up: most figures are seen to be safe without that
    (dis_looked_at), and of the others only are the firms looked at (dis_cells). -#}
{{ config(materialized='view') }}

with judged as (
    select
        measure.measure,
        catalogue.code as indicator,
        split_part(measure.measure, '.', 2) as role,
        catalogue.accumulates
    from {{ ref('disclosure_measures') }} as measure
    inner join {{ ref('indicators') }} as catalogue
        on split_part(measure.measure, '.', 1) = catalogue.code
    where measure.judged_by = 'contributions'
),

quarters as (
    select distinct in_force.quarter
    from {{ ref('stg_deliveries') }} as in_force
    where {{ in_quarters_before('in_force.quarter', range(5)) }}
),

{# In which quarters' figures a quarter's contributions count: its own, and the year's later ones where they add up. #}
counts_in as (
    select
        own.quarter as of_quarter,
        own.quarter,
        kinds.accumulates
    from quarters as own
    cross join (select distinct judged.accumulates from judged) as kinds
    union all
    select
        earlier.quarter as of_quarter,
        later.quarter,
        true as accumulates
    from quarters as earlier
    inner join quarters as later
        on {{ quarter_year('earlier.quarter') }} = {{ quarter_year('later.quarter') }} and earlier.quarter < later.quarter
),

counted as (
    select
        '' as edition,
        counts_in.quarter,
        judged.measure,
        contribution.region_code,
        contribution.contributor as firm,
        contribution.amount
    from {{ ref('int_contributions') }} as contribution
    inner join judged
        on contribution.indicator = judged.indicator and contribution.role = judged.role
    inner join counts_in
        on contribution.quarter = counts_in.of_quarter and judged.accumulates = counts_in.accumulates
    where
        contribution.excluded_because is null
        and {{ in_quarters_before('contribution.quarter', range(5)) }}
        and {{ in_quarters_before('counts_in.quarter', [0, 1]) }}
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
