{# The primary rules (scoring.md, 4.1) on a relation of one row per cell × contributor × part, which are added up first: a row per cell with
   its contributors, its total of absolute amounts, the two largest, the rules that it fails (null: none) and how wide its interval must stay
   open on either side. `cell` are the columns that name a cell. `others`, a relation of the cell's columns and `amount`, is what those add
   to the total who are not named: nobody knows how many they are, so that the cells that have any are not held to a minimum frequency.
   The thresholds are those of the seed `disclosure_rules`. #}

{% macro primary_rules(relation, cell, others=none) -%}
by_contributor as (
    select
        {%- for column in cell %}
        part.{{ column }},
        {%- endfor %}
        part.contributor,
        abs(sum(part.amount)) as amount
    from {{ relation }} as part
    group by {% for column in cell %}part.{{ column }}, {% endfor %}part.contributor
    having sum(part.amount) <> 0
),

by_size as (
    select
        by_contributor.*,
        row_number() over (
            partition by {{ cell | join(', ') }}
            order by by_contributor.amount desc, by_contributor.contributor
        ) as place
    from by_contributor
),

thresholds as (
    select
        {%- for rule, parameter in [('frequency', 'n_min'), ('frequency', 'share'), ('dominance_1', 'n'), ('dominance_1', 'k'), ('dominance_2', 'n'), ('dominance_2', 'k'), ('p_percent', 'p')] %}
        max(case when rule = '{{ rule }}' and parameter = '{{ parameter }}' then value end) as {{ rule }}_{{ parameter }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('disclosure_rules') }}
    where valid_to is null
),

measured as (
    select
        {%- for column in cell %}
        by_size.{{ column }},
        {%- endfor %}
        count(*) as contributors,
        {{ 'coalesce(max(others.amount), 0)' if others else 'cast(0 as decimal(38, 6))' }} as others,
        cast(sum(by_size.amount) as decimal(38, 6)) + {{ 'coalesce(max(others.amount), 0)' if others else '0' }} as total,
        max(case when by_size.place = 1 then by_size.amount end) as largest,
        coalesce(max(case when by_size.place = 2 then by_size.amount end), 0) as second,
        {%- for rule in ['dominance_1', 'dominance_2'] %}
        sum(case when by_size.place <= thresholds.{{ rule }}_n then by_size.amount else 0 end) as {{ rule }}_sum,
        {%- endfor %}
        max(thresholds.frequency_n_min) as frequency_n_min,
        max(thresholds.frequency_share) as frequency_share,
        max(thresholds.dominance_1_k) as dominance_1_k,
        max(thresholds.dominance_2_k) as dominance_2_k,
        max(thresholds.p_percent_p) as p_percent_p
    from by_size
    cross join thresholds
    {%- if others %}
    left join {{ others }} as others
        on {% for column in cell %}by_size.{{ column }} = others.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
    group by {% for column in cell %}by_size.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
),

judged as (
    select
        measured.*,
        measured.contributors < measured.frequency_n_min and measured.others = 0 as fails_frequency,
        measured.dominance_1_sum * 100 > measured.dominance_1_k * measured.total as fails_dominance_1,
        measured.dominance_2_sum * 100 > measured.dominance_2_k * measured.total as fails_dominance_2,
        (measured.total - measured.largest - measured.second) * 100 < measured.p_percent_p * measured.largest as fails_p_percent
    from measured
)

select
    {%- for column in cell %}
    judged.{{ column }},
    {%- endfor %}
    judged.contributors,
    judged.total as total_absolute,
    judged.largest,
    judged.second,
    nullif(concat_ws(
        ';',
        {%- for rule in ['frequency', 'dominance_1', 'dominance_2', 'p_percent'] %}
        case when judged.fails_{{ rule }} then '{{ rule }}' end{{ ',' if not loop.last }}
        {%- endfor %}
    ), '') as unsafe_by,
    {{ to_double('greatest(
        case when judged.fails_frequency then judged.total * judged.frequency_share / 100 else 0 end,
        case when judged.fails_dominance_1 then judged.dominance_1_sum * 100 / judged.dominance_1_k - judged.total else 0 end,
        case when judged.fails_dominance_2 then judged.dominance_2_sum * 100 / judged.dominance_2_k - judged.total else 0 end,
        case when judged.fails_p_percent then judged.largest * judged.p_percent_p / 100 - (judged.total - judged.largest - judged.second) else 0 end
    )') }} as protection
from judged
{%- endmacro %}
