"""An edition as it is traced: its manifest, tables and lineage, each checked to be what was published before a word of it is believed.

Here: opening it, its tables, finding a region or an indicator by what a person typed. Not here: rows of firms (contributions.py).
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.lineage import Lineage, definitions_path, lineage_of, unchanged
from pipelines.editions.manifest import digest
from pipelines.editions.pointer import in_force, published
from pipelines.editions.schema import MANIFEST
from pipelines.errors import Failure, UsageError
from pipelines.ledger import Entry, Ledger
from pipelines.quarters import Quarter
from pipelines.tracing.recipes import Definitions
from pipelines.warehouse import Warehouse
from pipelines.whatif.edition import nearest

_SHOWN = ["region_code", "region_name", "indicator", "indicator_name", "period"]
_SHOWN += ["value", "unit", "numerator", "denominator", "status", "as_of"]
Row = dict[str, Any]


class NotAsPublished(Failure):
    """A file of the edition, or the record of it, is not what was published: what it says proves nothing."""


@dataclass(frozen=True)
class Edition:
    """One published edition; `entry` is the ledger's line of its publication."""

    warehouse: Warehouse
    quarter: str
    number: str
    manifest: Row
    lineage: Lineage
    entry: Entry

    @property
    def name(self) -> str:
        """`2023Q3/001`."""
        return f"{self.quarter}/{self.number}"

    @cached_property
    def definitions(self) -> Definitions:
        """Catalogue and divisions as published with it."""
        return Definitions(**json.loads(unchanged(definitions_path(self.warehouse, self.lineage.definitions)).read_bytes()))

    @cached_property
    def deliveries(self) -> list[Row]:
        """Every delivery that it rests on, as its manifest has them."""
        return [*self.manifest["deliveries"], *self.manifest["earlier_deliveries"]]

    @cached_property
    def staged(self) -> frozenset[tuple[str, str]]:
        """(quarter, feed) of each of them."""
        return frozenset((each["quarter"], each["feed"]) for each in self.deliveries)

    def table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """A table of the edition from its Parquet file, or some of its columns."""
        return pq.ParquetFile(pa.BufferReader(self.file(f"{name}.parquet"))).read(columns)

    def file(self, name: str) -> bytes:
        """A file of the edition, as published; else `NotAsPublished`."""
        path = self.warehouse.editions / self.quarter / self.number / name
        content = path.read_bytes() if path.is_file() else b""
        expected = self.manifest["files"][name]["sha256"]
        if digest(content) != expected:
            raise NotAsPublished(
                f"{self.name}/{name}: found SHA-256 {digest(content)[:12]}; expected {expected[:12]} by the manifest; "
                f"next: i315 verify {self.quarter} {self.number}"
            )
        return content

    @cached_property
    def targets(self) -> list[Row]:
        """The rows of its targets, as written."""
        return list(csv.DictReader(self.file("targets.csv").decode("utf-8-sig").splitlines()))

    @cached_property
    def cells(self) -> dict[tuple[str, str, str], Row]:
        """Indicator rows by region, indicator and period."""
        return {(row["region_code"], row["indicator"], row["period"]): row for row in self.table("indicators", _SHOWN).to_pylist()}

    def region(self, typed: str) -> tuple[str, str]:
        """Code and name of a region of the edition given by either; a usage error names the nearest ones."""
        names = {code: row["region_name"] for (code, _, _), row in self.cells.items()}
        found = [code for code, name in names.items() if typed in (code, name)]
        if len(found) == 1:
            return found[0], names[found[0]]
        near = nearest(typed, [*names, *names.values()])
        shown = ", ".join(f"{code} {name}" for code, name in names.items() if code in found or code in near or name in near)
        raise UsageError(
            f"region: found {typed!r}; expected one code or name of a region of {self.quarter}{', such as ' + shown if shown else ''}"
        )

    def indicator(self, typed: str) -> str:
        """The code of an indicator of the edition, in any case; a usage error names the nearest ones."""
        codes = {code for _, code, _ in self.cells}
        if typed.upper() in codes:
            return typed.upper()
        named = [code for code, row in self.definitions.indicators.items() if typed in (row["name_zh"], row["name_en"]) and code in codes]
        if named:
            return named[0]
        near = ", ".join(sorted(nearest(typed, codes))) or "total, rank, stars"
        raise UsageError(f"indicator: found {typed!r}; expected a code of the catalogue, total, rank or stars, such as {near}")


def open_edition(warehouse: Warehouse, ledger: Ledger, quarter: str, number: str | None) -> Edition:
    """The edition of that number, or the one in force; a usage error if there is none, `NotAsPublished` if it was changed since."""
    Quarter.parse(quarter)
    recorded = published(ledger, quarter).get(quarter, {})
    if number is None:
        pointer = in_force(ledger).get(quarter)
        if pointer is None:
            raise UsageError(f"no edition in force: found none of {quarter} in the ledger; next: i315 run {quarter}")
        number = pointer.edition
    if number not in recorded:
        raise UsageError(f"no such edition: found {', '.join(sorted(recorded)) or 'none'} of {quarter}; expected {number}")
    path = warehouse.editions / quarter / number / MANIFEST
    content = path.read_bytes() if path.is_file() else b""
    if digest(content) != recorded[number].manifest_sha256:
        raise NotAsPublished(
            f"{quarter}/{number}/{MANIFEST}: found SHA-256 {digest(content)[:12]}; expected {recorded[number].manifest_sha256[:12]}, "
            f"which the ledger records; next: i315 verify {quarter} {number}"
        )
    manifest = json.loads(content)
    (entry,) = (each for each in ledger.entries("publication", quarter) if each.payload["edition"] == number)
    return Edition(warehouse, quarter, number, manifest, lineage_of(manifest), entry)


def all_in_force(warehouse: Warehouse, ledger: Ledger) -> list[Edition]:
    """The edition in force of every quarter, in order."""
    return [open_edition(warehouse, ledger, quarter, pointer.edition) for quarter, pointer in in_force(ledger).items()]


def ever_published(warehouse: Warehouse, ledger: Ledger) -> list[Edition]:
    """Every edition of every quarter, withdrawn ones too, in order."""
    names = [(quarter, number) for quarter, editions in published(ledger).items() for number in editions]
    return [open_edition(warehouse, ledger, quarter, number) for quarter, number in sorted(names)]
