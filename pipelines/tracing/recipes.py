"""Recipes: which contributions make an indicator's cell, by the catalogue and the divisions that were published with it.

Here: pure functions from a catalogue row, a region and a period to the terms of its formula. Not here: sums, values, rows.
They say the same as `models/indicators/{int_cells,int_measures,ind_computed}.sql`; every cell of every edition is checked to.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.quarters import Quarter

LEDGER, GROWTH, DIFFERENCE, RATIO, SUM, DELIVERED = "ledger", "growth_pct", "difference", "ratio", "sum", "delivered"
_YEAR_BEFORE = -4
Row = dict[str, Any]


@dataclass(frozen=True)
class Share:
    """What one quarter adds to a term: the contributions of these regions; none if the region did not exist then."""

    quarter: str
    regions: frozenset[str]


@dataclass(frozen=True)
class Term:
    """An amount in a formula: contributions to `indicator` in a `role`, of one quarter, or of the year's quarters where it accumulates.

    `is_counted` says that a delivered feed without any row for the region gives zero, not a missing value.
    """

    name: str
    indicator: str
    role: str
    feed: str
    period: str | None
    shares: tuple[Share, ...]
    is_counted: bool


@dataclass(frozen=True)
class Recipe:
    """How a cell is made: the catalogue's rule and its terms by name (numerator, denominator, base_numerator, base_denominator)."""

    indicator: str
    rule: str
    multiplier: int
    divisor: int
    is_published: bool
    terms: dict[str, Term]


class Definitions:
    """Catalogue and divisions as they were when an edition was published."""

    def __init__(self, indicators: list[Row], divisions: list[Row]) -> None:
        self.indicators = {row["code"]: row for row in indicators}
        self._divisions = divisions
        self._in_force: dict[str, dict[str, Row]] = {}
        self._members: dict[tuple[str, str], frozenset[str]] = {}

    def in_force(self, quarter: str) -> dict[str, Row]:
        """Divisions by code on the quarter's last day."""
        if quarter not in self._in_force:
            day = Quarter.parse(quarter).last_day
            self._in_force[quarter] = {row["code"]: row for row in self._divisions if _is_in_force(row, day)}
        return self._in_force[quarter]

    def members(self, region: str, quarter: str) -> frozenset[str]:
        """The regions whose contributions are added up to a region: itself, a city's counties, all that lies in the province."""
        if (region, quarter) not in self._members:
            known = self.in_force(quarter)
            level = known[region]["level"] if region in known else ""
            below = {"m": lambda row: row["level"] == "c" and row["city_code"] == region, "p": lambda row: row["level"] in ("c", "r")}
            is_below = below.get(level, lambda row: False)
            self._members[region, quarter] = frozenset({region, *(code for code, row in known.items() if is_below(row))})
        return self._members[region, quarter]

    @cached_property
    def levels(self) -> dict[str, str]:
        """Level by code, of all times."""
        return {row["code"]: row["level"] for row in self._divisions}

    def recipe(self, region: str, indicator: str, period: str, quarter: str) -> Recipe:
        """How the cell of a region, indicator and period of a quarter's edition is made."""
        entry = self.indicators.get(indicator)
        if entry is None or entry["rule"] == LEDGER:
            return self._of_ledger(region, indicator, period, quarter)
        now = Quarter.parse(quarter)
        if entry["kind"] == "annual" and period == quarter:
            now = now.plus(-1)
        before = now.plus(_YEAR_BEFORE)
        terms = {"numerator": self._term("numerator", entry["numerator"], region, now)}
        if entry["rule"] in (RATIO, DIFFERENCE):
            terms["denominator"] = self._term("denominator", entry["denominator"], region, now)
        if entry["rule"] in (GROWTH, DIFFERENCE):
            terms["base_numerator"] = self._term("base_numerator", entry["numerator"], region, before)
        if entry["rule"] == DIFFERENCE:
            terms["base_denominator"] = self._term("base_denominator", entry["denominator"], region, before)
        is_published = period != quarter or quarter[-1] in str(entry["published_in"])
        return Recipe(indicator, entry["rule"], int(entry["multiplier"]), int(entry["divisor"]), is_published, terms)

    def _term(self, name: str, measure: str, region: str, now: Quarter) -> Term:
        indicator, role = measure.split(".")
        entry = self.indicators[indicator]
        first = Quarter(now.year, 1) if entry["accumulates"] else now
        quarters = [str(first.plus(step)) for step in range(now.number)] if entry["accumulates"] else [str(now)]
        is_counted = entry["regions"] == "added_up"
        shares = tuple(Share(each, self._contributing(region, each, is_counted)) for each in quarters)
        return Term(name, indicator, role, entry["feed"], None, shares, is_counted)

    def _contributing(self, region: str, quarter: str, is_counted: bool) -> frozenset[str]:
        if region not in self.in_force(quarter):
            return frozenset()
        return self.members(region, quarter) if is_counted else frozenset({region})

    def _of_ledger(self, region: str, indicator: str, period: str, quarter: str) -> Recipe:
        share = (Share(quarter, frozenset({region})),)
        roles = ("delivered", "numerator", "denominator")
        terms = {role: Term(role, indicator, role, "ledger", period, share, is_counted=False) for role in roles}
        return Recipe(indicator, LEDGER, 1, 1, True, terms)


def _is_in_force(row: Row, day: dt.date) -> bool:
    return str(row["valid_from"]) <= day.isoformat() <= (str(row["valid_to"]) if row["valid_to"] else "9999")
