"""What a county's page says beyond its values: weak indicators, movement, trends, progress, programmes, findings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.report import Board, Past
from pipelines.report.columns import columns, median, places
from pipelines.report.counties import counties
from pipelines.report.movement import Weighed, _changes, _row, _sentence, movements, signed
from pipelines.report.programmes import PROGRAMMES, pre_reports, programmes
from pipelines.report.progress import BEHIND, EARLY, MET, MISSED, ON_COURSE, OPEN, TOLD, progress
from pipelines.report.trends import trends
from pipelines.report.weak import PEERS, PROVINCE, TARGET, Weak, weak_indicators
from tests.small_warehouse import RULESET, board

COUNTY = "330108"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def whole() -> Board:
    return board()


def with_values(code: str, values: dict[str, float], **changes: Any) -> Board:
    """A board on which an indicator has these values, and no other region any."""
    made = board(**changes)
    for row in made.indicators:
        if row["indicator"] == code:
            row |= {"value": values.get(row["region_code"]), "status": "value" if row["region_code"] in values else "missing"}
    return made


def weak(made: Board, indicator: str, county: str = COUNTY) -> Weak | None:
    found = weak_indicators(made, columns(made))[county]
    return next((each for each in found if each.column.code == indicator), None)


def one_target(indicator: str, **columns: Any) -> list[Row]:
    made = {"region_code": COUNTY, "indicator": indicator, "year": 2023, "target": 100.0, "value": 70.0, "completion": 0.7}
    return [made | {"run_rate": None, "needed_per_quarter": None} | columns]


def test_equal_values_share_the_better_place_and_a_median_lies_between() -> None:
    numbers = {"a": Decimal(3), "b": Decimal(2), "c": Decimal(2), "d": Decimal(1)}
    assert places(numbers) == {"a": 1, "b": 2, "c": 2, "d": 4}
    assert places(numbers, is_down=True) == {"d": 1, "b": 2, "c": 2, "a": 4}
    assert (median([Decimal(1), Decimal(4), Decimal(2)]), median([Decimal(1), Decimal(4)]), median([])) == (
        Decimal(2),
        Decimal("2.5"),
        None,
    )


def test_the_last_third_of_the_peer_group_is_weak_with_the_gap_to_its_edge() -> None:
    peers = {(RULESET, code): "一类" for code in ("330102", "330105", "330106", "330108", "330109", "330110", "330111")}
    values = dict(zip(("330102", "330105", "330106", "330109", "330110", "330108", "330111"), (70, 60, 50, 40, 30, 25.5, 10), strict=True))
    made = with_values("GDP", values, peers=peers)
    found = weak(made, "GDP")
    assert found is not None
    assert [(lag.measure, lag.bar, lag.gap, lag.place, lag.of) for lag in found.lags] == [(PEERS, Decimal("30.00"), Decimal("4.50"), 6, 7)]
    assert weak(made, "GDP", "330110") is None


def test_a_ratio_below_the_provinces_is_weak_and_an_amount_never_is() -> None:
    below = {"330108": 3.1, "330000": 3.456}
    found = weak(with_values("IRD_REV", below), "IRD_REV")
    assert found is not None
    assert [(lag.measure, lag.gap) for lag in found.lags] == [(PROVINCE, Decimal("0.36"))]
    assert weak(with_values("TECH_TX", below, targets=[]), "TECH_TX") is None


def test_a_target_is_missed_below_the_share_of_the_year_gone_by_the_gap_to_it() -> None:
    values = {"330108": 70.0}
    found = weak(with_values("TECH_TX", values, targets=one_target("TECH_TX")), "TECH_TX")
    assert found is not None
    assert [(lag.measure, lag.bar, lag.gap) for lag in found.lags] == [(TARGET, Decimal("75.00"), Decimal("5.00"))]
    assert weak(with_values("TECH_TX", values, targets=one_target("TECH_TX", completion=0.75)), "TECH_TX") is None
    assert weak(with_values("TECH_TX", values, targets=one_target("TECH_TX", year=2024)), "TECH_TX") is None


def test_the_cost_is_the_effective_weight_less_the_points_and_the_most_costly_comes_first(whole: Board) -> None:
    found = weak_indicators(whole, columns(whole))
    scores = {(row["region_code"], row["node"]): row for row in whole.scores}
    costs = [(code, each) for code, of_county in found.items() for each in of_county if each.cost is not None]
    assert len(costs) > 90
    for code, each in costs:
        row = scores[code, each.column.code]
        assert each.cost == row["weight_effective"] - row["points"]
    for of_county in found.values():
        known = [-1.0 if each.cost is None else each.cost for each in of_county]
        assert known == sorted(known, reverse=True)


def test_a_withheld_value_is_neither_weak_nor_costed() -> None:
    made = with_values("IRD_REV", {"330000": 3.0})
    next(row for row in made.scores if row["region_code"] == COUNTY and row["node"] == "IRD_REV")["points"] = None
    assert weak(made, "IRD_REV") is None


def test_points_of_the_quarter_before_and_now_differ_by_what_is_told(whole: Board) -> None:
    (moved,) = movements(whole)
    assert moved is not None
    now = {row["node"]: row["points"] for row in whole.scores if row["region_code"] == COUNTY}
    then = {row["node"]: row["points"] for row in whole.past[-1].scores if row["region_code"] == COUNTY}
    told = moved["regions"][COUNTY]["nodes"]
    assert {node[0]: node[4] for node in told} == {node: round(now[node] - then[node], 6) for node in now if node != "total"}
    assert sum(node[4] for node in told) == pytest.approx(now["total"] - then["total"], abs=1e-5)
    assert [abs(node[4]) for node in told] == sorted((abs(node[4]) for node in told), reverse=True)


def test_an_indicator_that_comes_into_force_moves_points_by_weights_and_not_by_scores() -> None:
    """A had 30 points of 40; B comes in with 20 of its 20, and A gives up half of its weight: of A's change only its score is its own."""
    then = {"A": Weighed(30.0, 40.0), "B": Weighed(None, None)}
    now = {"A": Weighed(16.0, 20.0), "B": Weighed(20.0, 20.0)}
    changes = {node: of_weight for node, _, _, of_weight in _changes(then, now, {"A", "B"})}
    assert changes == {"A": pytest.approx(-20 * (0.75 + 0.8) / 2), "B": pytest.approx(20.0)}
    # −14 of A in all: +1.5 by a score that rose by 0.05 at a mean weight of 30, −15.5 by the weight.
    assert _row("A", then["A"], now["A"], changes["A"])[1:] == ["30.00", "16.00", "-14.00", -14.0, "+1.50", "-15.50"]
    assert _sentence(_changes(then, now, {"A", "B"})) == (
        "各项得分合计变动 +6.00 分：得分率变化 +1.50 分，权重变化（年度指标进出、规则调整）+4.50 分。"
    )


def test_another_familys_quarter_or_an_older_one_is_no_comparison(whole: Board) -> None:
    other = [
        Past(each.quarter, each.indicators, each.scores, [row | {"ruleset": "other/1"} for row in each.ranking]) for each in whole.past
    ]
    assert movements(board(past=other)) == [None]
    assert movements(board(past=whole.past[:1])) == [None]
    assert (signed(0.004), signed(-1.0), signed(2.5)) == ("0.00", "-1.00", "+2.50")


def test_trends_hold_each_quarters_own_figures_and_annual_ones_by_reference_year(whole: Board) -> None:
    listed = columns(whole)
    told = trends(whole, listed)
    assert [name.replace("\n", "") for name in told["axes"][0]] == ["2023年一季度", "2023年二季度", "2023年三季度"]
    assert told["axes"][1] == ["2022"]
    number = next(place for place, column in enumerate(listed) if column.code == "TECH_TX")
    own = [
        row["value"]
        for rows in (*(past.indicators for past in whole.past), whole.indicators)
        for row in rows
        if (row["region_code"], row["indicator"]) == (COUNTY, "TECH_TX")
    ]
    assert told["values"][COUNTY][number] == [f"{value:,.2f}" for value in own]
    ranks = [
        row["rank_province"]
        for rows in (*(past.ranking for past in whole.past), whole.ranking)
        for row in rows
        if row["region_code"] == COUNTY
    ]
    assert told["ranks"][COUNTY] == [str(rank) for rank in ranks]
    annual = next(place for place, column in enumerate(listed) if column.code == "RD_GDP")
    assert len(told["values"][COUNTY][annual]) == 1


@pytest.mark.parametrize(
    ("quarter", "columns", "state"),
    [
        ("2023Q2", {"run_rate": 0.99}, EARLY),
        ("2023Q2", {"run_rate": 1.0}, ON_COURSE),
        ("2023Q3", {"run_rate": 0.99}, BEHIND),
        ("2023Q1", {"completion": 0.24}, EARLY),
        ("2023Q4", {"completion": 1.0}, MET),
        ("2023Q4", {"completion": 0.99}, MISSED),
        ("2023Q3", {"completion": None, "value": None}, OPEN),
        ("2022Q4", {"completion": 0.1}, OPEN),
    ],
)
def test_a_target_warns_early_before_the_third_quarter_and_is_behind_after(quarter: str, columns: Row, state: str) -> None:
    made = board(1, quarter=quarter, targets=one_target("TECH_TX", **columns))
    assert [row["state"] for row in progress(made)] == [state]


@pytest.mark.parametrize(("completion", "state"), [(0.952, MISSED), (1.0, MET)])
def test_the_target_of_an_annual_indicator_is_missed_or_met_as_soon_as_its_value_is_there(completion: float, state: str) -> None:
    made = board(1, quarter="2023Q3", targets=one_target("RD_GDP", completion=completion, run_rate=None))
    assert [(row["state"], row["told"]) for row in progress(made)] == [(state, TOLD[state])]
    assert TOLD[MISSED] == "年度目标未完成"


def test_every_ledger_indicator_of_the_edition_stands_in_one_programme() -> None:
    made = board(1)
    ledger = [entry for entry in made.catalogue if entry["feed"] == "ledger"]
    given = [_ledger_row(entry["code"], entry["name_zh"], 1.0) for entry in ledger]
    whole = board(1, indicators=made.indicators + given)
    listed = columns(whole)
    told = programmes(whole, listed)
    numbers = [number for group in told for kind in ("funnel", "rate", "rows") for number in group[kind]]
    assert sorted(listed[number].code for number in numbers) == sorted(entry["code"] for entry in ledger)
    assert [listed[number].code for number in told[0]["funnel"]] == ["HNTE_APPLIED", "HNTE_PUT", "HNTE_PASSED"]
    assert [group["name"] for group in told if group["is_claimed"]] == ["指数与排名（申报口径）"]
    codes = {
        code
        for code in PROGRAMMES.read_text(encoding="utf-8").replace("[", " ").replace("]", " ").replace(",", " ").split()
        if code.isupper()
    }
    assert {code for code in codes if "_" in code} <= {entry["code"] for entry in ledger}


def test_what_platforms_reported_in_advance_stands_beside_the_later_statistics() -> None:
    made = board(1, past=[Past("2022Q4", [_ledger_row("RD_PRE", "预报", 10.5, period="2022", region="330102")], [], [])])
    later = {"region_code": "330102", "indicator": "RD_GDP", "period": "2022", "numerator": 1_000_000_000.0, "status": "value"}
    both = board(1, past=made.past, indicators=[*made.indicators, made.indicators[0] | later])
    assert pre_reports(both) == {"330102": [["2022", "10.50", "10.00", "5.0"]]}
    assert pre_reports(board(1)) == {}


def test_findings_and_revisions_go_to_the_counties_that_they_name(whole: Board) -> None:
    cause = "data: contracts 2023Q3 aaaa → bbbb"
    revised = {
        "region_code": COUNTY,
        "indicator": f"{RULESET.split('/')[0]}/rank",
        "period": "2023Q2",
        "old": 4.0,
        "new": 3.0,
        "cause": cause,
    }
    made = board(revisions=[revised])
    told = counties(made, columns(made))
    assert told["causes"] == [cause]
    assert told["of"][COUNTY]["revisions"] == [["全省位次（made-up）", "2023年二季度", "4", "3", 0]]
    assert told["of"][COUNTY]["findings"] == [0]
    assert [code for code, of_county in told["of"].items() if "findings" in of_county] == [COUNTY]


def _ledger_row(code: str, name: str, value: float, *, period: str = "2023Q3", region: str = COUNTY) -> Row:
    row = {"region_code": region, "region_name": "滨江区", "city_name": "杭州市", "level": "c", "indicator": code, "indicator_name": name}
    return row | {
        "period": period,
        "value": value,
        "unit": "家",
        "numerator": None,
        "denominator": None,
        "status": "value",
        "flags": None,
        "as_of": None,
    }
