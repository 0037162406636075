"""Weak indicators (短板): where a county lags its target, its peer group or the province, by how much, and what it costs.

Here: the definition of indicators.md on published figures. Not here: scoring, words around it, the firms behind it (work lists).

Readings where the definition is short: the province is a measure only for ratios, growth and annual indicators, because a county's
amount is always below the province's; a target counts for indicators of which more is better; the last third of a group of n are the
n // 3 last places by values as shown, of at least three counties. The cost is the effective weight less the points given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pipelines.quarters import Quarter
from pipelines.report.columns import Column, places
from pipelines.report.content import Board, Row, rounded
from pipelines.report.progress import QUARTERS, is_settled

TARGET, YEAR_TARGET, PEERS, PROVINCE = "target", "target of the year", "peers", "province"


@dataclass(frozen=True)
class Lag:
    """One reason: behind which `measure`, whose value is `bar`; `gap` is what is missing to it, in the indicator's unit, above zero."""

    measure: str
    bar: Decimal
    gap: Decimal
    place: int = 0
    of: int = 0
    withheld: int = 0


@dataclass(frozen=True)
class Weak:
    """A weak indicator of a county; `cost` are points of the leading ruleset, none if it does not score the indicator."""

    column: Column
    value: Decimal
    lags: tuple[Lag, ...]
    cost: float | None


def weak_indicators(board: Board, columns: list[Column]) -> dict[str, list[Weak]]:
    """County -> its weak indicators, the most costly first, those without cost in the order of the columns."""
    province = {row["region_code"] for row in board.indicators if row["level"] == "p"}
    counties = {row["region_code"] for row in board.indicators if row["level"] == "c"}
    costs, targets = _costs(board), _targets(board)
    found: dict[str, list[Weak]] = {code: [] for code in sorted(counties)}
    for column in columns:
        shown = column.as_shown(counties)
        lags: dict[str, list[Lag]] = {code: [] for code in shown}
        for code, value in shown.items():
            if column.period in (board.quarter, *_year_before(board, column)) and (code, column.code) in targets:
                due_quarters = QUARTERS if is_settled(board, column.code) else Quarter.parse(board.quarter).number
                lags[code] += _behind_target(column, value, targets[code, column.code], due_quarters)
        for group in sorted(set(board.leading_peers.values())):
            members = {code: value for code, value in shown.items() if board.leading_peers.get(code) == group}
            withheld = sum(board.leading_peers.get(code) == group for code in column.withheld)
            for code, lag in _last_third(members, column.is_down, withheld).items():
                lags[code].append(lag)
        for value in column.as_shown(province).values():
            for code, own in shown.items():
                lags[code] += _below_province(column, own, value)
        for code in sorted(shown):
            if lags[code]:
                found[code].append(Weak(column, shown[code], tuple(lags[code]), costs.get((code, column.code))))
    return {
        code: sorted(of_county, key=lambda weak: -1.0 if weak.cost is None else weak.cost, reverse=True)
        for code, of_county in found.items()
    }


def _costs(board: Board) -> dict[tuple[str, str], float]:
    leading = board.listings[0].ruleset if board.listings else ""
    return {
        (row["region_code"], row["node"]): max(row["weight_effective"] - row["points"], 0.0)
        for row in board.scores
        if row["ruleset"] == leading and row["points"] is not None and row["weight_effective"] is not None
    }


def _targets(board: Board) -> dict[tuple[str, str], Row]:
    year = Quarter.parse(board.quarter).year
    return {(row["region_code"], row["indicator"]): row for row in board.targets if row["year"] == year and row["completion"] is not None}


def _year_before(board: Board, column: Column) -> tuple[str, ...]:
    """The reference year that a target of this year is about, for an annual survey."""
    return (str(Quarter.parse(board.quarter).year - 1),) if column.kind == "annual" else ()


def _behind_target(column: Column, value: Decimal, target: Row, number: int) -> list[Lag]:
    if column.is_down or target["target"] <= 0 or target["completion"] >= number / 4:
        return []
    due = rounded(Decimal(repr(target["target"])) * number / 4, column.decimals)
    return [Lag(YEAR_TARGET if number == QUARTERS else TARGET, due, max(due - value, Decimal(0)))]


def _last_third(members: dict[str, Decimal], is_down: bool, withheld: int) -> dict[str, Lag]:
    of, place = len(members), places(members, is_down=is_down)
    last = of - of // 3
    bar = sorted(members.values(), reverse=not is_down)[last - 1] if of else Decimal(0)
    return {code: Lag(PEERS, bar, abs(bar - value), place[code], of, withheld) for code, value in members.items() if place[code] > last}


def _below_province(column: Column, own: Decimal, province: Decimal) -> list[Lag]:
    if not column.is_comparable:
        return []
    gap = own - province if column.is_down else province - own
    return [Lag(PROVINCE, province, gap)] if gap > 0 else []
