"""Revisions: every difference between two editions has its class and cause, or nothing is published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.editions.revisions import Unexplained, changed_cells, quarters_behind, revisions
from pipelines.editions.sides import Side
from tests.small_warehouse import catalogue

CATALOGUE = [entry | {"accumulates": entry["accumulates"] == "true"} for entry in catalogue()]
ENTRIES = {entry["code"]: entry for entry in CATALOGUE}
COUNTY, OTHER, QUARTER = "330108", "330109", "2023Q3"
OLD = Side(
    QUARTER,
    "001",
    {
        (COUNTY, "TECH_TX", QUARTER): (235.98, "value"),
        (COUNTY, "TECH_TX_GROWTH", QUARTER): (12.5, "value"),
        (COUNTY, "TAX_TECH", QUARTER): (4.0, "value"),
        (COUNTY, "RD_GDP", "2022"): (9.52, "value"),
        (COUNTY, "zj315-county/total", QUARTER): (88.1, "value"),
    },
    {(quarter, feed): "a" * 64 for quarter in ("2022Q3", "2023Q1", "2023Q2", QUARTER) for feed in ("contracts", "statistics", "tax")},
    {"zj315-county": "2023.2 (aaaaaaaaaaaa)"},
    {"TECH_TX": "1", "RD_GDP": "1"},
    "d" * 64,
    {"version": "0.1.0", "commit": "c" * 40, "is_changed": False},
)


def changed(indicator: str, value: float | None, period: str = QUARTER, status: str = "value", **making: object) -> Side:
    """The edition with one cell changed, and something in its making."""
    return replace(OLD, edition="002", cells=OLD.cells | {(COUNTY, indicator, period): (value, status)}, **making)


def delivered(*places: tuple[str, str]) -> dict[tuple[str, str], str]:
    return OLD.deliveries | dict.fromkeys(places, "b" * 64)


def cause(after: Side, before: Side = OLD) -> str:
    (row,) = changed_cells(before, after, CATALOGUE)
    return str(row["cause"])


def test_a_value_names_the_delivery_that_it_is_made_from_and_no_other() -> None:
    after = changed("TECH_TX", 236.0, deliveries=delivered((QUARTER, "contracts"), ("2022Q3", "contracts"), (QUARTER, "tax")))
    assert cause(after) == "data: contracts 2023Q3 aaaaaaaaaaaa → bbbbbbbbbbbb"


def test_a_growth_names_the_delivery_of_the_year_before() -> None:
    after = changed("TECH_TX_GROWTH", 11.0, deliveries=delivered(("2022Q3", "contracts"), ("2023Q1", "contracts")))
    assert cause(after) == "data: contracts 2022Q3 aaaaaaaaaaaa → bbbbbbbbbbbb"


def test_a_sum_over_the_year_names_the_earlier_quarters_of_it() -> None:
    after = changed("TAX_TECH", 4.5, deliveries=delivered(("2023Q1", "tax"), ("2022Q3", "tax")))
    assert cause(after) == "data: tax 2023Q1 aaaaaaaaaaaa → bbbbbbbbbbbb"


def test_an_annual_value_names_the_third_quarter_after_its_year() -> None:
    after = changed("RD_GDP", 9.6, period="2022", deliveries=delivered((QUARTER, "statistics"), ("2022Q3", "statistics")))
    assert cause(after) == "data: statistics 2023Q3 aaaaaaaaaaaa → bbbbbbbbbbbb"


def test_a_first_delivery_and_a_missing_value_are_told() -> None:
    before = replace(OLD, deliveries={place: sha for place, sha in OLD.deliveries.items() if place != (QUARTER, "contracts")})
    before = replace(before, cells=before.cells | {(COUNTY, "TECH_TX", QUARTER): (None, "missing")})
    assert cause(OLD, before) == "data: contracts 2023Q3 none → aaaaaaaaaaaa; status missing → value"


def test_a_redefined_indicator_is_of_class_catalogue_and_redrawn_divisions_are_told() -> None:
    assert cause(changed("TECH_TX", 1.0, definitions={"TECH_TX": "2", "RD_GDP": "1"})) == "catalogue: TECH_TX"
    assert cause(changed("TECH_TX", 1.0, divisions="e" * 64)) == "division: dddddddddddd → eeeeeeeeeeee"


def test_a_total_under_other_rules_is_of_class_ruleset() -> None:
    after = changed("zj315-county/total", 87.0, rulesets={"zj315-county": "2024.1 (bbbbbbbbbbbb)"})
    assert cause(after) == "ruleset: zj315-county 2023.2 (aaaaaaaaaaaa) → 2024.1 (bbbbbbbbbbbb)"


def test_a_total_moved_by_data_names_the_deliveries() -> None:
    after = changed("zj315-county/total", 87.0, deliveries=delivered((QUARTER, "tax")))
    assert cause(after) == "data: tax 2023Q3 aaaaaaaaaaaa → bbbbbbbbbbbb"


def test_other_code_is_the_cause_only_of_what_nothing_delivered_moved() -> None:
    code = {"version": "0.1.0", "commit": "e" * 40, "is_changed": False}
    assert cause(changed("TECH_TX", 1.0, code=code)) == "method: code 0.1.0@cccccccccccc → 0.1.0@eeeeeeeeeeee"
    both = changed("TECH_TX", 1.0, code=code, deliveries=delivered((QUARTER, "contracts")))
    assert cause(both).startswith("data: contracts 2023Q3")


@pytest.mark.parametrize(
    ("indicator", "making"),
    [
        ("TECH_TX", {}),
        ("TECH_TX", {"deliveries": delivered((QUARTER, "tax"))}),
        ("TECH_TX", {"definitions": {"TECH_TX": "1", "RD_GDP": "2"}}),
        ("TECH_TX", {"rulesets": {"zj315-county": "2024.1 (bbbbbbbbbbbb)"}}),
        ("zj315-county/total", {"rulesets": OLD.rulesets | {"hz315-county": "2023.2 (bbbbbbbbbbbb)"}}),
    ],
)
def test_a_change_that_nothing_explains_is_refused(indicator: str, making: dict[str, object]) -> None:
    with pytest.raises(Unexplained, match=f"{indicator} of {COUNTY} in {QUARTER}"):
        changed_cells(OLD, changed(indicator, 1.0, **making), CATALOGUE)


def test_earlier_quarters_stand_beside_the_own_ones_and_an_annual_cell_stands_once() -> None:
    earlier_deliveries = {("2023Q2", "contracts"): "b" * 64}
    key = (COUNTY, "RD_GDP", "2022")
    then = replace(OLD, quarter="2023Q2", cells={(COUNTY, "TECH_TX", "2023Q2"): (1.0, "value"), key: (9.0, "value")})
    now = replace(
        then,
        cells={(COUNTY, "TECH_TX", "2023Q2"): (2.0, "value"), key: (9.1, "value")},
        deliveries=then.deliveries | earlier_deliveries | {("2023Q3", "statistics"): "b" * 64},
    )
    own = changed("RD_GDP", 9.6, period="2022", deliveries=delivered((QUARTER, "statistics")))
    rows = revisions((OLD, own), [(then, now)], CATALOGUE).to_pylist()
    assert [(row["indicator"], row["period"], row["old"], row["new"]) for row in rows] == [
        ("RD_GDP", "2022", 9.52, 9.6),
        ("TECH_TX", "2023Q2", 1.0, 2.0),
    ]
    assert revisions(None, [], CATALOGUE).num_rows == 0


def test_the_quarters_behind_a_value_are_those_of_the_definitions() -> None:
    assert quarters_behind(ENTRIES["TECH_TX"], QUARTER) == {QUARTER}
    assert quarters_behind(ENTRIES["TECH_TX_GROWTH"], QUARTER) == {QUARTER, "2022Q3"}
    assert quarters_behind(ENTRIES["TAX_TECH"], QUARTER) == {"2023Q1", "2023Q2", QUARTER}
    assert quarters_behind(ENTRIES["RD_GDP"], "2022") == {"2023Q3"}
    assert quarters_behind(ENTRIES["RD_GDP_INC"], "2022") == {"2023Q3", "2022Q3"}
    assert quarters_behind(ENTRIES["HNTE_PASSED"], QUARTER) is None
