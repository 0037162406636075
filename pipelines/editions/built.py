"""The published tables as they stand in the warehouse, quarter by quarter.

Here: reading a table with its types, key and withheld cells checked; the tables of the quarters before. Not here: files, deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.editions.formats import arrow_schema, check_fit
from pipelines.editions.schema import INDICATORS, RANKING, SCORES, Table
from pipelines.errors import Failure
from pipelines.quarters import Quarter

if TYPE_CHECKING:
    import duckdb

QUARTERS_BACK = 7
"""Quarters before the one published that its board looks back on: eight with it."""
_SQL_TYPES = {"string": "varchar", "number": "double", "integer": "bigint", "boolean": "boolean", "date": "date"}
_HIDDEN_WHEN_WITHHELD = {"indicators": ("status", ("value", "numerator", "denominator")), "scores": ("state", ("value", "score", "points"))}


class Leak(Failure):
    """A withheld cell still shows its figure."""


@dataclass(frozen=True)
class Earlier:
    """The published tables of a quarter before, as the deliveries in force make them now, whatever was published then."""

    quarter: str
    indicators: pa.Table
    scores: pa.Table
    ranking: pa.Table


def read_table(connection: duckdb.DuckDBPyConnection, table: Table, quarter: str) -> pa.Table:
    """The rows of a quarter in key order; `TableUnfit` or `Leak` if they may not be shown to anyone."""
    cells = [
        f"nullif(cast({f.name} as varchar), '')" if f.type == "string" else f"cast({f.name} as {_SQL_TYPES[f.type]})" for f in table.fields
    ]
    selected = ", ".join(f"{cell} as {field.name}" for cell, field in zip(cells, table.fields, strict=True))
    query = (
        f"select {selected} from {table.source} where quarter = ? order by {', '.join(str(table.columns.index(k) + 1) for k in table.key)}"
    )
    content = arrow(connection, query, [quarter]).cast(arrow_schema(table)).combine_chunks()
    check_fit(table, content)
    _check_withheld(table, content)
    return content


def read_earlier(connection: duckdb.DuckDBPyConnection, quarter: str) -> list[Earlier]:
    """The quarters before that the board looks back on, oldest first, those without indicators left out."""
    first, last = (str(Quarter.parse(quarter).plus(-back)) for back in (QUARTERS_BACK, 1))
    query = "select distinct quarter from ed_indicators where quarter between ? and ? order by quarter"
    keys = [key for (key,) in connection.execute(query, [first, last]).fetchall()]
    return [Earlier(key, *(read_table(connection, table, key) for table in (INDICATORS, SCORES, RANKING))) for key in keys]


def arrow(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[str]) -> pa.Table:
    """What a query gives, as Arrow."""
    result: pa.Table = connection.sql(query, params=parameters).to_arrow_table()
    return result


def _check_withheld(table: Table, content: pa.Table) -> None:
    state, hidden = _HIDDEN_WHEN_WITHHELD.get(table.name, ("", ()))
    for row in content.to_pylist() if state else []:
        shown = [name for name in hidden if row[name] is not None]
        if row[state] == "withheld" and shown:
            where = ", ".join(str(row[name]) for name in table.key)
            raise Leak(
                f"table {table.name}, row {where}: found {', '.join(shown)} of a withheld cell; expected none; next: check its model"
            )
