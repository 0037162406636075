"""Revisions: which published cells differ between two editions, of which class each change is, and what caused it.

Here: comparing, and explaining every difference or refusing. Not here: reading editions (sides), deciding whether one is needed.

Classes, in the order in which a cause names them: `data` (a delivery in force is another), `catalogue` (the indicator is defined
otherwise), `division` (the division table is another), `ruleset` (totals, ranks, stars only), `method` (other code).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from pipelines.editions.formats import from_rows
from pipelines.editions.schema import REVISIONS
from pipelines.editions.sides import Cell, Key, Side
from pipelines.errors import Failure
from pipelines.quarters import Quarter, span

_SHOWN = 12
_ABSENT: Cell = (None, "absent")
Row = dict[str, Any]


class Unexplained(Failure):
    """Cells differ although deliveries, definitions, rules and code are the same."""


def revisions(own: tuple[Side, Side] | None, earlier: Iterable[tuple[Side, Side]], catalogue: list[Row]) -> pa.Table:
    """One row per cell that differs: of the edition before and this one (`own`; none for a first edition), then of earlier quarters.

    A cell that several quarters publish (an annual one) stands once, as the latest of them has it. `catalogue` has a dict per
    indicator with `code`, `kind`, `feed`, `rule` and `accumulates`. `Unexplained` if any difference has no cause.
    """
    rows: dict[Key, Row] = {}
    pairs = ([own] if own else []) + sorted(earlier, key=lambda pair: pair[0].quarter, reverse=True)
    for before, after in pairs:
        for row in changed_cells(before, after, catalogue):
            rows.setdefault((row["region_code"], row["indicator"], row["period"]), row)
    return from_rows(REVISIONS, [rows[key] for key in sorted(rows)])


def changed_cells(before: Side, after: Side, catalogue: list[Row]) -> list[Row]:
    """The rows of `revisions.csv` for two editions of one quarter, by key."""
    why = _Causes(before, after, {entry["code"]: entry for entry in catalogue})
    rows = []
    for key in sorted(before.cells.keys() | after.cells.keys()):
        old, new = before.cells.get(key, _ABSENT), after.cells.get(key, _ABSENT)
        if old != new:
            cause = why.of(key)
            if old[1] != new[1]:
                cause += f"; status {old[1]} → {new[1]}"
            rows.append({"region_code": key[0], "indicator": key[1], "period": key[2], "old": old[0], "new": new[0], "cause": cause})
    return rows


class _Causes:
    """What differs in the making of two editions, and which of it can have reached a cell."""

    def __init__(self, before: Side, after: Side, catalogue: dict[str, Row]) -> None:
        self._before, self._after, self._catalogue = before, after, catalogue
        self._moved = {
            place: f"{place[1]} {place[0]} {before.deliveries.get(place, 'none')[:_SHOWN]} → {after.deliveries.get(place, 'none')[:_SHOWN]}"
            for place in sorted(before.deliveries.keys() | after.deliveries.keys())
            if before.deliveries.get(place) != after.deliveries.get(place)
        }
        # An edition that recorded no definitions says nothing about them.
        known = before.definitions.keys() | after.definitions.keys() if before.definitions and after.definitions else set()
        self._redefined = {code for code in known if before.definitions.get(code) != after.definitions.get(code)}
        was, now = _code_name(before.code), _code_name(after.code)
        is_other = was != now or after.code.get("is_changed") or after.code.get("commit") == "unknown"
        self._method = [f"method: code {was} → {now}"] if is_other else []
        is_redrawn = before.divisions != after.divisions and "" not in (before.divisions, after.divisions)
        self._division = [f"division: {before.divisions[:_SHOWN]} → {after.divisions[:_SHOWN]}"] if is_redrawn else []

    def of(self, key: Key) -> str:
        """Every cause that can have changed the cell; `Unexplained` without one.

        Other code is a cause only where nothing else is: it is said of what moved though nothing delivered did.
        """
        family, _, what = key[1].partition("/")
        causes = self._of_standing(family) if what else self._of_indicator(key)
        causes = causes or self._method
        if not causes:
            raise Unexplained(
                f"{key[1]} of {key[0]} in {key[2]}: found a value other than in edition {self._before.edition} of {self._before.quarter}, "
                f"with the same deliveries, definitions, rules and code {_code_name(self._after.code)}; expected the same; "
                "next: run the quarter again from its deliveries"
            )
        return "; ".join(causes)

    def _of_standing(self, family: str) -> list[str]:
        was, now = self._before.rulesets.get(family, "none"), self._after.rulesets.get(family, "none")
        rules = [f"ruleset: {family} {was} → {now}"] if was != now else []
        return [*_data(self._moved.values()), *self._of_definitions(self._redefined), *self._division, *rules]

    def _of_indicator(self, key: Key) -> list[str]:
        is_redefined = {key[1]} & self._redefined
        return [*_data(self._deliveries_behind(key)), *self._of_definitions(is_redefined), *self._division]

    def _deliveries_behind(self, key: Key) -> list[str]:
        """Moved deliveries that the cell is made from; of its offices' deliveries of other quarters only if none of those moved."""
        entry = self._catalogue.get(key[1])
        feeds = set(str(entry["feed"]).split()) if entry else {"ledger"}
        of_feeds = {place: text for place, text in self._moved.items() if place[1] in feeds}
        near = quarters_behind(entry, key[2]) if entry else None
        return [text for (quarter, _), text in of_feeds.items() if near is None or quarter in near] or list(of_feeds.values())

    def _of_definitions(self, redefined: set[str]) -> list[str]:
        return [f"catalogue: {', '.join(sorted(redefined))}"] if redefined else []


def quarters_behind(entry: Row, period: str) -> set[str] | None:
    """The quarters whose deliveries an indicator's value of a period is made from (indicators.md); None if any may be.

    Programmes of the ledger may be delivered for a period at any later time.
    """
    if entry["rule"] == "ledger":
        return None
    if len(period) == 4:
        years = (int(period), int(period) - 1) if entry["rule"] == "difference" else (int(period),)
        return {f"{year + 1}Q3" for year in years}
    quarter = Quarter.parse(period)
    ends = (quarter, quarter.plus(-4)) if entry["rule"] == "growth_pct" else (quarter,)
    return {str(each) for end in ends for each in (span(Quarter(end.year, 1), end) if entry["accumulates"] else [end])}


def _data(deliveries: Iterable[str]) -> list[str]:
    named = ", ".join(deliveries)
    return [f"data: {named}"] if named else []


def _code_name(code: dict[str, Any]) -> str:
    return f"{code.get('version', 'unknown')}@{str(code.get('commit', 'unknown'))[:_SHOWN]}{'+' if code.get('is_changed') else ''}"
