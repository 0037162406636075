"""Figures of counties, quarters and editions as one system: what is withheld for which reason, and what the published rows tell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from pipelines.disclosure.linked import Figures, figures_of
from pipelines.disclosure.patterns import withheld_figures
from pipelines.disclosure.published import audited, told_figures

MEASURE, FIRST, SECOND = "TECH_TX.amount", "2023Q1", "2023Q2"
PROVINCE, BESIDE = "330000", "330099"
CITIES = {"330100": ("330102", "330105", "330106"), "330200": ("330203", "330205", "330206")}
COUNTY = "330102"
AMOUNTS = {FIRST: (40, 30, 50, 20, 60, 35), SECOND: (90, 70, 120, 45, 130, 80)}
"""Of the six counties, to date; what belongs to no city has 10 in each."""
CATALOGUE = [
    {"code": "TECH_TX", "rule": "sum", "numerator": MEASURE, "denominator": None},
    {"code": "TECH_TX_GROWTH", "rule": "growth_pct", "numerator": MEASURE, "denominator": None},
    {"code": "TECH_TX_GDP", "rule": "ratio", "numerator": MEASURE, "denominator": "GDP.amount"},
    {"code": "IRD_GROWTH", "rule": "delivered", "numerator": "IRD_GROWTH.delivered", "denominator": None},
]
GROWTH_OF = {"IRD_GROWTH.delivered": "IRD_AMT.amount"}


def divisions() -> list[dict[str, Any]]:
    def division(code: str, level: str, city: str | None) -> dict[str, Any]:
        return {"code": code, "level": level, "city_code": city, "valid_from": dt.date(1949, 10, 1), "valid_to": None}

    counties = [division(county, "c", city) for city, mine in CITIES.items() for county in mine]
    return [division(PROVINCE, "p", None), division(BESIDE, "r", None), *(division(city, "m", city) for city in CITIES), *counties]


def amounts() -> list[dict[str, Any]]:
    rows = []
    for quarter, given in AMOUNTS.items():
        of_county = dict(zip([county for mine in CITIES.values() for county in mine], given, strict=True))
        of_city = {city: sum(of_county[county] for county in mine) for city, mine in CITIES.items()}
        everything = of_county | of_city | {PROVINCE: sum(of_city.values()) + 10}
        rows += [
            {"quarter": quarter, "measure": MEASURE, "region_code": code, "amount": Decimal(each)} for code, each in everything.items()
        ]
    return rows


def figures(kind: str, quarter: str, region: str, told: dict[tuple[str, str, str], dict[str, Decimal]] | None = None) -> Figures:
    """The world with one unsafe figure, which must stay open by five on either side."""
    unsafe = {"kind": kind, "quarter": quarter, "measure": MEASURE, "region_code": region, "unsafe_by": "frequency", "protection": 5.0}
    return figures_of(amounts(), [unsafe], divisions(), [MEASURE], told or {})


def told_without(withheld: list[dict[str, Any]], world: Figures) -> set[tuple[str, str, str]]:
    """Everything published but what is withheld and what belongs to no city."""
    hidden = {(row["quarter"], row["measure"], row["region_code"]) for row in withheld}
    return {key for key in world.amounts if key not in hidden and key[2] != BESIDE}


@pytest.mark.parametrize(
    ("kind", "quarter", "region"),
    [("to_date", FIRST, COUNTY), ("to_date", SECOND, "330200"), ("quarter", SECOND, COUNTY), ("to_date", FIRST, BESIDE)],
)
def test_whatever_is_unsafe_is_protected_and_exposed_where_everything_is_published(kind: str, quarter: str, region: str):
    world = figures(kind, quarter, region)
    withheld = withheld_figures(world, [FIRST, SECOND], {})
    assert withheld
    assert not any(row["is_exposed"] for row in audited(world, [FIRST, SECOND], told_without(withheld, world)))
    assert any(row["is_exposed"] for row in audited(world, [FIRST, SECOND], told_without([], world)))


def test_an_unsafe_figure_is_withheld_by_its_rules_and_others_because_they_protect_it():
    withheld = withheld_figures(figures("to_date", FIRST, COUNTY), [FIRST], {})
    because = {row["region_code"]: row["withheld_because"] for row in withheld}
    assert because.pop(COUNTY) == "frequency"
    assert set(because.values()) == {"secondary"}


def test_what_a_quarter_brought_is_protected_by_the_later_figure_because_the_earlier_one_is_out():
    withheld = withheld_figures(figures("quarter", SECOND, COUNTY), [FIRST, SECOND], {})
    assert {row["quarter"] for row in withheld} == {SECOND}
    assert COUNTY in {row["region_code"] for row in withheld}


def test_a_correction_of_one_firm_is_protected_and_what_an_edition_told_cannot_be_taken_back():
    everything = {(row["quarter"], row["measure"], row["region_code"]): {"001": row["amount"]} for row in amounts()}
    for region in (COUNTY, "330100", PROVINCE):
        everything[FIRST, MEASURE, region] = {"001": everything[FIRST, MEASURE, region]["001"] - 4}
    world = figures("001", FIRST, COUNTY, everything)
    withheld = withheld_figures(world, [FIRST], {})
    # The province's total may have moved by what belongs to no city, which nobody publishes.
    assert {row["region_code"] for row in withheld} == {COUNTY, "330100"}
    assert not any(row["is_exposed"] for row in audited(world, [FIRST], told_without(withheld, world)))


def test_nothing_unsafe_withholds_nothing():
    assert withheld_figures(figures_of(amounts(), [], divisions(), [MEASURE], {}), [FIRST, SECOND], {}) == []


def row(indicator: str, **shown: float) -> dict[str, Any]:
    empty: dict[str, Any] = {"value": None, "numerator": None, "denominator": None}
    return {"quarter": SECOND, "region_code": COUNTY, "indicator": indicator, "period": SECOND} | empty | shown


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row("TECH_TX")], set()),
        ([row("TECH_TX", value=1.0)], {(SECOND, MEASURE)}),
        ([row("TECH_TX_GROWTH", numerator=1.0)], {(SECOND, MEASURE)}),
        ([row("TECH_TX_GROWTH", denominator=1.0)], {("2022Q2", MEASURE)}),
        ([row("TECH_TX_GROWTH", value=1.0)], {(SECOND, MEASURE), ("2022Q2", MEASURE)}),
        ([row("TECH_TX_GDP", value=1.0)], {(SECOND, MEASURE), (SECOND, "GDP.amount")}),
        ([row("IRD_GROWTH", value=1.0)], {(SECOND, "IRD_GROWTH.delivered")}),
    ],
)
def test_a_row_tells_the_figures_that_it_is_made_of(rows: list[dict[str, Any]], told: set[tuple[str, str]]):
    found = told_figures(rows, [], CATALOGUE, GROWTH_OF)
    assert {(quarter, measure) for quarter, measure, region in found if region == COUNTY} == told


def test_a_target_with_its_completion_tells_the_value():
    target = {"quarter": SECOND, "region_code": COUNTY, "indicator": "TECH_TX", "value": None, "completion": 0.5, "run_rate": None}
    assert told_figures([], [target], CATALOGUE, GROWTH_OF) == {(SECOND, MEASURE, COUNTY)}


def test_growth_and_one_years_amount_tell_the_other_years():
    catalogue = [*CATALOGUE, {"code": "IRD_AMT", "rule": "sum", "numerator": "IRD_AMT.amount", "denominator": None}]
    found = told_figures([row("IRD_GROWTH", value=1.0), row("IRD_AMT", value=1.0)], [], catalogue, GROWTH_OF)
    assert ("2022Q2", "IRD_AMT.amount", COUNTY) in found
