"""The ledger's programmes on the county page: which indicators belong together, and R&D reported in advance beside the later statistics.

Here: groups as positions in the board's columns, the comparison. Not here: the figures (ed_indicators passes them through), layout.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from pipelines.report.columns import Column, reference_year
from pipelines.report.content import Board, Row, shown

PROGRAMMES = Path(__file__).resolve().parent / "programmes.yml"
STATISTICS_RD = "RD_GDP"
"""The indicator whose numerator is the county's R&D expenditure by the statistics office, in yuan."""
_YUAN_PER_UNIT = 100_000_000
_LEDGER = "ledger"


@cache
def _groups() -> tuple[Row, ...]:
    groups: list[Row] = yaml.safe_load(PROGRAMMES.read_text(encoding="utf-8"))
    return tuple(groups)


def programmes(board: Board, columns: list[Column]) -> list[Row]:
    """The groups with `name`, `is_claimed`, and `funnel`, `rate`, `rows` as numbers of columns; empty ones left out."""
    numbers: dict[str, list[int]] = {}
    for number, column in enumerate(columns):
        if board.entries.get(column.code, {}).get("feed") == _LEDGER:
            numbers.setdefault(column.code, []).append(number)
    named = {code for group in _groups() for code in _codes(group)}
    told = []
    for group in _groups():
        codes = group["indicators"] or sorted(numbers.keys() - named)
        funnel, rate, rows = (_of(numbers, each) for each in (group.get("funnel", []), [group.get("rate")], codes))
        if funnel or rate or rows or group.get("pre_report"):
            is_claimed = bool(group.get("claimed"))
            told.append({"name": group["name"], "is_claimed": is_claimed, "funnel": funnel, "rate": rate, "rows": rows})
            told[-1]["has_pre_report"] = bool(group.get("pre_report"))
    return told


def _codes(group: Row) -> list[str]:
    return [*group.get("funnel", []), group.get("rate", ""), *group["indicators"], group.get("pre_report", "")]


def _of(numbers: dict[str, list[int]], codes: list[str | None]) -> list[int]:
    return [number for code in codes if code for number in numbers.get(code, [])]


def pre_reports(board: Board) -> dict[str, list[list[str]]]:
    """County -> per reference year: R&D reported in advance and the later statistics value in 亿元, and the former's excess in %.

    Only years for which both exist, from the edition and the quarters before it; of several figures for a year the newest counts.
    """
    reported: dict[tuple[str, str], float] = {}
    later: dict[tuple[str, str], float] = {}
    codes = {group["pre_report"] for group in _groups() if group.get("pre_report")}
    for rows in [*(past.indicators for past in board.past), board.indicators]:
        for row in rows:
            if row["status"] == "value" and row["indicator"] in codes:
                reported[row["region_code"], row["period"][:4]] = row["value"]
            if row["status"] == "value" and row["indicator"] == STATISTICS_RD and row["numerator"]:
                later[row["region_code"], reference_year(row["period"])] = row["numerator"] / _YUAN_PER_UNIT
    both: dict[str, list[list[str]]] = {}
    for region, year in sorted(reported.keys() & later.keys()):
        before, after = reported[region, year], later[region, year]
        both.setdefault(region, []).append([year, shown(before, 2), shown(after, 2), shown(100 * (before - after) / after, 1)])
    return both
