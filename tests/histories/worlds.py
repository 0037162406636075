"""A small world whose figures are hashes of what they are made from: any change of an input changes exactly the figures behind it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from pipelines.quarters import Quarter

FEEDS = ("contracts", "statistics", "tax")
FIRST, QUARTERS = Quarter(2022, 1), 7
ALL = [str(FIRST.plus(number)) for number in range(QUARTERS)]
COUNTY, RULESET = "330108", "zj315-county"
Place = tuple[str, str]
Key = tuple[str, str, str]

#: Indicator -> feed, kind of dependence, catalogue row as revisions read it.
CATALOGUE = [
    {"code": "TECH_TX", "feed": "contracts", "rule": "sum", "accumulates": False},
    {"code": "TECH_TX_GROWTH", "feed": "contracts", "rule": "growth_pct", "accumulates": False},
    {"code": "TAX_TECH", "feed": "tax", "rule": "sum", "accumulates": True},
    {"code": "TECH_TX_GDP", "feed": "contracts statistics", "rule": "ratio", "accumulates": False},
    {"code": "RD_GDP_INC", "feed": "statistics", "rule": "difference", "accumulates": False},
]
CODES = tuple(str(entry["code"]) for entry in CATALOGUE)


@dataclass
class World:
    """What is in force now beside the deliveries."""

    ruleset: int = 1
    division: int = 1
    definitions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CODES, 1))


def behind(code: str, quarter: str) -> tuple[str, list[Place]]:
    """The period under which a quarter publishes an indicator, and the places of the deliveries it is made from, in plain words."""
    year, number = int(quarter[:4]), int(quarter[5])
    if code == "TECH_TX":
        return quarter, [(quarter, "contracts")]
    if code == "TECH_TX_GROWTH":
        return quarter, [(quarter, "contracts"), (f"{year - 1}Q{number}", "contracts")]
    if code == "TAX_TECH":
        return quarter, [(f"{year}Q{each}", "tax") for each in range(1, number + 1)]
    if code == "TECH_TX_GDP":
        return quarter, [(quarter, "contracts"), (quarter, "statistics")]
    return str(year - 1), [(f"{year}Q3", "statistics"), (f"{year - 1}Q3", "statistics")]


def codes_of(quarter: str) -> list[str]:
    """The indicators that a quarter publishes; the annual one from the third quarter on."""
    return [code for code in CODES if code != "RD_GDP_INC" or quarter[-1] in "34"]


def inputs(quarter: str) -> list[str]:
    """The quarters that a quarter rests on: from the first of the year before."""
    return [
        each
        for each in (f"{year}Q{number}" for year in (int(quarter[:4]) - 1, int(quarter[:4])) for number in range(1, 5))
        if each <= quarter
    ]


def figures(quarter: str, deliveries: dict[Place, str], world: World) -> dict[Key, tuple[float | None, str]]:
    """What the quarter publishes; a figure without any of its deliveries is missing."""
    cells: dict[Key, tuple[float | None, str]] = {}
    for code in codes_of(quarter):
        period, places = behind(code, quarter)
        made_from = [deliveries[place] for place in places if place in deliveries]
        value = _number(code, period, *made_from, world.division, world.definitions[code]) if made_from else None
        cells[COUNTY, code, period] = (value, "value" if made_from else "missing")
    used = sorted(sha for (of_quarter, _), sha in deliveries.items() if of_quarter in inputs(quarter))
    definitions = [world.definitions[code] for code in CODES]
    cells[COUNTY, f"{RULESET}/total", quarter] = (_number("total", *used, world.division, *definitions, world.ruleset), "value")
    return cells


def _number(*parts: object) -> float:
    return float(int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:6], "big"))
