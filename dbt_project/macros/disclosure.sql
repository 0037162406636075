{# Which cells firms could be read off: minimum frequency, dominance twice, p percent (docs/disclosure.md; thresholds in seeds/disclosure_rules.csv). #}

{# One row per cell of `contributions` (the columns `cells`, `contributor`: the controlling group, `amount`), by the rules in force in the
   quarter of its column `period`.

   Rows of one contributor are added up, refunds against payments, before sizes are taken; one without a name is one contributor.
   `contributors` are those with an amount; of a count (`is_count`) also those with none. `unsafe_by` names the rules that the cell fails,
   joined by `;`, null for none. `protection` is how far from the value an attacker's range must reach, 0 for a safe cell.
   `others`, a relation of all `cells` and `amount`, is what those add to a cell's total who are not named among the contributors: nobody knows
   how many they are, so that a cell with any is not held to a minimum frequency.
   A quarter without a rule in force has nothing but unsafe cells, protected by their whole size. Comparisons are exact: sides are
   multiplied, never divided. #}

{% macro unsafe_cells(contributions, cells, period, is_count=false, rules=none, others=none) %}
with contributor_sums as (
    select
        {%- for cell in cells %}
        contribution.{{ cell }},
        {%- endfor %}
        contribution.contributor,
        abs(cast(sum(contribution.amount) as decimal(28, 6))) as size
    from {{ contributions }} as contribution
    group by
        {%- for cell in cells %}
        contribution.{{ cell }},
        {%- endfor %}
        contribution.contributor
),

ranked as (
    select
        contributor_sums.*,
        row_number() over (
            partition by {% for cell in cells %}contributor_sums.{{ cell }}{{ ', ' if not loop.last }}{% endfor %}
            order by contributor_sums.size desc, contributor_sums.contributor
        ) as place
    from contributor_sums
),

quarters as (
    select distinct cells.{{ period }} as quarter
    from {{ others or 'ranked' }} as cells
),

thresholds as (
    select
        quarters.quarter,
        {{ disclosure_parameter('frequency', 'n_min') }} as n_min,
        {{ disclosure_parameter('frequency', 'share_pct') }} as frequency_pct,
        {{ disclosure_parameter('dominance_1', 'n') }} as n_1,
        {{ disclosure_parameter('dominance_1', 'k_pct') }} as k_1_pct,
        {{ disclosure_parameter('dominance_2', 'n') }} as n_2,
        {{ disclosure_parameter('dominance_2', 'k_pct') }} as k_2_pct,
        {{ disclosure_parameter('p_percent', 'p_pct') }} as p_pct
    from quarters
    left join {{ rules or ref('disclosure_rules') }} as rule
        on quarters.quarter >= rule.valid_from
        and (rule.valid_to is null or quarters.quarter <= rule.valid_to)
    group by quarters.quarter
),

sizes as (
    select
        {%- for cell in cells %}
        ranked.{{ cell }},
        {%- endfor %}
        {{ 'count(*)' if is_count else 'count(case when ranked.size > 0 then 1 end)' }} as contributors,
        cast(sum(ranked.size){{ ' + coalesce(max(others.amount), 0)' if others }} as decimal(28, 6)) as total_absolute,
        {{ 'coalesce(max(others.amount), 0)' if others else '0' }} as not_named,
        max(case when ranked.place = 1 then ranked.size end) as largest,
        coalesce(max(case when ranked.place = 2 then ranked.size end), 0) as second,
        cast(sum(case when ranked.place <= thresholds.n_1 then ranked.size end) as decimal(28, 6)) as largest_n_1,
        cast(sum(case when ranked.place <= thresholds.n_2 then ranked.size end) as decimal(28, 6)) as largest_n_2,
        max(thresholds.n_min) as n_min,
        max(thresholds.frequency_pct) as frequency_pct,
        max(thresholds.k_1_pct) as k_1_pct,
        max(thresholds.k_2_pct) as k_2_pct,
        max(thresholds.p_pct) as p_pct
    from ranked
    inner join thresholds on ranked.{{ period }} = thresholds.quarter
    {%- if others %}
    left join {{ others }} as others
        on {% for cell in cells %}ranked.{{ cell }} = others.{{ cell }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
    group by {% for cell in cells %}ranked.{{ cell }}{{ ', ' if not loop.last }}{% endfor %}
),

judged as (
    select
        sizes.*,
        coalesce(sizes.contributors < sizes.n_min, true) and sizes.not_named = 0 as is_few,
        coalesce(100 * sizes.largest_n_1 > sizes.k_1_pct * sizes.total_absolute, true) as is_dominated_1,
        coalesce(100 * sizes.largest_n_2 > sizes.k_2_pct * sizes.total_absolute, true) as is_dominated_2,
        coalesce(100 * (sizes.total_absolute - sizes.largest - sizes.second) < sizes.p_pct * sizes.largest, true) as is_estimable
    from sizes
)

select
    {%- for cell in cells %}
    judged.{{ cell }},
    {%- endfor %}
    judged.contributors,
    judged.total_absolute,
    judged.largest,
    judged.second,
    case
        when judged.total_absolute > 0 then nullif(concat_ws(
            ';',
            case when judged.is_few then 'frequency' end,
            case when judged.is_dominated_1 then 'dominance_1' end,
            case when judged.is_dominated_2 then 'dominance_2' end,
            case when judged.is_estimable then 'p_percent' end
        ), '')
    end as unsafe_by,
    coalesce(greatest(
        case when judged.is_few then {{ protection_of('judged.frequency_pct * judged.total_absolute', '100') }} end,
        case when judged.is_dominated_1 then {{ protection_of('100 * judged.largest_n_1 - judged.k_1_pct * judged.total_absolute', 'judged.k_1_pct') }} end,
        case when judged.is_dominated_2 then {{ protection_of('100 * judged.largest_n_2 - judged.k_2_pct * judged.total_absolute', 'judged.k_2_pct') }} end,
        case when judged.is_estimable then {{ protection_of(
            'judged.p_pct * judged.largest - 100 * (judged.total_absolute - judged.largest - judged.second)', '100'
        ) }} end
    ), 0) as protection
from judged
{% endmacro %}

{# A threshold as an exact decimal, null where none is in force. #}

{% macro disclosure_parameter(rule, parameter) -%}
    max(case when rule.rule = '{{ rule }}' and rule.parameter = '{{ parameter }}' then cast(rule.value as decimal(5, 2)) end)
{%- endmacro %}

{# Protection from its exact numerator; the cell's whole size where the rule's threshold is not known. #}

{% macro protection_of(numerator, denominator) -%}
    coalesce({{ to_double(numerator) }} / {{ to_double(denominator) }}, {{ to_double('judged.total_absolute') }})
{%- endmacro %}
