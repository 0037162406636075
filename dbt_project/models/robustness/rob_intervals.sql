{%- set measures = [
    'rank_mean', 'rank_p05', 'rank_median', 'rank_p95', 'rank_mc_error', 'p_star_1', 'p_star_2', 'p_star_3', 'p_star_4', 'p_star_5',
    'p_top_10', 'band', 'margin_to_next_star', 'margin_to_lose_star', 'draws_floored'
] %}
select
    rob_measures.period as quarter,
    rob_measures.ruleset,
    rob_measures.unit as region_code,
    {%- for measure in measures %}
    max(case when rob_measures.measure = '{{ measure }}' then rob_measures.value end) as {{ measure }},
    {%- endfor %}
    max(rob_measures.draws_sha256) as draws_sha256
from {{ ref('rob_measures') }} as rob_measures
where rob_measures.measure in ('{{ measures | join("', '") }}')
group by rob_measures.ruleset, rob_measures.period, rob_measures.unit
order by rob_measures.period, rob_measures.ruleset, rob_measures.unit
