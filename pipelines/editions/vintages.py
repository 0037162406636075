"""Vintages: how much published values were revised, first edition of a quarter against its newest.

Here: measuring it from the editions of a warehouse, and the seed file that draws resample from. Not here: the draws.
The result is a file that people check in (`dbt_project/seeds/revisions.csv`), so that an edition never depends on which other
editions a warehouse happens to hold.
"""

from __future__ import annotations

import csv
import io
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.pointer import edition_folders
from pipelines.errors import UsageError
from pipelines.warehouse import Warehouse

COLUMNS = ("indicator", "kind", "change", "cells")
DECIMALS = 6
DIFFERENCES = ("%", "百分点")
"""Units whose revisions are differences: a growth of 0.1 % that becomes 0.3 % did not treble anything."""

Change = tuple[str, str, float]


def measure(warehouse: Warehouse) -> Counter[Change]:
    """Counties' cells by (indicator, kind, change) over all quarters with editions; unchanged cells count as ratio 1 or difference 0.

    Cells that had no value in either edition, and ratios to a first value of zero, say nothing about size and are left out.
    """
    changes: Counter[Change] = Counter()
    quarters = sorted(path.name for path in warehouse.editions.glob("[0-9][0-9][0-9][0-9]Q[1-4]"))
    if not quarters:
        raise UsageError(f"no editions: found none in {warehouse.editions}; expected at least one quarter with two; next: publish")
    for quarter in quarters:
        folders = edition_folders(warehouse, quarter)
        first, newest = (pq.read_table(folder / "indicators.parquet") for folder in (folders[0], folders[-1]))
        changes += _compare(first, newest)
    return changes


def _compare(first: pa.Table, newest: pa.Table) -> Counter[Change]:
    key = ("region_code", "indicator", "period")
    latest = {tuple(row[name] for name in key): row["value"] for row in newest.to_pylist()}
    changes: Counter[Change] = Counter()
    for row in first.filter(pa.compute.field("level") == "c").to_pylist():
        before, after = row["value"], latest.get(tuple(row[name] for name in key))
        if before is None or after is None:
            continue
        if row["unit"] in DIFFERENCES:
            changes[row["indicator"], "difference", round(after - before, DECIMALS)] += 1
        elif before != 0:
            changes[row["indicator"], "ratio", round(after / before, DECIMALS)] += 1
    return changes


def seed_file(changes: Counter[Change]) -> bytes:
    """The seed `revisions`: only indicators of which some cell was ever revised, sorted by key."""
    revised = {indicator for indicator, kind, change in changes if change != (1 if kind == "ratio" else 0)}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*change, cells] for change, cells in sorted(changes.items()) if change[0] in revised)
    return text.getvalue().encode("utf-8")
