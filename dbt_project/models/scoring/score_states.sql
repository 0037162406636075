with memberships as (
    select
        score_members.scenario,
        score_members.ruleset,
        score_members.period,
        score_members.unit,
        rule_applies.indicator,
        rule_applies.is_member as is_required,
        max(case when {{ is_member('int_scoring_groups.group_value') }} then 1 else 0 end) as is_in
    from {{ ref('score_members') }} as score_members
    inner join {{ source('rules', 'rule_applies') }} as rule_applies on score_members.ruleset = rule_applies.ruleset
    left join {{ ref('int_scoring_groups') }} as int_scoring_groups
        on
            rule_applies.membership = int_scoring_groups.group_name
            and score_members.period = int_scoring_groups.period
            and score_members.unit = int_scoring_groups.unit
    group by 1, 2, 3, 4, 5, 6
),

excluded as (
    select distinct
        memberships.scenario,
        memberships.ruleset,
        memberships.period,
        memberships.unit,
        memberships.indicator
    from memberships
    where memberships.is_required = (memberships.is_in = 0)
),

observed as (
    select
        score_members.scenario,
        score_members.ruleset,
        score_members.period,
        score_members.unit,
        rule_indicator.indicator,
        rule_indicator.not_published,
        rule_indicator.carry_quarters,
        int_scoring_values.value,
        case
            when excluded.unit is not null then 'not_applicable'
            when rule_indicator.has_calendar and rule_calendar.part is null then 'not_published'
            when int_scoring_values.unit is null then 'missing'
            when int_scoring_values.state = 'value' and int_scoring_values.value is null then 'missing'
            else int_scoring_values.state
        end as state
    from {{ ref('score_members') }} as score_members
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator on score_members.ruleset = rule_indicator.ruleset
    left join {{ source('rules', 'rule_calendar') }} as rule_calendar
        on
            rule_indicator.ruleset = rule_calendar.ruleset
            and rule_indicator.indicator = rule_calendar.indicator
            and rule_calendar.part = case when length(score_members.period) = 4 then 'Q4' else substr(score_members.period, 5) end
    left join {{ ref('int_scoring_values') }} as int_scoring_values
        on
            score_members.scenario = int_scoring_values.scenario
            and score_members.period = int_scoring_values.period
            and score_members.unit = int_scoring_values.unit
            and rule_indicator.indicator = int_scoring_values.indicator
    left join excluded
        on
            score_members.scenario = excluded.scenario
            and score_members.ruleset = excluded.ruleset
            and score_members.period = excluded.period
            and score_members.unit = excluded.unit
            and rule_indicator.indicator = excluded.indicator
),

earlier as (
    select
        observed.scenario,
        observed.ruleset,
        observed.period,
        observed.unit,
        observed.indicator,
        int_scoring_values.period as value_period,
        int_scoring_values.value,
        row_number() over (
            partition by observed.scenario, observed.ruleset, observed.period, observed.unit, observed.indicator
            order by {{ quarter_index('int_scoring_values.period') }} desc
        ) as recency
    from observed
    inner join {{ ref('int_scoring_values') }} as int_scoring_values
        on
            observed.scenario = int_scoring_values.scenario
            and observed.unit = int_scoring_values.unit
            and observed.indicator = int_scoring_values.indicator
    left join {{ source('rules', 'rule_calendar') }} as rule_calendar
        on
            observed.ruleset = rule_calendar.ruleset
            and observed.indicator = rule_calendar.indicator
            and rule_calendar.part = case when length(int_scoring_values.period) = 4 then 'Q4' else substr(int_scoring_values.period, 5) end
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator
        on observed.ruleset = rule_indicator.ruleset and observed.indicator = rule_indicator.indicator
    where
        observed.state = 'not_published'
        and observed.not_published = 'carry_last'
        and int_scoring_values.state in ('value', 'withheld')
        and int_scoring_values.value is not null
        and (not rule_indicator.has_calendar or rule_calendar.part is not null)
        and {{ quarter_index('int_scoring_values.period') }} < {{ quarter_index('observed.period') }}
        and {{ quarter_index('int_scoring_values.period') }} >= {{ quarter_index('observed.period') }} - observed.carry_quarters
)

select
    observed.scenario,
    observed.ruleset,
    observed.period,
    observed.unit,
    observed.indicator,
    observed.state,
    case
        when observed.state in ('value', 'withheld') then observed.value
        when observed.state = 'not_published' and observed.not_published = 'nowcast' then observed.value
        else earlier.value
    end as value,
    coalesce(earlier.value_period, observed.period) as value_period,
    case
        when observed.state <> 'not_published' then ''
        when earlier.value is not null then 'carry_last'
        when observed.not_published = 'nowcast' and observed.value is not null then 'nowcast'
        else ''
    end as filled_by
from observed
left join earlier
    on
        observed.scenario = earlier.scenario
        and observed.ruleset = earlier.ruleset
        and observed.period = earlier.period
        and observed.unit = earlier.unit
        and observed.indicator = earlier.indicator
        and earlier.recency = 1
