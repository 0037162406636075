{#- Fails with the county that the group `hangzhou` names and the dated divisions do not, or the other way round, or twice. -#}
with counts as (
    select
        membership.period,
        membership.unit,
        count(case when membership.group_name = 'hangzhou' and {{ is_member('membership.group_value') }} then 1 end) as listed,
        count(case when membership.group_name = 'city' and membership.group_value = '330100' then 1 end) as in_force
    from {{ ref('int_scoring_groups') }} as membership
    group by membership.period, membership.unit
)

select
    counts.period,
    counts.unit,
    counts.listed,
    counts.in_force
from counts
where counts.period >= '2021Q2' and counts.listed <> counts.in_force
