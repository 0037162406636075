"""Targets and how they stand: completion, run rate and, before the third quarter, an early warning.

Here: the words for each target of targets.csv. Not here: completion and run rate themselves (ed_targets).
"""

from __future__ import annotations

from pipelines.quarters import Quarter
from pipelines.report.content import Board, Row, percent, shown

EARLY, BEHIND, ON_COURSE, MISSED, MET, OPEN = "early", "behind", "on", "missed", "met", ""
_FIRST_LATE_QUARTER, QUARTERS = 3, 4
TOLD = {
    EARLY: "预警：慢于序时进度",
    BEHIND: "滞后：慢于序时进度",
    ON_COURSE: "达到序时进度",
    MISSED: "年度目标未完成",
    MET: "年度目标完成",
    OPEN: "",
}


def state_of(board: Board, row: Row) -> str:
    """How a target stands: met or missed where the value is the year's, else on course or behind it, or open without a value.

    A flow is measured by its run rate, any other indicator by its completion against the share of the year gone (`early` before the third
    quarter); one of which less is better, or a target of another year, is left open.
    """
    quarter = Quarter.parse(board.quarter)
    is_down = board.entries.get(row["indicator"], {}).get("direction") == "down"
    if row["year"] != quarter.year or row["completion"] is None or is_down:
        return OPEN
    if is_settled(board, row["indicator"]):
        return MET if row["completion"] >= 1 else MISSED
    is_behind = row["run_rate"] < 1 if row["run_rate"] is not None else row["completion"] < quarter.number / 4
    return ON_COURSE if not is_behind else EARLY if quarter.number < _FIRST_LATE_QUARTER else BEHIND


def is_settled(board: Board, indicator: str) -> bool:
    """Whether an indicator's value is that of the whole year: an annual one's always, any other's in the fourth quarter."""
    return board.entries.get(indicator, {}).get("kind") == "annual" or Quarter.parse(board.quarter).number == QUARTERS


def progress(board: Board) -> list[Row]:
    """Every target with names, texts and `state`, in the order of the table."""
    rows = []
    for row in board.targets:
        code, decimals, state = row["indicator"], board.decimals(row["indicator"]), state_of(board, row)
        rows.append(
            {
                "region_code": row["region_code"],
                "region_name": board.region_names.get(row["region_code"], row["region_code"]),
                "indicator": code,
                "name": board.indicator_names.get(code) or str(board.entries.get(code, {}).get("name_zh") or code),
                "year": str(row["year"]),
                "unit": board.indicator_units.get(code) or str(board.entries.get(code, {}).get("unit") or ""),
                "target": shown(row["target"], decimals),
                "value": shown(row["value"], decimals),
                "completion": percent(row["completion"]),
                "share": min(max(row["completion"] or 0.0, 0.0), 1.0),
                "run_rate": percent(row["run_rate"]),
                "needed": shown(row["needed_per_quarter"], decimals),
                "state": state,
                "told": TOLD[state],
            }
        )
    return rows
