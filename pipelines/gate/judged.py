"""Judged data: reading what a verdict is about, and its hash.

Here: the rows of a quarter of each judged or published table, read-only, and the one hash over all of them.
Not here: judging. Hashing needs neither pandas nor Great Expectations, so that publishing asks quickly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.errors import InfrastructureError
from pipelines.gate.suites import PUBLISHED, Suite
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

DELIVERIES = "stg_row_counts"
WITHHELD = "dis_indicators"


def tables_of(suites: list[Suite]) -> list[str]:
    """Every table that a verdict is about: the judged ones and the published ones, by name."""
    return sorted({suite.table for suite in suites} | set(PUBLISHED))


@dataclass(frozen=True)
class JudgedData:
    """A quarter as it is judged: its hash, that of its deliveries, a frame per judged table that exists, and the tables that do not.

    `withheld` are the regions and indicators of which a value is withheld, of the quarter or one before that findings compare it with.
    """

    sha256: str
    deliveries_sha256: str
    frames: dict[str, pd.DataFrame]
    missing: tuple[str, ...]
    withheld: frozenset[tuple[str, str]] = frozenset()


def read(quarter: str, warehouse: Warehouse, suites: list[Suite]) -> JudgedData:
    """The quarter's rows of every judged table, of one moment."""
    _need_database(warehouse)
    with warehouse.connect() as connection:
        present = _present(connection)
        sha256 = _hash(quarter, tables_of(suites), present, connection)
        deliveries = deliveries_sha256(_deliveries(quarter, present, connection))
        withheld = _withheld(quarter, present, connection)
        frames = {suite.table: connection.execute(_query(suite.table), [quarter]).df() for suite in suites if suite.table in present}
    return JudgedData(sha256, deliveries, frames, tuple(sorted(set(tables_of(suites)) - present)), withheld)


def _withheld(quarter: str, present: set[str], connection: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    if WITHHELD not in present:
        return frozenset()  # What rests on it, chk_disclosure, is missing too, and holds the quarter.
    query = f"select distinct region_code, indicator from {WITHHELD} where quarter <= ?"
    return frozenset(connection.execute(query, [quarter]).fetchall())


def deliveries_sha256(deliveries: Iterable[tuple[str, str, str]]) -> str:
    """The hash of deliveries given as (quarter, feed, delivery), in any order."""
    return hashlib.sha256(repr(sorted(deliveries)).encode()).hexdigest()


def _deliveries(quarter: str, present: set[str], connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """What the quarter and all before it, on which it rests (`Quarter.history`), were computed from."""
    if DELIVERIES not in present:
        return []
    return connection.execute(f"select distinct quarter, feed, delivery_id from {DELIVERIES} where quarter <= ?", [quarter]).fetchall()


def data_sha256(quarter: str, warehouse: Warehouse, suites: list[Suite]) -> str:
    """The hash of the quarter's rows in every judged and published table, as they are now."""
    _need_database(warehouse)
    with warehouse.connect() as connection:
        return _hash(quarter, tables_of(suites), _present(connection), connection)


def _need_database(warehouse: Warehouse) -> None:
    if not warehouse.database.exists():
        raise InfrastructureError(f"{warehouse.database}: found no warehouse; expected a computed one; next: run the quarter first")


def _present(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        name for (name,) in connection.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
    }


def _query(table: str) -> str:
    return f'select * from "{table}" where quarter = ? order by all'


def _hash(quarter: str, tables: list[str], present: set[str], connection: duckdb.DuckDBPyConnection) -> str:
    # `order by all` is a total order up to equal rows and every value is hashed by its exact text, so neither the number of
    # threads nor the order in which rows were stored changes the result.
    digest = hashlib.sha256(quarter.encode())
    for table in tables:
        digest.update(f"\n{table}\n".encode())
        if table not in present:
            digest.update(b"absent")
            continue
        cursor = connection.execute(_query(table), [quarter])
        digest.update(repr([(column[0], str(column[1])) for column in cursor.description or []]).encode())
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                digest.update(repr(row).encode())
    return digest.hexdigest()
