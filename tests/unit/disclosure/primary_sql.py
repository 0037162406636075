"""The macro of the primary rules as dbt expands it, run by an in-memory DuckDB over rows and the shipped thresholds."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import jinja2

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
def unsafe_cells(is_count: bool = False) -> str:
    """The SQL over `contributions(cell, quarter, contributor, amount)`."""
    text = "".join((DBT / "macros" / name).read_text(encoding="utf-8") for name in ("exact.sql", "disclosure.sql"))
    call = "{{ unsafe_cells('contributions', ['cell', 'quarter'], 'quarter', is_count=" + str(is_count) + ") }}"
    return jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text + call).render(ref=lambda name: name)


def judged(rows: Iterable[Row], *changes: str, is_count: bool = False) -> dict[str, dict[str, Any]]:
    """The macro's row of each cell, after `changes` of the thresholds in SQL."""
    with duckdb.connect() as connection:
        rules_table(connection)
        for change in changes:
            connection.execute(change)
        connection.execute("create table contributions (cell varchar, quarter varchar, contributor varchar, amount decimal(28, 6))")
        connection.executemany("insert into contributions values (?, ?, ?, ?)", [list(row) for row in rows])
        found = connection.execute(unsafe_cells(is_count))
        names = [column[0] for column in found.description or []]
        return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}


def cell(*amounts: str | int, quarter: str = "2023Q1", name: str = "x") -> list[Row]:
    """One cell with a contributor for each amount."""
    return [(name, quarter, f"firm {place}", Decimal(amount)) for place, amount in enumerate(amounts)]
