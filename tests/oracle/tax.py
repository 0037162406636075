"""The tax office's database: corrections settled, returns placed in their taxpayer's county (`feeds.md`, section 3)."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from .cells import Quarantined, date, number, refuse_control_characters, uscc
from .deliveries import Quarter
from .divisions import added_up, place

Filed = tuple[dt.datetime, int]  # sbrq, then sbxh: the larger counts
TYPES = {"YJ": 0, "HS": 1}


@dataclass(frozen=True)
class Return:
    """A sound return of a sound taxpayer; `kind` is YJ, HS or empty for VAT."""

    taxpayer: int
    starts: dt.date
    ends: dt.date
    kind: str
    yuan: Decimal | None
    filed: Filed
    county: str


@dataclass
class Tax:
    """All sound returns of the database, the quarters that have any return at all, and what was kept aside."""

    vat: list[Return] = field(default_factory=list)
    research: list[Return] = field(default_factory=list)
    quarters: set[Quarter] = field(default_factory=set)
    quarantined: list[tuple[str, int, str]] = field(default_factory=list)


def read_tax(tax_url: str) -> Tax:
    """The whole database, once per file and moment of its last change; a SQLite path or `sqlite:///` URL."""
    path = Path(tax_url.removeprefix("sqlite:///"))
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Tax:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("begin")
        tables = {name: [dict(row) for row in connection.execute(f"select * from {name}")] for name in ("dj_nsrxx", "sb_zzs", "sb_yfjjkc")}
    finally:
        connection.close()
    read = Tax()
    taxpayers: dict[int, dict[str, Any]] = {}
    for row in tables["dj_nsrxx"]:
        try:
            refuse_control_characters(row)
            uscc(row["nsrsbh"], "nsrsbh", required=True)
            for column in ("djrq", "xgrq"):
                moment(row[column], column)
            taxpayers[row["djxh"]] = row
        except Quarantined as reason:
            read.quarantined.append(("dj_nsrxx", row["djxh"], str(reason)))
    for table, amounts, returns in (
        ("sb_zzs", ("ms_jsxse", "xse", "ynse"), read.vat),
        ("sb_yfjjkc", ("yffy_gj", "jjkc_je"), read.research),
    ):
        for row in tables[table]:
            try:
                returns.append(_return(row, amounts, taxpayers, read.quarters))
            except Quarantined as reason:
                read.quarantined.append((table, row["sbxh"], str(reason)))
    return read


def moment(cell: Any, what: str) -> dt.datetime | None:
    """A timestamp column; SQLite keeps it as text."""
    try:
        return None if cell is None else dt.datetime.fromisoformat(str(cell))
    except ValueError as error:
        raise Quarantined(f"{what}: {cell!r} is no moment") from error


def _return(row: dict[str, Any], amounts: tuple[str, ...], taxpayers: dict[int, dict[str, Any]], quarters: set[Quarter]) -> Return:
    ends = date(row["skssq_z"], "skssq_z")
    if ends is None:
        raise Quarantined("skssq_z: blank")
    quarter = Quarter(ends.year, (ends.month + 2) // 3)
    quarters.add(quarter)
    refuse_control_characters(row)
    is_research = "sblx_dm" in row
    starts = date(row["skssq_q"], "skssq_q")
    if starts is None or starts > ends or starts.year != ends.year:
        raise Quarantined(f"period {starts} to {ends}")
    if is_research and (starts.month, starts.day) != (1, 1):
        raise Quarantined(f"period from {starts}: not year-to-date")
    filed_at = moment(row["sbrq"], "sbrq")
    if filed_at is None:
        raise Quarantined("sbrq: blank")
    kind = row.get("sblx_dm", "")
    if is_research and kind not in TYPES:
        raise Quarantined(f"sblx_dm: {kind!r}")
    yuan = [number(row[column], column) for column in amounts]
    taxpayer = taxpayers.get(row["djxh"])
    if taxpayer is None:
        raise Quarantined(f"djxh {row['djxh']}: no sound taxpayer")
    county = place(taxpayer["xzqh_dm"], quarter.last_day, "xzqh_dm")
    return Return(row["djxh"], starts, ends, kind, yuan[0], (filed_at, row["sbxh"]), county)


def research_sums(tax_url: str, quarter: Quarter) -> tuple[dict[str, Decimal], dict[str, int]] | None:
    """R&D expense collected and the number of taxpayers that have any, by region; None where the quarter was not delivered."""
    tax = read_tax(tax_url)
    if quarter not in tax.quarters:
        return None
    latest: dict[int, Return] = {}
    for filed in tax.research:
        if filed.ends.year != quarter.year or filed.ends > quarter.last_day:
            continue
        held = latest.get(filed.taxpayer)
        if held is None or _rank(filed) > _rank(held):
            latest[filed.taxpayer] = filed
    yuan: dict[str, Decimal] = defaultdict(Decimal)
    firms: dict[str, int] = defaultdict(int)
    for counted in latest.values():
        if counted.county and counted.yuan is not None:
            yuan[counted.county] += counted.yuan
            firms[counted.county] += counted.yuan > 0
    return added_up(yuan, quarter.last_day), added_up(firms, quarter.last_day)


def _rank(filed: Return) -> tuple[dt.date, int, Filed]:
    return filed.ends, TYPES[filed.kind], filed.filed


def technology_sums(tax_url: str, quarter: Quarter) -> dict[str, Decimal] | None:
    """Tax-exempt technology sales of the year to date by region; None where a quarter of it has no returns at all."""
    tax = read_tax(tax_url)
    if any(Quarter(quarter.year, n) not in tax.quarters for n in range(1, quarter.number + 1)):
        return None
    latest: dict[tuple[int, dt.date, dt.date], Return] = {}
    for filed in tax.vat:
        if filed.ends.year != quarter.year or filed.ends > quarter.last_day:
            continue
        key = (filed.taxpayer, filed.starts, filed.ends)
        if key not in latest or filed.filed > latest[key].filed:
            latest[key] = filed
    yuan: dict[str, Decimal] = defaultdict(Decimal)
    for counted in latest.values():
        if counted.county:
            yuan[counted.county] += counted.yuan or Decimal(0)
    return added_up(yuan, quarter.last_day)
