"""The other engine: of the sample's landing, Apache Spark makes the same indicators, scores, ranks and stars as DuckDB.

Every cell that an edition publishes of these tables is compared. Keys, states, names, places and stars, amounts and counts are the same;
ratios and scores, which are quotients and sums of doubles, to a thousand-millionth.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.editions.built import read_table
from pipelines.editions.schema import INDICATORS, RANKING, SCORES, TARGETS, Table
from pipelines.transform.spark import tables_in
from tests.conftest import PROJECT, Office, clean_environment

QUARTERS = ("2022Q1", "2022Q2", "2022Q3", "2022Q4", "2023Q1", "2023Q2", "2023Q3", "2023Q4")
NEARLY = 1e-9
DIVIDED = ("ratio", "growth_pct", "difference")
AMOUNTS = {"indicators": ("numerator", "denominator"), "targets": ("target",), "ranking": (), "scores": ()}
PYTHON = Path(sys.prefix) / "spark" / "bin" / "python"
pytestmark = pytest.mark.skipif(
    not (PYTHON.exists() and shutil.which("java")) and "CI" not in os.environ,
    reason="needs `make spark-env` and a Java 17 (CI has both and never skips)",
)

Engines = tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def engines(sample: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Connections to what DuckDB holds of the sample's eight quarters, and to what Spark makes of the same landing."""
    folder = tmp_path_factory.mktemp("spark")
    command = [str(PYTHON), "-m", "pipelines.transform.spark", str(sample.warehouse), str(folder), f"{QUARTERS[0]}..{QUARTERS[-1]}"]
    finished = subprocess.run(
        [*command, *(table.source for table in (INDICATORS, SCORES, RANKING, TARGETS))],
        cwd=PROJECT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-5000:]
    with duckdb.connect(str(sample.warehouse / "warehouse.duckdb"), read_only=True) as usual, duckdb.connect() as other:
        # Spark writes no file of a table without rows.
        for table in (each for each in tables_in(folder).iterdir() if any(each.glob("*.parquet"))):
            other.execute(f"create view {table.name} as select * from read_parquet('{table}/*.parquet')")
        yield usual, other


@pytest.mark.parametrize("table", [INDICATORS, SCORES, RANKING, TARGETS], ids=lambda table: table.name)
def test_spark_publishes_what_duckdb_publishes(engines: Engines, table: Table) -> None:
    divided = indicators_that_divide()
    compared = {"rows": 0, "same": 0, "nearly the same": 0}
    for quarter in QUARTERS:
        usual, other = (read_table(engine, table, quarter).to_pylist() for engine in engines)
        assert [[row[key] for key in table.key] for row in other] == [[row[key] for key in table.key] for row in usual]
        compared["rows"] += len(usual)
        for ours, theirs in zip(usual, other, strict=True):
            nearly = nearly_equal_columns(table, ours, divided)
            found = {name: (ours[name], theirs[name]) for name in ours if not agree(ours[name], theirs[name], name in nearly)}
            assert not found, f"{quarter} {table.name} {[ours[key] for key in table.key]}: found {found}; expected both engines to agree"
            compared["nearly the same"] += sum(ours[name] is not None for name in nearly)
            compared["same"] += len(ours) - sum(ours[name] is not None for name in nearly)
    print(f"{table.name}: {compared}")
    assert compared["rows"] > 0


def indicators_that_divide() -> set[str]:
    """Codes of the catalogue whose value is a quotient; the others' are amounts and counts."""
    with (PROJECT / "dbt_project" / "seeds" / "indicators.csv").open(encoding="utf-8") as lines:
        return {row["code"] for row in csv.DictReader(lines) if row["rule"] in DIVIDED}


def nearly_equal_columns(table: Table, row: dict[str, Any], divided: set[str]) -> list[str]:
    """The columns whose doubles may differ in their last digits: all numbers but amounts and counts."""
    exact = {*AMOUNTS[table.name], *(() if row.get("indicator", row.get("node")) in divided else ("value",))}
    return [field.name for field in table.fields if field.type == "number" and field.name not in exact]


def agree(ours: Any, theirs: Any, is_nearly_enough: bool) -> bool:
    """Whether two cells are the same, or nearly."""
    if is_nearly_enough and ours is not None and theirs is not None:
        return bool(abs(ours - theirs) <= NEARLY * max(1.0, abs(ours)))
    return bool(ours == theirs)
