"""The indicators as the board lists them: one column per indicator and period, the counties' values and places in it.

Here: order and words of columns, published values, places among counties. Not here: what the page makes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipelines.quarters import Quarter
from pipelines.report.content import FEEDS, Board, Row, quarter_name, rounded

COMPARABLE = ("ratio", "growth", "annual")
"""Kinds of indicators whose values of county, city and province are on one scale."""


@dataclass(frozen=True)
class Column:
    """An indicator in a period; `values` are those of all regions that have a published one, `withheld` those whose is withheld."""

    code: str
    period: str
    name: str
    unit: str
    decimals: int
    kind: str
    is_down: bool
    values: dict[str, float]
    withheld: frozenset[str] = frozenset()

    @property
    def is_comparable(self) -> bool:
        """Whether a county's value may be measured against a larger region's: amounts and counts of a larger region are always larger."""
        return self.kind in COMPARABLE

    def as_shown(self, regions: Collection[str]) -> dict[str, Decimal]:
        """The values of some regions, rounded as people see them."""
        return {code: rounded(value, self.decimals) for code, value in self.values.items() if code in regions}


def columns(board: Board) -> list[Column]:
    """The indicators in the catalogue's order, each period of one for itself; an annual one without value this quarter only by its year."""
    order = {code: number for number, code in enumerate(board.entries)}
    feeds = {name: number for number, name in enumerate(FEEDS.values())}
    published: dict[tuple[str, str], bool] = {}
    values: dict[tuple[str, str], dict[str, float]] = {}
    withheld: dict[tuple[str, str], set[str]] = {}
    for row in board.indicators:
        key = (row["indicator"], row["period"])
        published[key] = published.get(key, False) or row["status"] != "not_published"
        if row["status"] == "value":
            values.setdefault(key, {})[row["region_code"]] = row["value"]
        elif row["status"] == "withheld":
            withheld.setdefault(key, set()).add(row["region_code"])
    annual = {indicator for indicator, period in published if period != board.quarter}
    keys = [key for key, is_published in published.items() if is_published or key[0] not in annual]
    keys.sort(key=lambda key: (feeds.get(feed_of(board, key[0]), len(feeds)), order.get(key[0], len(order)), key))
    return [_column(board, *key, values.get(key, {}), frozenset(withheld.get(key, ()))) for key in keys]


def _column(board: Board, code: str, period: str, values: dict[str, float], withheld: frozenset[str]) -> Column:
    entry = board.entries.get(code, {})
    name, unit = board.indicator_names[code], board.indicator_units[code]
    kind, is_down = entry.get("kind") or "", entry.get("direction") == "down"
    return Column(code, period, name, unit, board.decimals(code), kind, is_down, values, withheld)


def feed_of(board: Board, code: str) -> str:
    """The first office behind an indicator."""
    return board.feed_names(code).partition("、")[0]


def heading(board: Board, column: Column) -> Row:
    """What the page says of a column."""
    return {
        "code": column.code,
        "name": column.name,
        "unit": column.unit,
        "period": column.period,
        "period_name": "" if column.period == board.quarter else quarter_name(column.period),
        "is_comparable": column.is_comparable,
        "feed": feed_of(board, column.code) or "其他",
        "definition": board.definition(column.code),
    }


def places(shown: Mapping[str, Decimal], *, is_down: bool = False) -> dict[str, int]:
    """Region -> its place, 1 the best; equal values share the better place."""
    ordered = sorted(shown.values(), reverse=not is_down)
    first = {value: number for number, value in reversed(list(enumerate(ordered, 1)))}
    return {code: first[value] for code, value in shown.items()}


def rank_text(rank: int, shown: int, withheld: int) -> str:
    """A rank among shown values, and how many counties have one that is not shown and may rank anywhere."""
    return f"{rank}/{shown}" + (f"，另有{withheld}县不予公布" if withheld else "")


def median(shown: Collection[Decimal]) -> Decimal | None:
    """The middle value, of an even number the mean of the two in the middle; none of nothing."""
    ordered = sorted(shown)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def reference_year(period: str) -> str:
    """The reference year of an annual value: its own period, or the year before the quarter under which it is published."""
    return period if "Q" not in period else str(Quarter.parse(period).year - 1)
