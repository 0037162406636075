"""Deletion: the models themselves say that a traced row matters and an untraced one does not.

A copy of the warehouse loses staged rows, dbt's own compiled models run again on it, and the published figures are compared. Nothing
of the code under test takes part but the choice of rows.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.editions.lineage import part_path
from pipelines.tracing.models import models_passed
from pipelines.warehouse import Warehouse
from tests.conftest import Office
from tests.integration.trace.conftest import Editions, Key

ROWS = 300
#: Rows that count in nothing and yet decide where others count; `i315 impact` names what they reach.
PLACING = ("tax/dj_nsrxx",)
# The tables behind the base ones; all other contributions are views.
REBUILT = (
    *("int_rd_returns_to_date", "int_tenants_counted", "int_contributions_statistics", "int_contributions_ledger"),
    *("int_cells", "int_measures", "ind_computed", "ind_values"),
)
Place = tuple[str, str, int]
Cell = tuple[str, str, str, str]


@contextmanager
def without(sample: Office, folder: Path, places: Iterable[Place]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse without these staged rows, its indicators computed again by the models that dbt compiled."""
    shutil.copy(sample.warehouse / "warehouse.duckdb", folder / "warehouse.duckdb")
    (folder / "landing").symlink_to(sample.warehouse / "landing")
    by_table = defaultdict(list)
    for delivery, source_table, row in places:
        by_table[source_table].append((delivery, row))
    with Warehouse(folder).connect(read_only=False) as warehouse:
        for source_table, rows in by_table.items():
            base = models_passed(frozenset({source_table}))[0].name
            warehouse.execute("create or replace temp table gone (delivery varchar, row bigint)")
            warehouse.executemany("insert into gone values (?, ?)", rows)
            (removed,) = warehouse.execute(
                f"delete from {base} where (delivery_id, cast(source_row as bigint)) in (select delivery, row from gone)"
            ).fetchone()
            assert removed == len(rows), base
        for model in REBUILT:
            compiled = next((sample.warehouse / "dbt" / "compiled").rglob(f"{model}.sql")).read_text(encoding="utf-8")
            warehouse.execute(f"create or replace table {model} as {compiled}")
        yield warehouse


def published(warehouse: duckdb.DuckDBPyConnection) -> dict[Cell, tuple]:
    """Figures by quarter, region, indicator and period."""
    columns = "quarter, region_code, indicator, period, value, numerator, denominator, status"
    return {row[:4]: row[4:] for row in warehouse.execute(f"select {columns} from ind_values").fetchall()}


@pytest.fixture(scope="module")
def before(sample: Office) -> dict[Cell, tuple]:
    with duckdb.connect(str(sample.warehouse / "warehouse.duckdb"), read_only=True) as warehouse:
        return published(warehouse)


def test_without_a_traced_row_its_cell_changes_or_is_a_documented_tie(
    sample: Office, editions: Editions, before: dict[Cell, tuple], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traced = _traced_rows(editions, random.Random(315))
    with without(sample, tmp_path, {row.place for row in traced.values()}) as warehouse:
        after = published(warehouse)
        same = {cell for cell in traced if after.get(cell) == before[cell]}
        warehouse.execute(f"attach '{sample.warehouse / 'warehouse.duckdb'}' as whole (read_only)")
        ties = {cell: why for cell in same if (why := _tie(warehouse, editions, cell, traced[cell]))}
    with capsys.disabled():
        told = "".join(f"; {count} ties: {why}" for why, count in sorted(Counter(ties.values()).items()))
        print(f"\ndeletion: {ROWS} traced rows removed, {ROWS - len(same)} of their cells changed{told}")
    assert len(traced) == ROWS
    assert same == set(ties)
    assert len(same) < ROWS / 4


@dataclass(frozen=True)
class TracedRow:
    """A row that counts in a cell, and its amount there."""

    place: Place
    amount: Decimal


def _traced_rows(editions: Editions, chance: random.Random) -> dict[Cell, TracedRow]:
    """One row of each of so many random cells with a value, every indicator as likely, no row twice."""
    by_indicator = defaultdict(list)
    for edition in editions.of.values():
        for (region, indicator, period), row in edition.cells.items():
            if row["status"] == "value":
                by_indicator[indicator].append((edition.quarter, region, indicator, period))
    known = _a_row_of_each_key(editions)
    rows: dict[Cell, TracedRow] = {}
    taken: set[Place] = set()
    indicators = sorted(by_indicator)
    while len(rows) < ROWS:
        cell = chance.choice(by_indicator[chance.choice(indicators)])
        keys = [key for key in _keys(editions, cell) if key in known]
        row = known[chance.choice(keys)] if keys else None
        if row and row.place not in taken and cell not in rows:
            rows[cell] = row
            taken.add(row.place)
    return rows


def _keys(editions: Editions, cell: Cell) -> list[Key]:
    quarter, region, indicator, period = cell
    recipe = editions.of[quarter].definitions.recipe(region, indicator, period, quarter)
    return [key for term in recipe.terms.values() for key in editions.keys_of(term)]


def _a_row_of_each_key(editions: Editions) -> dict[Key, TracedRow]:
    """For each quarter, indicator, role, period and region one of the rows that count there, whichever its hash picks."""
    last, found = editions.of[max(editions.of)], {}
    for quarter, part in last.lineage.parts.items():
        rows = duckdb.execute(
            "select indicator, role, period, region_code, "
            "arg_min({'d': delivery_id, 't': source_table, 'r': source_row, 'a': amount}, hash(source_row, 315)) "
            "from read_parquet(?) where excluded_because is null group by all",
            [str(part_path(last.warehouse, part))],
        ).fetchall()
        found |= {(quarter, *key): TracedRow((row["d"], row["t"], row["r"]), Decimal(row["a"])) for *key, row in rows}
    return found


def _tie(warehouse: duckdb.DuckDBPyConnection, editions: Editions, cell: Cell, row: TracedRow) -> str:
    """Why a cell is the same without one of its rows: the row held nothing, or one that did not count before counts now."""
    if row.amount == 0:
        return "the row's amount is zero"
    feed = row.place[1].split("/")[0]
    keys = ["/".join((quarter, indicator, role, region)) for quarter, indicator, role, _, region in _keys(editions, cell)]
    counted = (
        "select delivery_id, source_table, source_row, amount from {}.int_contributions_{} where excluded_because is null "
        "and list_contains(?, concat_ws('/', quarter, indicator, role, region_code))"
    )
    (amount,) = warehouse.execute(
        f"select sum(amount) from ({counted.format('main', feed)} except {counted.format('whole', feed)})", [keys, keys]
    ).fetchone()
    return "a row that did not count takes its place" if amount == row.amount else ""


def test_without_300_untraced_rows_no_cell_changes(
    sample: Office, editions: Editions, before: dict[Cell, tuple], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = editions.of[max(editions.of)]
    paths = [str(part_path(last.warehouse, part)) for part in last.lineage.parts.values()]
    untraced = duckdb.execute(
        "select delivery_id, source_table, source_row from read_parquet(?) group by all "
        "having bool_and(excluded_because is not null) and not list_contains(?, source_table) order by all",
        [paths, list(PLACING)],
    ).fetchall()
    chosen = random.Random(315).sample(untraced, ROWS)
    with without(sample, tmp_path, chosen) as warehouse:
        after = published(warehouse)
    changed = {cell for cell in before.keys() | after.keys() if before.get(cell) != after.get(cell)}
    with capsys.disabled():
        print(f"\ndeletion: {ROWS} of {len(untraced):,} untraced rows removed, {len(changed)} of {len(before):,} cells changed")
    assert changed == set()
