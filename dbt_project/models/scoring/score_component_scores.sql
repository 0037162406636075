{%- set group = 'components.scenario, components.ruleset, components.period, components.indicator, components.component, components.group_value' %}
{%- set dp = 'rule_set.compare_dp' %}
{#- Scores are parts of one; squares and weighted sums of larger ones would not fit into the decimals that they are added in. -#}
{%- set most = '1000000000' %}
{#- A given score is a share of full points, as stated scores are (pipelines/rulesets/reach.py). -#}
{%- set lowest_score, highest_score = '-1', '1.5' %}
with peers as (
    select
        score_components.scenario,
        score_components.ruleset,
        score_components.period,
        score_components.unit,
        score_components.indicator,
        score_components.component,
        score_components.group_value,
        score_components.scored_x as x,
        score_components.method = 'zscore' or rule_component.centre_stat = 'mean' as is_averaged,
        rule_component.method in ('rank', 'percentile') or rule_component.centre_stat = 'median' as is_ordered
    from {{ ref('score_components') }} as score_components
    inner join {{ source('rules', 'rule_component') }} as rule_component
        on
            score_components.ruleset = rule_component.ruleset
            and score_components.indicator = rule_component.indicator
            and score_components.component = rule_component.component
    where
        score_components.scored_x is not null
        and (
            score_components.method in ('minmax', 'zscore', 'rank', 'percentile', 'ratio_to_best')
            or rule_component.centre_stat is not null
        )
),

placed as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.unit,
        components.indicator,
        components.component,
        components.group_value,
        components.x,
        row_number() over (partition by {{ group }} order by components.x, components.unit) as place,
        count(*) over (partition by {{ group }}) as n,
        rank() over (partition by {{ group }} order by {{ at_dp('components.x', dp) }} desc) as competition_rank,
        dense_rank() over (partition by {{ group }} order by {{ at_dp('components.x', dp) }} desc) as dense_rank,
        count(*) over (partition by {{ group }}, {{ at_dp('components.x', dp) }}) as n_equal
    from peers as components
    inner join {{ source('rules', 'rule_set') }} as rule_set on components.ruleset = rule_set.ruleset
    where components.is_ordered
),

orders as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.indicator,
        components.component,
        components.group_value,
        max(components.dense_rank) as n_distinct,
        (
            max(case when components.place = floor((components.n + 1) / 2.0) then components.x end)
            + max(case when components.place = ceil((components.n + 1) / 2.0) then components.x end)
        ) / 2 as median
    from placed as components
    group by {{ group }}
),

extents as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.indicator,
        components.component,
        components.group_value,
        count(*) as n,
        min(components.x) as lowest,
        max(components.x) as highest,
        max(abs(components.x)) as magnitude
    from peers as components
    group by {{ group }}
),

averaged as (
    select
        components.*,
        extents.magnitude
    from peers as components
    inner join extents
        on
            components.scenario = extents.scenario
            and components.ruleset = extents.ruleset
            and components.period = extents.period
            and components.indicator = extents.indicator
            and components.component = extents.component
            and components.group_value = extents.group_value
            and extents.magnitude > 0
    where components.is_averaged
),

means as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.indicator,
        components.component,
        components.group_value,
        {{ exact_sum('components.x / components.magnitude') }} / count(*) as unit_mean
    from averaged as components
    group by {{ group }}
),

spreads as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.indicator,
        components.component,
        components.group_value,
        {{ exact_sum(
            '(components.x / components.magnitude - means.unit_mean) * (components.x / components.magnitude - means.unit_mean)'
        ) }} as unit_squares
    from averaged as components
    inner join means
        on
            components.scenario = means.scenario
            and components.ruleset = means.ruleset
            and components.period = means.period
            and components.indicator = means.indicator
            and components.component = means.component
            and components.group_value = means.group_value
    group by {{ group }}
),

segments as (
    select
        rule_point.ruleset,
        rule_point.indicator,
        rule_point.component,
        rule_point.x as left_x,
        rule_point.y as left_y,
        lead(rule_point.x) over (partition by rule_point.ruleset, rule_point.indicator, rule_point.component order by rule_point.ordinal)
            as right_x,
        lead(rule_point.y) over (partition by rule_point.ruleset, rule_point.indicator, rule_point.component order by rule_point.ordinal)
            as right_y,
        rule_point.ordinal
    from {{ source('rules', 'rule_point') }} as rule_point
),

on_curves as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.unit,
        components.indicator,
        components.component,
        max(
            case
                when components.scored_x < segments.left_x or segments.right_x is null then segments.left_y
                else
                    segments.left_y
                    + (segments.right_y - segments.left_y) * (components.scored_x - segments.left_x) / (segments.right_x - segments.left_x)
            end
        ) as y
    from {{ ref('score_components') }} as components
    inner join segments
        on
            components.ruleset = segments.ruleset
            and components.indicator = segments.indicator
            and components.component = segments.component
            and (components.scored_x >= segments.left_x or segments.ordinal = 0)
            and (segments.right_x is null or components.scored_x < segments.right_x)
    group by
        components.scenario, components.ruleset, components.period, components.unit, components.indicator, components.component
),

matches as (
    select
        components.scenario,
        components.ruleset,
        components.period,
        components.unit,
        components.indicator,
        components.component,
        rule_band.y,
        row_number() over (
            partition by
                components.scenario, components.ruleset, components.period, components.unit, components.indicator, components.component
            order by rule_band.ordinal
        ) as match_number
    from {{ ref('score_components') }} as components
    inner join {{ source('rules', 'rule_set') }} as rule_set on components.ruleset = rule_set.ruleset
    inner join {{ source('rules', 'rule_band') }} as rule_band
        on
            components.ruleset = rule_band.ruleset
            and components.indicator = rule_band.indicator
            and components.component = rule_band.component
            and (rule_band.ge is null or {{ at_dp('components.scored_x', dp) }} >= {{ at_dp('rule_band.ge', dp) }})
            and (rule_band.gt is null or {{ at_dp('components.scored_x', dp) }} > {{ at_dp('rule_band.gt', dp) }})
            and (rule_band.le is null or {{ at_dp('components.scored_x', dp) }} <= {{ at_dp('rule_band.le', dp) }})
            and (rule_band.lt is null or {{ at_dp('components.scored_x', dp) }} < {{ at_dp('rule_band.lt', dp) }})
),

measured as (
    select
        score_components.scenario,
        score_components.ruleset,
        score_components.period,
        score_components.unit,
        score_components.indicator,
        score_components.component,
        score_components.error as treat_error,
        score_components.scored_x as x,
        rule_component.method,
        rule_indicator.direction = 'down' and rule_component.change <> 'rank_gain' as is_lower_better,
        rule_component.worst,
        rule_component.best,
        rule_component.transform,
        rule_component.to_low,
        rule_component.to_high,
        rule_component.z_mean,
        rule_component.z_scale,
        rule_component.target,
        rule_component.base_y,
        rule_component.step,
        rule_component.gain,
        rule_component.is_relative,
        rule_component.whole_steps,
        rule_component.clamp_low,
        rule_component.clamp_high,
        rule_component.floor_share,
        rule_component.ties,
        rule_set.compare_dp,
        rule_indicator.direction,
        extents.n,
        extents.lowest,
        extents.highest,
        orders.n_distinct,
        extents.magnitude * sqrt(spreads.unit_squares / nullif(extents.n - 1, 0)) as deviation,
        coalesce(extents.magnitude * means.unit_mean, extents.magnitude) as mean,
        case rule_component.centre_stat
            when 'mean' then coalesce(extents.magnitude * means.unit_mean, extents.magnitude)
            when 'median' then orders.median
            when 'min' then case when rule_indicator.direction = 'down' then extents.highest else extents.lowest end
            when 'max' then case when rule_indicator.direction = 'down' then extents.lowest else extents.highest end
            else case when rule_indicator.direction = 'down' then -rule_component.centre else rule_component.centre end
        end as centre,
        case rule_component.ties
            when 'dense' then placed.dense_rank
            when 'average' then placed.competition_rank + (placed.n_equal - 1) / 2.0
            else placed.competition_rank
        end as place,
        on_curves.y as curve_y,
        matches.y as band_y
    from {{ ref('score_components') }} as score_components
    inner join {{ source('rules', 'rule_component') }} as rule_component
        on
            score_components.ruleset = rule_component.ruleset
            and score_components.indicator = rule_component.indicator
            and score_components.component = rule_component.component
    inner join {{ source('rules', 'rule_indicator') }} as rule_indicator
        on score_components.ruleset = rule_indicator.ruleset and score_components.indicator = rule_indicator.indicator
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_components.ruleset = rule_set.ruleset
    {%- for relation in ('extents', 'means', 'spreads', 'orders') %}
    left join {{ relation }}
        on
            score_components.scenario = {{ relation }}.scenario
            and score_components.ruleset = {{ relation }}.ruleset
            and score_components.period = {{ relation }}.period
            and score_components.indicator = {{ relation }}.indicator
            and score_components.component = {{ relation }}.component
            and score_components.group_value = {{ relation }}.group_value
    {%- endfor %}
    {%- for relation in ('placed', 'on_curves', 'matches') %}
    left join {{ relation }}
        on
            score_components.scenario = {{ relation }}.scenario
            and score_components.ruleset = {{ relation }}.ruleset
            and score_components.period = {{ relation }}.period
            and score_components.unit = {{ relation }}.unit
            and score_components.indicator = {{ relation }}.indicator
            and score_components.component = {{ relation }}.component
            {%- if relation == 'matches' %}
            and matches.match_number = 1
            {%- endif %}
    {%- endfor %}
    where score_components.state = 'value'
),

stepped as (
    select
        measured.*,
        (measured.x - measured.centre) / (measured.step * case when measured.is_relative then nullif(abs(measured.centre), 0) else 1 end)
            as steps,
        case measured.ties when 'dense' then measured.n_distinct else measured.n end as last_place
    from measured
),

scored as (
    select
        stepped.*,
        case stepped.method
            when 'goalposts' then
                case
                    when stepped.transform <> 'ln' then (stepped.x - stepped.worst) / (stepped.best - stepped.worst)
                    when stepped.x > 0 then (ln(stepped.x) - ln(stepped.worst)) / (ln(stepped.best) - ln(stepped.worst))
                end
            when 'minmax' then
                case
                    when {{ at_dp('stepped.highest', 'stepped.compare_dp') }} = {{ at_dp('stepped.lowest', 'stepped.compare_dp') }} then stepped.to_high
                    else
                        stepped.to_low
                        + (stepped.to_high - stepped.to_low) * (stepped.x - stepped.lowest) / (stepped.highest - stepped.lowest)
                end
            when 'zscore' then
                case
                    when {{ at_dp('stepped.highest', 'stepped.compare_dp') }} = {{ at_dp('stepped.lowest', 'stepped.compare_dp') }} then stepped.z_mean
                    else stepped.z_mean + stepped.z_scale * (stepped.x - stepped.mean) / stepped.deviation
                end
            when 'rank' then
                case
                    when stepped.last_place = 1 then stepped.to_high
                    else
                        stepped.to_low
                        + (stepped.to_high - stepped.to_low) * (stepped.last_place - stepped.place) / cast(stepped.last_place - 1 as double)
                end
            when 'percentile' then
                stepped.to_low
                + (stepped.to_high - stepped.to_low) * (stepped.last_place - stepped.place + 1) / cast(stepped.last_place as double)
            when 'ratio_to_target' then
                case
                    when not (stepped.is_lower_better and stepped.target > 0) then stepped.x / stepped.target
                    when stepped.x > 0 then stepped.target / stepped.x
                end
            when 'ratio_to_best' then
                case
                    when stepped.is_lower_better and stepped.highest < 0 then stepped.highest / stepped.x
                    when not stepped.is_lower_better and stepped.highest > 0 then stepped.x / stepped.highest
                end
            when 'piecewise' then stepped.curve_y
            when 'steps' then stepped.band_y
            when 'around' then
                stepped.base_y + stepped.gain
                * case
                    when stepped.whole_steps
                        then
                            sign(stepped.steps)
                            * floor(abs({{ at_dp('stepped.steps', 'stepped.compare_dp') }}) / power(10, stepped.compare_dp))
                    else stepped.steps
                end
            when 'given' then case when stepped.x between {{ lowest_score }} and {{ highest_score }} then stepped.x end
        end as raw_y
    from stepped
),

bounded as (
    select
        scored.*,
        greatest({{ clamped('scored.raw_y', 'scored.clamp_low', 'scored.clamp_high', 'scored.compare_dp') }}, scored.floor_share) as y
    from scored
)

select
    bounded.scenario,
    bounded.ruleset,
    bounded.period,
    bounded.unit,
    bounded.indicator,
    bounded.component,
    case when abs(bounded.y) < {{ most }} then bounded.y end as y,
    coalesce(
        bounded.treat_error,
        case
            when bounded.raw_y is null
                then concat(
                    bounded.method, ' has no score for ', case when bounded.is_lower_better and bounded.method = 'ratio_to_best' then -bounded.x else bounded.x end
                )
            when not abs(bounded.y) < {{ most }} then concat(bounded.method, ' gives ', bounded.x, ' a score of {{ most }} or more')
        end
    ) as error
from bounded
