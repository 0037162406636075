{%- set run = 'scenario, ruleset, period, indicator, component' %}
{%- set relative = "('minmax', 'zscore', 'rank', 'percentile', 'ratio_to_best', 'around')" %}
with based as (
    select
        score_states.scenario,
        score_states.ruleset,
        score_states.period,
        score_states.unit,
        score_states.indicator,
        rule_component.component,
        rule_component.change,
        rule_component.min_base,
        rule_component.method,
        rule_component.peer_group,
        rule_indicator.direction,
        rule_indicator.ideal,
        rule_indicator.treat,
        rule_indicator.treat_low,
        rule_indicator.treat_high,
        rule_set.compare_dp,
        score_states.value,
        case when rule_component.change <> 'level' then int_scoring_values.value end as base_value,
        case rule_indicator.direction
            when 'down' then -score_states.value
            when 'target' then -abs(score_states.value - rule_indicator.ideal)
            else score_states.value
        end as oriented_value,
        case rule_indicator.direction
            when 'down' then -int_scoring_values.value
            when 'target' then -abs(int_scoring_values.value - rule_indicator.ideal)
            else int_scoring_values.value
        end as oriented_base
    from {{ ref('score_states') }} as score_states
    inner join {{ source('rules', 'rule_component') }} as rule_component
        on score_states.ruleset = rule_component.ruleset and score_states.indicator = rule_component.indicator
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator
        on score_states.ruleset = rule_indicator.ruleset and score_states.indicator = rule_indicator.indicator
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_states.ruleset = rule_set.ruleset
    left join {{ ref('int_scoring_values') }} as int_scoring_values
        on
            rule_component.change <> 'level'
            and score_states.scenario = int_scoring_values.scenario
            and score_states.unit = int_scoring_values.unit
            and score_states.indicator = int_scoring_values.indicator
            and int_scoring_values.period = {{ base_period('score_states.value_period', 'rule_component.base') }}
            and int_scoring_values.state in ('value', 'withheld')
    where score_states.value is not null
),

gains as (
    select
        based.scenario,
        based.ruleset,
        based.period,
        based.unit,
        based.indicator,
        based.component,
        rank() over (
            partition by {{ run }}, case when based.base_value is null then 1 else 0 end
            order by {{ at_dp('based.oriented_base', 'based.compare_dp') }} desc
        )
        - rank() over (partition by {{ run }} order by {{ at_dp('based.oriented_value', 'based.compare_dp') }} desc) as rank_gain
    from based
    where based.change = 'rank_gain'
),

changed as (
    select
        based.*,
        case
            when based.change = 'level' then based.value
            when based.base_value is null then null
            when {{ at_dp('abs(based.base_value)', 'based.compare_dp') }} < {{ at_dp('based.min_base', 'based.compare_dp') }} then null
            when based.change = 'diff' then based.value - based.base_value
            when based.change = 'rank_gain' then gains.rank_gain
            when based.base_value = 0 or (based.change = 'ratio' and based.base_value < 0) then null
            when based.change = 'pct' then 100 * (based.value - based.base_value) / abs(based.base_value)
            when based.change = 'ratio' then based.value / based.base_value
        end as x,
        case
            when
                based.change = 'ratio' and based.base_value < 0
                and not coalesce({{ at_dp('abs(based.base_value)', 'based.compare_dp') }} < {{ at_dp('based.min_base', 'based.compare_dp') }}, false)
                then concat('no ratio to a base of ', based.base_value)
        end as change_error
    from based
    left join gains
        on
            based.change = 'rank_gain'
            and based.scenario = gains.scenario
            and based.ruleset = gains.ruleset
            and based.period = gains.period
            and based.unit = gains.unit
            and based.indicator = gains.indicator
            and based.component = gains.component
),

positioned as (
    select
        changed.*,
        row_number() over (partition by {{ run }} order by changed.x, changed.unit) as place,
        count(*) over (partition by {{ run }}) as n_members
    from changed
    where changed.x is not null and changed.treat = 'clip_percentile'
),

percentiles as (
    select
        positioned.scenario,
        positioned.ruleset,
        positioned.period,
        positioned.indicator,
        positioned.component,
        {%- for end in ('low', 'high') %}
        max(case when positioned.place = 1 + floor(positioned.treat_{{ end }} / 100 * (positioned.n_members - 1)) then positioned.x end)
        + max(positioned.treat_{{ end }} / 100 * (positioned.n_members - 1) - floor(positioned.treat_{{ end }} / 100 * (positioned.n_members - 1)))
        * (
            max(case when positioned.place = 1 + ceil(positioned.treat_{{ end }} / 100 * (positioned.n_members - 1)) then positioned.x end)
            - max(case when positioned.place = 1 + floor(positioned.treat_{{ end }} / 100 * (positioned.n_members - 1)) then positioned.x end)
        ) as clip_{{ end }}{{ ',' if not loop.last }}
        {%- endfor %}
    from positioned
    group by 1, 2, 3, 4, 5
),

treated as (
    select
        changed.*,
        case changed.treat
            when 'log' then case when changed.x > 0 then ln(changed.x) end
            when 'sqrt' then case when changed.x >= 0 then sqrt(changed.x) end
            when 'clip_percentile' then case when changed.x is not null then least(greatest(changed.x, percentiles.clip_low), percentiles.clip_high) end
            else changed.x
        end as treated_x
    from changed
    left join percentiles
        on
            changed.scenario = percentiles.scenario
            and changed.ruleset = percentiles.ruleset
            and changed.period = percentiles.period
            and changed.indicator = percentiles.indicator
            and changed.component = percentiles.component
)

select
    treated.scenario,
    treated.ruleset,
    treated.period,
    treated.unit,
    treated.indicator,
    treated.component,
    treated.method,
    treated.value,
    treated.base_value,
    treated.x,
    case
        when treated.change = 'rank_gain' or treated.method = 'given' then treated.treated_x
        when treated.direction = 'target' then -abs(treated.treated_x - treated.ideal)
        when treated.direction = 'down' and treated.method in {{ relative }} then -treated.treated_x
        else treated.treated_x
    end as scored_x,
    score_peers.group_value,
    case when treated.x is null and treated.change_error is null then 'not_applicable' else 'value' end as state,
    case
        when treated.change_error is not null then treated.change_error
        when treated.x is not null and treated.treated_x is null then concat('no ', treated.treat, ' of ', treated.x)
    end as error
from treated
left join {{ ref('score_peers') }} as score_peers
    on
        treated.scenario = score_peers.scenario
        and treated.ruleset = score_peers.ruleset
        and treated.period = score_peers.period
        and treated.unit = score_peers.unit
        and treated.peer_group = score_peers.peer_group
