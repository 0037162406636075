"""Scores, ranks, stars and their movement, falsified: found beyond the bound and not within."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import (
    BINJIANG,
    NOW,
    Case,
    assert_found_only_beyond,
    names,
    plus,
    to,
)

PROVINCE, CITY = "ruleset like 'zj315-county/%'", "ruleset like 'hz315-county/%'"
BOTH = ["330108/CITY", "330108/PROVINCE"]


def ranked_from_outside(region: str) -> str:
    """滨江区's row of the city's ranking stands there for a county of another city too."""
    row = f"select * replace ('{region}' as region_code) from ed_ranking where {BINJIANG} and {CITY}"
    return f"insert into ed_ranking {row}"


def tie(place: str, ruleset: str) -> str:
    """The county at the second place of Hangzhou's list under a ruleset gets the total of the one before it."""
    hangzhou = f"{NOW} and {ruleset} and city_name = '杭州市'"
    second = f"(select min({place}) from ed_ranking where {hangzhou} and {place} > (select min({place}) from ed_ranking where {hangzhou}))"
    field = hangzhou if place == "rank_city" else f"{NOW} and {ruleset}"
    before = f"(select min(total) from ed_ranking where {field} and {place} < {second})"
    return f"update ed_ranking set total = {before} where {hangzhou} and {place} = {second}"


def failure(quarter: str) -> str:
    """滨江区 cannot be scored under the province's rules in a quarter."""
    row = f"select 'official', ruleset, quarter, region_code, 'RD_GDP', 'missing' from ed_ranking where {BINJIANG} and {PROVINCE}"
    return f"insert into score_failures {row}; update score_failures set period = '{quarter}'"


def moved(now: int) -> str:
    """90 counties with totals in the order of their codes in both quarters, 滨江区 (fourth) now at another place; scores stand still."""
    order = f"select region_code, row_number() over (order by region_code) as n from ed_ranking where {NOW} and {PROVINCE}"
    totals = f"update ed_ranking as r set total = 1000 - 10 * o.n from ({order}) as o where r.region_code = o.region_code and {PROVINCE}"
    still = "update ed_scores set score = 1"
    return f"{totals}; {still}; update ed_ranking set total = {1000 - 10 * now - 5} where {BINJIANG} and {PROVINCE}"


def stars(change: str) -> str:
    """滨江区 stands as in the quarter before, but for the change."""
    same = f"where {BINJIANG} and now.ruleset = old.ruleset and old.quarter = '2023Q2' and old.region_code = '330108'"
    clause = same.replace(NOW, f"now.{NOW}").replace("and region_code", "and now.region_code")
    others = "update ed_ranking set total = 10 where region_code <> '330108'"
    return (
        f"{others}; update ed_ranking as now set total = old.total, stars = old.stars from ed_ranking as old {clause}; "
        f"update ed_ranking set {change} where {BINJIANG}"
    )


CASES: list[Case] = [
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), f"delete from ed_ranking where {BINJIANG}", BOTH),
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), f"delete from ed_ranking where {BINJIANG} and {CITY}", ["330108/CITY"]),
    ("chk_scores", "ranked", to("ed_ranking", "stars", "5"), ranked_from_outside("330203"), ["330203/CITY"]),
    ("chk_scores", "scored", to("ed_scores", "points", "0"), f"delete from ed_scores where {BINJIANG} and node = 'RD_GDP'", BOTH),
    ("chk_scores", "scored", to("ed_scores", "points", "0"), f"delete from ed_scores where {BINJIANG} and {CITY}", ["330108/CITY"]),
    ("chk_scores", "rank_province", tie("rank_province", PROVINCE), to("ed_ranking", "rank_province", "91"), BOTH),
    (
        "chk_scores",
        "rank_province",
        to("ed_ranking", "rank_province", "null", f"{BINJIANG} and {CITY}"),
        to("ed_ranking", "rank_province", "null", BINJIANG),
        ["330108/PROVINCE"],
    ),
    (
        "chk_scores",
        "rank_city",
        tie("rank_city", PROVINCE),
        to("ed_ranking", "rank_city", "14", f"{BINJIANG} and {PROVINCE}"),
        ["330108/PROVINCE"],
    ),
    ("chk_scores", "rank_city", tie("rank_city", CITY), to("ed_ranking", "rank_city", "null", f"{BINJIANG} and {CITY}"), ["330108/CITY"]),
    (
        "chk_scores",
        "trace",
        plus("score_totals", "total_raw", "5e-10", "period = '2023Q3' and unit = '330108'"),
        plus("score_totals", "total_raw", "2e-9", "period = '2023Q3' and unit = '330108'"),
        BOTH,
    ),
    (
        "chk_scores",
        "rounding",
        to("score_totals", "total", "total_raw + 0.004", "period = '2023Q3' and unit = '330108'"),
        to("score_totals", "total", "total_raw + 0.006", "period = '2023Q3' and unit = '330108'"),
        BOTH,
    ),
    (
        "chk_scores",
        "rank_moved",
        to("ed_ranking", "rank_change", "-45", f"{BINJIANG} and {PROVINCE}"),
        to("ed_ranking", "rank_change", "46", f"{BINJIANG} and {PROVINCE}"),
        ["330108/PROVINCE"],
    ),
    (
        "chk_scores",
        "rank_moved",
        to("ed_ranking", "rank_change", "6", f"{BINJIANG} and {CITY}"),
        to("ed_ranking", "rank_change", "7", f"{BINJIANG} and {CITY}"),
        ["330108/CITY"],
    ),
    ("chk_scores", "interval", to("ed_ranking", "rank_median", "rank_p95", BINJIANG), to("ed_ranking", "rank_p95", "0.5", BINJIANG), BOTH),
    ("chk_scores", "interval", to("ed_ranking", "p_star_5", "null", BINJIANG), to("ed_ranking", "rank_median", "null", BINJIANG), BOTH),
    (
        "chk_scores",
        "failed",
        failure("2023Q2"),
        failure("2023Q3"),
        ["330108/PROVINCE"],
    ),
    ("chk_movement", "rank_without_data", moved(21), moved(23), ["330108/PROVINCE"]),
    ("chk_movement", "stars_without_data", stars("stars = stars + 1, total = total + 1"), stars("stars = stars + 1"), BOTH),
    ("chk_movement", "stars_without_data", stars("stars = stars - 1, total = total - 1"), stars("stars = stars - 1"), BOTH),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
