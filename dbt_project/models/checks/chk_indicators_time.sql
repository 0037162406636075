{#- Published values against earlier quarters and other counties: one row per check × quarter × region × indicator.

    `not_below`: a counted flow of the year is not below the quarter before. `accumulated`: a flow that the project adds up from quarters,
    minus the quarter before and this quarter alone. `power_of_ten`: as in chk_statistics_time, for 1 000, 10 000 and 10^8,
    and for added-up sums of 20 rows or more. `range`: a computed growth, and a difference of shares in points.
    `outlier`, `outlier_added_up`: growth on a year before on the log scale, as a multiple of the median absolute deviation over the
    counties, of delivered amounts, and of added-up sums of 20 rows or more. `own_history`: the same against the county's own earlier
    growths, from eight on. `share_break`: change of a share of high-tech industry in a year, in points. `stale`: of this and the four
    quarters before, those with this very value; no stock, and a count from 100. -#}

with published as (
    select
        indicator.quarter,
        indicator.region_code,
        indicator.level,
        indicator.indicator,
        indicator.value,
        indicator.unit,
        indicator.status,
        catalogue.rule,
        catalogue.kind,
        catalogue.divisor,
        catalogue.accumulates,
        catalogue.regions
    from {{ ref('ind_values') }} as indicator
    inner join {{ ref('indicators') }} as catalogue on indicator.indicator = catalogue.code and catalogue.rule <> 'ledger'
    where indicator.period = indicator.quarter
),

changes as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        published.level,
        published.regions,
        published.value / before.value as ratio,
        ln(published.value / before.value) as log_ratio
    from published
    inner join published as before
        on {{ quarter_plus('published.quarter', -4) }} = before.quarter
        and published.region_code = before.region_code
        and published.indicator = before.indicator
    where published.rule = 'sum' and published.value > 0 and before.value > 0
),

cells as (
    select
        cell.quarter,
        cell.region_code,
        cell.indicator,
        cell.amount,
        cell.contributions,
        least(cell.contributions, year_before.contributions) as fewest_contributions
    from {{ ref('int_cells') }} as cell
    left join {{ ref('int_cells') }} as year_before
        on {{ quarter_plus('cell.quarter', -4) }} = year_before.quarter
        and cell.region_code = year_before.region_code
        and cell.indicator = year_before.indicator
        and cell.role = year_before.role
    where cell.role = 'amount' and {{ in_quarters('cell.quarter') }}
),

weighed as (
    select
        changes.quarter,
        changes.region_code,
        changes.indicator,
        changes.regions,
        changes.log_ratio
    from changes
    left join cells
        on changes.quarter = cells.quarter
        and changes.region_code = cells.region_code
        and changes.indicator = cells.indicator
    -- A wrong unit or a lost file moves every row; where few rows make the sum, one large contract can do as much.
    where changes.level = 'c' and (changes.regions = 'delivered' or cells.fewest_contributions >= 20)
),

medians as (
    select
        weighed.quarter,
        weighed.indicator,
        median(weighed.log_ratio) as centre,
        mad(weighed.log_ratio) as deviation
    from weighed
    where {{ in_quarters('weighed.quarter') }}
    group by weighed.quarter, weighed.indicator
),

histories as (
    select
        weighed.quarter,
        weighed.region_code,
        weighed.indicator,
        case when count(*) >= 8
            then abs(max(weighed.log_ratio) - median(earlier.log_ratio)) / greatest(mad(earlier.log_ratio), 0.02)
        end as deviations
    from weighed
    inner join weighed as earlier
        on weighed.quarter > earlier.quarter
        and weighed.region_code = earlier.region_code
        and weighed.indicator = earlier.indicator
    where weighed.regions = 'delivered' and {{ in_quarters('weighed.quarter') }}
    group by weighed.quarter, weighed.region_code, weighed.indicator
),

earlier_quarters as (
    select
        published.quarter,
        published.region_code,
        published.indicator,
        max(case when earlier.quarter = {{ quarter_plus('published.quarter', -1) }} then earlier.value end) as value_before,
        max(case when earlier.quarter = {{ quarter_plus('published.quarter', -4) }} then earlier.value end) as value_year_before,
        count(*) filter (where earlier.value = published.value) as same_values
    from published
    inner join published as earlier
        on earlier.quarter between {{ quarter_plus('published.quarter', -4) }} and published.quarter
        and published.region_code = earlier.region_code
        and published.indicator = earlier.indicator
    where published.status = 'value' and {{ in_quarters('published.quarter') }}
    group by published.quarter, published.region_code, published.indicator
),

compared as (
    select
        published.quarter,
        published.region_code,
        published.level,
        published.indicator,
        published.value,
        published.unit,
        published.rule,
        published.kind,
        published.regions,
        published.accumulates,
        {{ to_double('coalesce(cells.amount, 0)') }} / published.divisor
        + case when substr(published.quarter, 6, 1) = '1' then 0 else earlier_quarters.value_before end as value_of_parts,
        changes.ratio,
        cells.fewest_contributions,
        earlier_quarters.value_before,
        earlier_quarters.value_year_before,
        earlier_quarters.same_values,
        weighed.log_ratio,
        medians.centre,
        medians.deviation,
        histories.deviations
    from published
    left join earlier_quarters
        on published.quarter = earlier_quarters.quarter
        and published.region_code = earlier_quarters.region_code
        and published.indicator = earlier_quarters.indicator
    left join changes
        on published.quarter = changes.quarter
        and published.region_code = changes.region_code
        and published.indicator = changes.indicator
    left join cells
        on published.quarter = cells.quarter
        and published.region_code = cells.region_code
        and published.indicator = cells.indicator
    left join weighed
        on published.quarter = weighed.quarter
        and published.region_code = weighed.region_code
        and published.indicator = weighed.indicator
    left join medians
        on published.quarter = medians.quarter and published.indicator = medians.indicator
    left join histories
        on published.quarter = histories.quarter
        and published.region_code = histories.region_code
        and published.indicator = histories.indicator
    where published.status = 'value' and {{ in_quarters('published.quarter') }}
),

rows_of_check as (
    {%- for check, observed, lower, upper, condition in [
        [
            'not_below', 'compared.value', "case when substr(compared.quarter, 6, 1) <> '1' then compared.value_before end", 'null',
            "compared.kind = 'flow_ytd' and compared.regions = 'added_up'",
        ],
        ['accumulated', 'compared.value - compared.value_of_parts', -1e-6, 1e-6, 'compared.accumulates'],
        [
            'power_of_ten', 'coalesce(compared.ratio, 1)', power_of_ten_bound('compared.ratio', [8, 4, 3], 'lower'),
            power_of_ten_bound('compared.ratio', [8, 4, 3], 'upper'),
            "compared.rule = 'sum' and (compared.regions = 'delivered' or compared.fewest_contributions >= 20)",
        ],
        [
            'outlier', 'coalesce(abs(compared.log_ratio - compared.centre) / greatest(compared.deviation, 0.02), 0)', 0, 10,
            "compared.rule = 'sum' and compared.regions = 'delivered' and compared.level = 'c'",
        ],
        [
            'outlier_added_up', 'coalesce(abs(compared.log_ratio - compared.centre) / greatest(compared.deviation, 0.05), 0)', 0, 15,
            "compared.rule = 'sum' and compared.regions = 'added_up' and compared.level = 'c'",
        ],
        [
            'own_history', 'coalesce(compared.deviations, 0)', 0, 10,
            "compared.rule = 'sum' and compared.regions = 'delivered' and compared.level = 'c'",
        ],
        ['share_break', 'coalesce(compared.value - compared.value_year_before, 0)', -5, 5, "compared.indicator = 'HT_SHARE'"],
        [
            'stale', 'compared.same_values', 0, 4,
            "compared.kind not in ('annual', 'stock') and (compared.unit not in ('家', '项', '人') or compared.value >= 100) and compared.value <> 0",
        ],
    ] %}
    select
        compared.quarter,
        '{{ check }}' as check_name,
        compared.region_code,
        compared.indicator,
        '' as delivery_id,
        cast({{ observed }} as double) as observed,
        cast({{ lower }} as double) as lower,
        cast({{ upper }} as double) as upper
    from compared
    where {{ condition }}
    union all
    {%- endfor %}
    select
        published.quarter,
        'range' as check_name,
        published.region_code,
        published.indicator,
        '' as delivery_id,
        case when published.status = 'value' then published.value else 0 end as observed,
        case published.rule when 'difference' then -3 else -100 end as lower,
        case published.rule when 'difference' then 3 else 1000 end as upper
    from published
    where published.rule in ('growth_pct', 'difference') and {{ in_quarters('published.quarter') }}
)

{{ check_table('rows_of_check') }}
