"""The macro of the primary rules as dbt expands it, run by an in-memory DuckDB over rows and the shipped thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from pipelines.settings import PROJECT

DBT = PROJECT / "dbt_project"
Row = tuple[str, str, str | None, Decimal]
"""Cell, quarter, contributor, amount."""


def rules_table(connection: duckdb.DuckDBPyConnection) -> None:
    """The seed as dbt loads it: texts, empty for null."""
    connection.execute(
        "create table disclosure_rules as select * from read_csv(?, all_varchar=true)", [str(DBT / "seeds" / "disclosure_rules.csv")]
    )


@cache
def unsafe_cells(is_count: bool = False, others: bool = False) -> str:
    """The SQL over `contributions(cell, quarter, contributor, amount)`, and over `others(cell, quarter, amount)` if asked."""
    text = "".join((DBT / "macros" / name).read_text(encoding="utf-8") for name in ("exact.sql", "disclosure.sql"))
    more = f"is_count={is_count}" + (", others='others'" if others else "")
    call = "{{ unsafe_cells('contributions', ['cell', 'quarter'], 'quarter', " + more + ") }}"
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text + call).render(ref=lambda name: name)


def judged(
    rows: Iterable[Row], *changes: str, is_count: bool = False, others: Mapping[str, int] | None = None
) -> dict[str, dict[str, Any]]:
    """The macro's row of each cell, after `changes` of the thresholds in SQL; `others` by cell, in 2023Q1."""
    with duckdb.connect() as connection:
        rules_table(connection)
        for change in changes:
            connection.execute(change)
        cells, quarters, contributors, amounts = zip(*rows, strict=True)
        columns = [pa.array(cells), pa.array(quarters), pa.array(contributors), pa.array(amounts, pa.decimal128(28, 6))]
        connection.register("contributions", pa.table(columns, ["cell", "quarter", "contributor", "amount"]))
        if others is not None:
            connection.execute("create table others (cell varchar, quarter varchar, amount decimal(28, 6))")
            connection.executemany("insert into others values (?, '2023Q1', ?)", [list(one) for one in others.items()])
        found = connection.execute(unsafe_cells(is_count, others is not None))
        names = [column[0] for column in found.description or []]
        return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def cell(*amounts: str | int, quarter: str = "2023Q1", name: str = "x") -> list[Row]:
    """One cell with a contributor for each amount."""
    return [(name, quarter, f"firm {place}", Decimal(amount)) for place, amount in enumerate(amounts)]
