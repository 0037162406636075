"""Staged quarters: which of them the warehouse holds as the deliveries in force, the rules and the code of now make them.

Here: a hash per quarter of all that its rows are made from, kept in the warehouse beside them. Not here: building them (dbt).
A quarter's rows take in earlier quarters (the year's returns, growth, ranks of the quarter before), so its hash covers the deliveries
and the rules of all quarters up to it. dbt commits model by model, so a quarter's hash goes before its rows are touched and comes back
only when the whole build succeeded. Checks and work lists are made of the quarters that a run was asked for: nothing else rests on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.editions.made_with import made_with
from pipelines.quarters import Quarter
from pipelines.transform.project import project_sha256
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.ledger import Ledger

TABLE = "staged_quarters"


@dataclass(frozen=True)
class Contents:
    """What a warehouse would hold now: the code that makes its tables, and for each quarter all that its rows are made from, as hashes."""

    code: str
    quarters: dict[str, str]


@dataclass(frozen=True)
class Due:
    """The quarters that a build makes anew, and those `asked` for, in order; `is_whole` if it keeps nothing: other code made the tables."""

    quarters: list[Quarter]
    asked: list[Quarter]
    is_whole: bool


def contents(ledger: Ledger, warehouse: Warehouse) -> Contents:
    """Of the deliveries in force, the rules that lie in the landing, and the code of now."""
    from pipelines.rulesets.tables import in_force, official_rulesets

    code = hashlib.sha256(repr((project_sha256(), made_with(("landing", "models")))).encode()).hexdigest()
    rulesets = official_rulesets(warehouse.landing)
    digest, quarters = hashlib.sha256(code.encode()), {}
    for (quarter, feed), each in sorted(ledger.in_force().items()):
        digest.update(repr([(each["ruleset"], each["sha256"]) for each in in_force(rulesets, quarter)]).encode())
        digest.update(repr((quarter, feed, each.sha256, each.file_name, str(each.received_on), each.received_no)).encode())
        quarters[quarter] = digest.hexdigest()
    return Contents(code, quarters)


def due(asked: Iterable[Quarter], history: Iterable[Quarter], warehouse: Warehouse, now: Contents) -> Due:
    """The asked quarters, and those of the history whose rows are not what `now` would make them."""
    held, asked = _held(warehouse), sorted(asked)
    if {code for code, _ in held.values()} != {now.code}:
        return Due(sorted(history), asked, is_whole=True)
    stale = {quarter for quarter in history if now.quarters.get(str(quarter)) != held.get(str(quarter), ("", None))[1]}
    return Due(sorted({*asked, *stale}), asked, is_whole=False)


def _held(warehouse: Warehouse) -> dict[str, tuple[str, str]]:
    """Quarter -> code and hash of what it holds."""
    if not warehouse.database.exists():
        return {}
    with warehouse.connect() as connection:
        columns = {
            name for (name,) in connection.execute(f"select column_name from duckdb_columns() where table_name = '{TABLE}'").fetchall()
        }
        if "code" not in columns:
            return {}
        rows = connection.execute(f"select quarter, code, made_from from {TABLE}").fetchall()
    return {quarter: (code, made_from) for quarter, code, made_from in rows}


def forget(built: Due, warehouse: Warehouse) -> None:
    """Before a build: from now on nobody knows what these quarters hold, or any, if nothing is kept."""
    with warehouse.connect(read_only=False) as connection:
        if built.is_whole:
            connection.execute(f"drop table if exists {TABLE}")
        connection.execute(
            f"create table if not exists {TABLE} "
            "(quarter varchar primary key, code varchar not null, made_from varchar not null, is_asked boolean not null)"
        )
        connection.execute(f"delete from {TABLE} where list_contains($1, quarter)", [[str(quarter) for quarter in built.quarters]])


def note(built: Due, warehouse: Warehouse, now: Contents) -> None:
    """After a build that succeeded: these quarters hold what `now` says."""
    rows = [
        (str(quarter), now.code, now.quarters[str(quarter)], quarter in built.asked)
        for quarter in built.quarters
        if str(quarter) in now.quarters
    ]
    if rows:
        with warehouse.connect(read_only=False) as connection:
            connection.executemany(f"insert or replace into {TABLE} values ($1, $2, $3, $4)", rows)
