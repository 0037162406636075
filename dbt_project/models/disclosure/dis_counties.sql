{#- Bounds of what single firms contribute to a county's figure, without adding up firm by firm: one row per quarter × measure × county. Firms are
    put into drawers by the last character of their code or name. No firm contributes more than all rows of its drawer together without
    their signs, and a drawer that holds no refund and an amount holds a firm with one. -#}

with drawers as (
    select
        contribution.quarter,
        contribution.measure,
        contribution.region_code,
        right(contribution.contributor, 1) as drawer,
        sum(contribution.amount) as amount,
        sum(abs(contribution.amount)) as size,
        min(contribution.amount) as smallest
    from {{ ref('dis_contributions') }} as contribution
    where contribution.edition = '' and {{ in_quarters('contribution.quarter') }}
    group by contribution.quarter, contribution.measure, contribution.region_code, right(contribution.contributor, 1)
)

select
    drawers.quarter,
    drawers.measure,
    drawers.region_code,
    count(case when drawers.smallest >= 0 and drawers.size > 0 then 1 end) as contributors_at_least,
    cast(sum(drawers.amount) as decimal(38, 6)) as amount,
    cast(max(drawers.size) as decimal(38, 6)) as largest_at_most,
    min(drawers.smallest) >= 0 as is_without_refunds
from drawers
group by drawers.quarter, drawers.measure, drawers.region_code
