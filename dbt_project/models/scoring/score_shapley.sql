{#- Subsets are enumerated, so nodes with more children than this are shared by weight instead. -#}
{%- set most_children = 10 %}
{#- Larger products would not fit into the decimals that sums are added in. -#}
{%- set most = '1000000000' %}
{%- set subset = 'members.scenario, members.ruleset, members.period, members.unit, members.parent, members.mask' %}
{%- set family = 'score_nodes.scenario, score_nodes.ruleset, score_nodes.period, score_nodes.unit, score_nodes.parent' %}
with half_masks as (
    {%- set half = 2 ** (most_children // 2) %}
    select
        listed.mask,
        listed.n_in
    from (
        values
        {%- for mask in range(half) %}
        ({{ mask }}, {{ '{0:b}'.format(mask).count('1') }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (mask, n_in)
),

masks as (
    select
        low.mask + {{ half }} * high.mask as mask,
        low.n_in + high.n_in as n_in
    from half_masks as low
    cross join half_masks as high
),

factorials as (
    {%- set factorial = namespace(value=1) %}
    select
        listed.n,
        cast(listed.factorial as double) as factorial
    from (
        values
        {%- for n in range(most_children + 1) %}
        {%- set factorial.value = factorial.value * n if n else 1 %}
        ({{ n }}, {{ factorial.value }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (n, factorial)
),

orders as (
    select
        everyone.n,
        earlier.n as n_in,
        earlier.factorial * later.factorial / everyone.factorial as probability
    from factorials as everyone
    inner join factorials as earlier on everyone.n > earlier.n
    inner join factorials as later on everyone.n - 1 - earlier.n = later.n
),

children as (
    select
        score_nodes.scenario,
        score_nodes.ruleset,
        score_nodes.period,
        score_nodes.unit,
        score_nodes.parent,
        score_nodes.node,
        score_nodes.carried as weight,
        score_nodes.y,
        rule_node.combine,
        case rule_node.combine when 'harmonic' then -1 else rule_node.power end as exponent,
        rule_node.worst_k,
        rule_node.mpi_sign,
        rule_node.mpi_population,
        child_node.factor,
        child_node.is_divisor,
        child_node.is_complement,
        count(*) over (partition by {{ family }}) as n,
        power(2, row_number() over (partition by {{ family }} order by score_nodes.node) - 1) as bit_value
    from {{ ref('score_nodes') }} as score_nodes
    inner join {{ source('rules', 'rule_node') }} as rule_node
        on score_nodes.ruleset = rule_node.ruleset and score_nodes.parent = rule_node.node
    inner join {{ source('rules', 'rule_node') }} as child_node
        on score_nodes.ruleset = child_node.ruleset and score_nodes.node = child_node.node
    where
        score_nodes.y is not null
        and rule_node.combine in ('harmonic', 'power', 'min', 'worst_k', 'kth_worst', 'mpi', 'formula')
),

members as (
    select
        children.*,
        masks.mask
    from children
    inner join masks
        on
            masks.mask < power(2, children.n)
            and floor(masks.mask / children.bit_value) % 2 = 1
    where children.n <= {{ most_children }}
),

placed as (
    select
        members.*,
        row_number() over (partition by {{ subset }} order by members.y, members.node) as place,
        {{ exact_sum('members.y', 'over (partition by ' ~ subset ~ ')') }} / count(*) over (partition by {{ subset }}) as mean_y,
        {{ power_unit('members.y', 'members.exponent', 'over (partition by ' ~ subset ~ ')') }} as unit_y
    from members
),

gathered as (
    select
        members.scenario,
        members.ruleset,
        members.period,
        members.unit,
        members.parent,
        members.mask,
        min(members.combine) as combine,
        min(members.mpi_sign) as mpi_sign,
        {{ power_mean('members.weight', 'members.y', 'members.exponent', 'members.unit_y') }} as power_mean,
        min(members.y) as lowest,
        {{ exact_sum('case when members.place <= members.worst_k then members.y end') }}
        / nullif(sum(case when members.place <= members.worst_k then 1 else 0 end), 0) as worst,
        max(case when members.place <= members.worst_k then members.y end) as kth_worst,
        {%- for divides in (false, true) %}
        {{ '/ nullif' if divides }}(
            {%- for number in range(1, 7) %}
            {{ '* ' if not loop.first }}coalesce(
                max(
                    case
                        when members.factor = {{ number }} and {{ 'not ' if not divides }}members.is_divisor
                            then case when members.is_complement then 1 - members.y else members.y end
                    end
                ), 1
            )
            {%- endfor %}{{ ', 0' if divides }}
        )
        {%- endfor %} as product,
        min(members.mean_y) as mean_y,
        {{ exact_sum('(members.y - members.mean_y) * (members.y - members.mean_y)') }}
        / case when min(case when members.mpi_population then 1 else 0 end) = 1 then count(*) else greatest(count(*) - 1, 1) end as variance
    from placed as members
    group by {{ subset }}
),

subset_values as (
    select
        gathered.scenario,
        gathered.ruleset,
        gathered.period,
        gathered.unit,
        gathered.parent,
        gathered.mask,
        case gathered.combine
            when 'harmonic' then gathered.power_mean
            when 'power' then gathered.power_mean
            when 'min' then gathered.lowest
            when 'worst_k' then gathered.worst
            when 'kth_worst' then gathered.kth_worst
            when 'formula' then case when abs(gathered.product) < {{ most }} then gathered.product end
            when 'mpi' then gathered.mean_y + gathered.mpi_sign * gathered.variance / nullif(gathered.mean_y, 0)
        end as y
    from gathered
)

select
    children.scenario,
    children.ruleset,
    children.period,
    children.unit,
    children.parent,
    children.node,
    {{ exact_sum('orders.probability * (coalesce(subset_with.y, 0) - coalesce(subset_without.y, 0))') }} as contribution
from children
inner join masks
    on
        masks.mask < power(2, children.n)
        and floor(masks.mask / children.bit_value) % 2 = 0
inner join orders on children.n = orders.n and masks.n_in = orders.n_in
{%- for relation, mask in (('subset_with', 'masks.mask + children.bit_value'), ('subset_without', 'masks.mask')) %}
left join subset_values as {{ relation }}
    on
        children.scenario = {{ relation }}.scenario
        and children.ruleset = {{ relation }}.ruleset
        and children.period = {{ relation }}.period
        and children.unit = {{ relation }}.unit
        and children.parent = {{ relation }}.parent
        and {{ mask }} = {{ relation }}.mask
{%- endfor %}
where children.n <= {{ most_children }}
group by children.scenario, children.ruleset, children.period, children.unit, children.parent, children.node
