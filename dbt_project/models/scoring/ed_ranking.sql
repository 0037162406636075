with first_lists as (
    select
        rule_rank.ruleset,
        min(rule_rank.ordinal) as ordinal
    from {{ source('rules', 'rule_rank') }} as rule_rank
    where rule_rank.measure = 'total'
    group by 1
),

places as (
    select
        score_ranks.ruleset,
        score_ranks.period,
        score_ranks.unit,
        max(case when score_ranks.rank_id = 'province' then score_ranks.place end) as rank_province,
        max(case when score_ranks.rank_id = 'city' then score_ranks.place end) as rank_city,
        max(case when first_lists.ordinal is not null then score_ranks.rank_id end) as first_list,
        max(case when first_lists.ordinal is not null then score_ranks.place end) as first_place
    from {{ ref('score_ranks') }} as score_ranks
    inner join {{ source('rules', 'rule_rank') }} as rule_rank
        on score_ranks.ruleset = rule_rank.ruleset and score_ranks.rank_id = rule_rank.rank_id
    left join first_lists on rule_rank.ruleset = first_lists.ruleset and rule_rank.ordinal = first_lists.ordinal
    where score_ranks.scenario = 'official'
    group by 1, 2, 3
),

first_stars as (
    select
        score_stars.ruleset,
        score_stars.period,
        score_stars.unit,
        score_stars.stars
    from {{ ref('score_stars') }} as score_stars
    inner join {{ source('rules', 'rule_star') }} as rule_star
        on score_stars.ruleset = rule_star.ruleset and score_stars.star_id = rule_star.star_id
    where score_stars.scenario = 'official' and rule_star.ordinal = 0
),

listed as (
    select
        score_totals.ruleset,
        rule_set.family,
        score_totals.period,
        score_totals.unit,
        score_totals.total,
        places.rank_province,
        places.rank_city,
        places.first_list,
        places.first_place,
        first_stars.stars
    from {{ ref('score_totals') }} as score_totals
    inner join {{ source('rules', 'rule_set') }} as rule_set on score_totals.ruleset = rule_set.ruleset
    left join places
        on score_totals.ruleset = places.ruleset and score_totals.period = places.period and score_totals.unit = places.unit
    left join first_stars
        on score_totals.ruleset = first_stars.ruleset and score_totals.period = first_stars.period and score_totals.unit = first_stars.unit
    where score_totals.scenario = 'official' and score_totals.is_published
)

select
    listed.period as quarter,
    listed.ruleset,
    listed.unit as region_code,
    divisions.name as region_name,
    divisions.city_name,
    listed.total,
    listed.rank_province,
    listed.rank_city,
    earlier.first_place - listed.first_place as rank_change,
    cast(listed.stars as int) as stars,
    rob_intervals.rank_p05,
    rob_intervals.rank_median,
    rob_intervals.rank_p95,
    rob_intervals.p_star_5,
    rob_intervals.margin_to_next_star,
    rob_intervals.margin_to_lose_star
from listed
left join {{ ref('divisions') }} as divisions
    on
        listed.unit = divisions.code
        and divisions.valid_from <= {{ quarter_end('listed.period') }}
        and (divisions.valid_to is null or divisions.valid_to >= {{ quarter_end('listed.period') }})
left join listed as earlier
    on
        listed.family = earlier.family
        and listed.unit = earlier.unit
        and listed.first_list = earlier.first_list
        and earlier.period = {{ base_period('listed.period', "'previous_period'") }}
left join {{ ref('rob_intervals') }} as rob_intervals
    on
        listed.ruleset = rob_intervals.ruleset
        and listed.period = rob_intervals.quarter
        and listed.unit = rob_intervals.region_code
order by 1, 2, 3
