"""Staged quarters: which of them the warehouse holds as the deliveries in force and the code of now make them.

Here: a hash per quarter of all that its rows are made from, kept in the warehouse beside them. Not here: staging (dbt).
A quarter's contributions take in earlier quarters (the year's returns), so its hash covers the deliveries of all quarters up to it.
dbt commits model by model, so a quarter's hash goes before its rows are touched and comes back only when the whole build succeeded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelines.quarters import Quarter
from pipelines.transform.project import project_sha256
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.ledger import Ledger

TABLE = "staged_quarters"


def made_from(ledger: Ledger, parser: str) -> dict[str, str]:
    """Quarter with deliveries -> hash of those in force up to it, of the code that landed them (`parser`) and of the dbt project."""
    digest = hashlib.sha256(f"{parser} {project_sha256()}".encode())
    found = {}
    for (quarter, feed), each in sorted(ledger.in_force().items()):
        digest.update(repr((quarter, feed, each.sha256, each.file_name, str(each.received_on), each.received_no)).encode())
        found[quarter] = digest.hexdigest()
    return found


def stale_quarters(quarters: Iterable[Quarter], warehouse: Warehouse, now: dict[str, str]) -> list[Quarter]:
    """Those of `quarters` whose staged rows are not what `now` (`made_from`) would make them, in order."""
    held: dict[str, str] = {}
    if warehouse.database.exists():
        with warehouse.connect() as connection:
            tables = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
            held = dict(connection.execute(f"select quarter, made_from from {TABLE}").fetchall()) if TABLE in tables else {}
    return sorted(quarter for quarter in quarters if now.get(str(quarter)) != held.get(str(quarter)))


def forget(quarters: Iterable[Quarter], warehouse: Warehouse) -> None:
    """Before a build: from now on nobody knows what these quarters hold."""
    with warehouse.connect(read_only=False) as connection:
        connection.execute(f"create table if not exists {TABLE} (quarter varchar primary key, made_from varchar not null)")
        connection.execute(f"delete from {TABLE} where list_contains($1, quarter)", [[str(quarter) for quarter in quarters]])


def note(quarters: Iterable[Quarter], warehouse: Warehouse, now: dict[str, str]) -> None:
    """After a build that succeeded: these quarters hold what `now` says."""
    built = {str(quarter): now[str(quarter)] for quarter in quarters if str(quarter) in now}
    if built:
        with warehouse.connect(read_only=False) as connection:
            connection.executemany(f"insert or replace into {TABLE} values ($1, $2)", sorted(built.items()))
