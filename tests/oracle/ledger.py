"""The bureau's own ledger: programmes passed through, region and period as delivered (`feeds.md`, section 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cells import Quarantined, code, date, number, refuse_control_characters
from .deliveries import Quarter, in_force
from .divisions import place
from .readings import Reading
from .workbook import opened, plain_table

INDICATOR, REGION, PERIOD, AS_OF, VALUE, ABOVE, BELOW = "指标编码", "行政区划代码", "期间", "截至日期", "数值", "分子", "分母"
ENTRIES = [INDICATOR, "指标名称", REGION, PERIOD, AS_OF, VALUE, ABOVE, BELOW, "单位", "口径", "来源"]
TARGETS = ["指标编码", "年度", "行政区划代码", "目标值", "单位", "来源"]


@dataclass
class Ledger:
    """The sound entries by region, indicator and period, the targets by region, indicator and year, and the rows kept aside."""

    entries: dict[tuple[str, str, str], Reading] = field(default_factory=dict)
    targets: dict[tuple[str, str, str], float] = field(default_factory=dict)
    quarantined: list[tuple[str, int, str]] = field(default_factory=list)


def read_ledger(path: Path, quarter: Quarter) -> Ledger:
    """Read one workbook; raises `Rejected` where the contract is broken."""
    read = Ledger()
    with opened(path) as book:
        targets = plain_table(book, "目标", TARGETS)
        rows = plain_table(book, "台账", ENTRIES)
    for _, row in targets:
        target = number(row["目标值"], "目标值", percent=True, negative=True)
        if target is not None:
            read.targets.setdefault((code(row[REGION]) or "", code(row[INDICATOR]) or "", code(row["年度"]) or ""), float(target))
    for row_number, row in rows:
        try:
            refuse_control_characters(row)
            key, reading = _entry(row, quarter)
            if key in read.entries:
                raise Quarantined(f"{key} a second time")
            read.entries[key] = reading
        except Quarantined as reason:
            read.quarantined.append(("台账", row_number, str(reason)))
    return read


def _entry(row: dict[str, Any], quarter: Quarter) -> tuple[tuple[str, str, str], Reading]:
    indicator, period = code(row[INDICATOR]), code(row[PERIOD])
    if indicator is None or period is None:
        raise Quarantined(f"{INDICATOR} or {PERIOD}: blank")
    if not re.fullmatch(r"[0-9]{4}(Q[1-4])?", period):
        raise Quarantined(f"{PERIOD}: {period} is no quarter and no year")
    if (Quarter.of(period) > quarter) if "Q" in period else (int(period) > quarter.year):
        raise Quarantined(f"{PERIOD}: {period} lies after {quarter}")
    region = place(row[REGION], quarter.last_day, REGION, levels="cmp")
    if not region:
        raise Quarantined(f"{REGION}: outside Zhejiang")
    date(row[AS_OF], AS_OF)
    value, above, below = (number(row[column], column, percent=True, negative=True) for column in (VALUE, ABOVE, BELOW))
    shown, numerator, denominator = (None if part is None else float(part) for part in (value, above, below))
    return (region, indicator, period), Reading(shown, numerator, denominator, "missing" if value is None else "value")


def delivered(data_raw: Path, quarter: Quarter) -> Ledger | None:
    """The ledger in force for the quarter."""
    return in_force(data_raw, quarter, "ledger", read_ledger)
