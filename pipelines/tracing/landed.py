"""Delivered rows as they were delivered: the text of landing beside the typed amount, with its place as the office knows it.

Here: finding landed rows again, the address of a cell, what cleaning changed. Not here: which rows (contributions.py).
A row of a county that holds no code of it says through another row of its delivery where it counts: `PLACED_BY` is that link.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.delivery import Delivery
from pipelines.errors import Failure
from pipelines.feeds import FILE_FEEDS
from pipelines.landing.parquet import LINEAGE, landed_positions, landing_path
from pipelines.spreadsheets import column_letters
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

Place = tuple[str, str, int]
"""Delivery, `feed/table`, row."""
PLACED_BY = {"incubators/tenants": ("carriers", "carrier_code"), "tax/sb_zzs": ("dj_nsrxx", "djxh"), "tax/sb_yfjjkc": ("dj_nsrxx", "djxh")}
REGIONS = frozenset({"region_code", "seller_region", "buyer_region", "xzqh_dm"})
"""Columns that name a region."""
LINKS = frozenset(key for _, key in PLACED_BY.values())
_PLAIN_NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")
_OWN = {*LINEAGE, "field_count", "header_count"}


class LandingGone(Failure):
    """A landed row that an edition rests on is not there any more."""


@dataclass(frozen=True)
class LandedRow:
    """One delivered row: file, sheet (empty for a file without sheets), row, and its cells as delivered by landing column."""

    file: str
    sheet: str
    row: int
    cells: dict[str, Any]

    def text(self, column: str | None) -> str:
        """The text of one cell; empty where it had none."""
        value = self.cells.get(column or "")
        return "" if value is None else str(value)

    def coercions(self, column: str | None, region: str) -> list[str]:
        """What was read as something else than it was written: the amount's text, and a region code that is not written plainly."""
        text = self.text(column)
        found = [] if not text or _PLAIN_NUMBER.fullmatch(text) or not isinstance(self.cells.get(column or ""), str) else [text]
        found += [
            value for name, value in self.cells.items() if name != column and isinstance(value, str) and value != region == _folded(value)
        ]
        return [f"{each!r} was read as {_folded(each)}" for each in found]


class Landing:
    """Landed rows of the deliveries that an edition names."""

    def __init__(self, warehouse: Warehouse, deliveries: Iterable[dict[str, Any]], connection: duckdb.DuckDBPyConnection) -> None:
        self._warehouse, self.connection = warehouse, connection
        self._named: dict[tuple[str, str], dict[str, Any]] = {(each["feed"], each["sha256"][:16]): each for each in deliveries}
        self._positions: dict[tuple[str, str], dict[str, int]] = {}

    def delivery(self, source_table: str, delivery_id: str) -> dict[str, Any]:
        """The manifest's entry of a delivery."""
        return self._named[source_table.split("/")[0], delivery_id]

    def path(self, source_table: str, delivery_id: str) -> Path:
        """The landing file of a delivered table."""
        feed, table = source_table.split("/")
        return landing_path(self._warehouse, feed, table, self.delivery(source_table, delivery_id)["quarter"], delivery_id)

    def rows(self, places: Iterable[Place], columns: Collection[str] | None = None) -> dict[Place, LandedRow]:
        """The rows at these places, with all their cells or some (a fifth of the time); `LandingGone` if one of them is not there."""
        wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
        for delivery_id, source_table, row in places:
            wanted[source_table, delivery_id].add(row)
        found: dict[Place, LandedRow] = {}
        for (source_table, delivery_id), numbers in sorted(wanted.items()):
            for landed in self.where(source_table, delivery_id, "source_row", sorted(numbers), columns):
                found[delivery_id, source_table, landed.row] = landed
            if missing := numbers - {place[2] for place in found if place[:2] == (delivery_id, source_table)}:
                raise self._gone(source_table, delivery_id, f"rows without {min(missing)}")
        return found

    def where(
        self, source_table: str, delivery_id: str, column: str, values: list[Any], columns: Collection[str] | None = None
    ) -> list[LandedRow]:
        """The rows whose cell in `column` is one of `values`, in order."""
        path = self.path(source_table, delivery_id)
        if not path.is_file():
            raise self._gone(source_table, delivery_id, "no such file")
        wanted = (
            "*" if columns is None else f"columns(lambda name: name in ({', '.join(repr(each) for each in sorted({*columns, *LINEAGE}))}))"
        )
        cursor = self.connection.execute(
            f"select {wanted} from read_parquet(?, hive_partitioning = false) where {column} in ({', '.join('?' * len(values)) or 'null'}) "
            "order by source_row",
            [str(path), *values],
        )
        names = [column[0] for column in cursor.description or []]
        return [_landed(dict(zip(names, cells, strict=True))) for cells in cursor.fetchall()]

    def _gone(self, source_table: str, delivery_id: str, found: str) -> LandingGone:
        path = self.path(source_table, delivery_id)
        quarter = self.delivery(source_table, delivery_id)["quarter"]
        return LandingGone(
            f"{path.relative_to(self._warehouse.root)}: found {found}; expected every row that the edition rests on; "
            f"next: i315 run {quarter} lands the archived delivery again"
        )

    def address(self, source_table: str, delivery_id: str, landed: LandedRow, column: str | None) -> str:
        """`规上工业!F17` in a workbook, `line 17, 技术交易额(万元)` of a CSV, `sb_zzs sbxh 17, ms_jsxse` in the tax database."""
        feed, name = source_table.split("/")
        contract = FILE_FEEDS.get(feed)
        if contract is None:
            return f"{name}, key {landed.row}" + (f", {column}" if column else "")
        if contract.form == "csv":
            (table,) = contract.tables
            labels = {each.name: each.label for each in table.fields}
            return f"line {landed.row}" + (f", {labels[column]}" if column else "")
        key = source_table, delivery_id
        if key not in self._positions:
            self._positions[key] = landed_positions(self._warehouse, self._as_delivery(source_table, delivery_id), name)
        position = self._positions[key].get(column or "")
        return f"{landed.sheet}!{column_letters(position) if position is not None else ''}{landed.row}"

    def _as_delivery(self, source_table: str, delivery_id: str) -> Delivery:
        import datetime as dt

        told = self.delivery(source_table, delivery_id)
        day = dt.date.fromisoformat(told["received"])
        return Delivery(told["quarter"], told["feed"], told["sha256"], told["file"], day, 1, 0, accepted=True, rows={})


def _landed(cells: dict[str, Any]) -> LandedRow:
    shown = {name: value for name, value in cells.items() if name not in _OWN}
    shown = {name: value if isinstance(value, str | int | Decimal | None) else str(value) for name, value in shown.items()}
    return LandedRow(cells["source_file"] or "", cells["source_sheet"] or "", cells["source_row"], shown)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).replace(",", "").split())
