"""What the page of one county says beyond its values and scores: weak indicators, targets, findings, revisions, pre-reports.

Here: texts per county. Not here: values (data.py), definitions of weak (weak.py) and behind (progress.py), layout.
"""

from __future__ import annotations

import re
from typing import Any

from pipelines.report.columns import Column, median, rank_text
from pipelines.report.content import Board, Row, quarter_name, rounded, shown
from pipelines.report.programmes import pre_reports
from pipelines.report.progress import progress
from pipelines.report.weak import PEERS, PROVINCE, TARGET, YEAR_TARGET, Weak, weak_indicators

_REGION = re.compile(r"(?<!\d)33\d{4}(?!\d)")
_BEHIND = {TARGET: "序时目标", YEAR_TARGET: "年度目标", PEERS: "同类县后三分之一的界", PROVINCE: "全省"}


def counties(board: Board, columns: list[Column]) -> Row:
    """`causes` of revisions, and `of`: county -> what its page lists; a list that would be empty is left out."""
    lists: dict[str, dict[str, Any]] = {
        "weak": _weak(board, columns),
        "targets": _targets(board),
        "findings": _findings(board),
        "pre_reports": pre_reports(board),
    }
    causes = list(dict.fromkeys(row["cause"] for row in board.revisions))
    lists["revisions"] = _revisions(board, causes)
    codes = sorted({row["region_code"] for row in board.indicators if row["level"] == "c"})
    return {"causes": causes, "of": {code: {name: each[code] for name, each in lists.items() if each.get(code)} for code in codes}}


def _weak(board: Board, columns: list[Column]) -> dict[str, list[Row]]:
    number = {id(column): place for place, column in enumerate(columns)}
    return {code: [_told(weak, number[id(weak.column)]) for weak in found] for code, found in weak_indicators(board, columns).items()}


def _told(weak: Weak, number: int) -> Row:
    decimals = weak.column.decimals
    lags = []
    for lag in weak.lags:
        standing = f"，同类第 {rank_text(lag.place, lag.of, lag.withheld)}" if lag.place else ""
        lags.append(f"距{_BEHIND[lag.measure]} {shown(lag.bar, decimals)} 差 {shown(lag.gap, decimals)}{standing}")
    return {"column": number, "lags": lags, "cost": shown(weak.cost, 2, absent="不计分"), "is_scored": weak.cost is not None}


def _targets(board: Board) -> dict[str, list[Row]]:
    """The targets of each county by their place in the whole list."""
    found: dict[str, list[Row]] = {}
    for row in progress(board):
        found.setdefault(row["region_code"], []).append({name: text for name, text in row.items() if not name.startswith("region_")})
    return found


def _findings(board: Board) -> dict[str, list[int]]:
    """The numbers of the open findings whose subject names the county."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(board.open_findings):
        for code in dict.fromkeys(_REGION.findall(row["subject"] or "")):
            found.setdefault(code, []).append(number)
    return found


def _revisions(board: Board, causes: list[str]) -> dict[str, list[list[str | int]]]:
    found: dict[str, list[list[str | int]]] = {}
    for row in board.revisions:
        decimals, what = board.decimals(row["indicator"]), board.cell_name(row["indicator"])
        texts = [what, quarter_name(row["period"]), shown(row["old"], decimals), shown(row["new"], decimals)]
        found.setdefault(row["region_code"], []).append([*texts, causes.index(row["cause"])])
    return found


def medians(board: Board, columns: list[Column]) -> dict[str, list[str]]:
    """Peer group of the leading ruleset -> per column the median of its counties as text, `—` of none."""
    told = {}
    for group in sorted(set(board.leading_peers.values())):
        members = {code for code, of in board.leading_peers.items() if of == group}
        middles = [median(column.as_shown(members).values()) for column in columns]
        told[group] = [
            shown(None if middle is None else rounded(middle, column.decimals), column.decimals)
            for column, middle in zip(columns, middles, strict=True)
        ]
    return told
