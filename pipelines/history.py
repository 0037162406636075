"""Run history: Dagster's SQLite files, kept open for the length of a run.

Here: how SQLite treats the files below Dagster's home. Not here: what Dagster writes into them, and no file of our own (the
ledger has an engine and a durability of its own).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite import sqlite_event_log


@contextlib.contextmanager
def kept_open(home: Path) -> Iterator[None]:
    """Make an event of Dagster cost its row and not three waits for the disk.

    Dagster opens and closes each of its files several times per event. Whoever closes a SQLite file last has its write-ahead log
    copied back and the disk waited for, so one connection per file stays open here. `synchronous = normal` is the setting that
    SQLite advises with a write-ahead log: no file is ever broken by it, a dead process loses nothing, and a power cut can only
    take the last events of the history, which proves nothing that the ledger does not.

    Dagster also makes an engine per event, and each compiles the same statements anew, which is half of what an event costs in a
    backfill with thousands of them; here every file has one.
    """
    made: dict[str, sa.Engine] = {}
    make_engine = sqlite_event_log.create_engine

    def one_per_file(address: str, **options: Any) -> sa.Engine:
        if address not in made:
            made[address] = make_engine(address, **options)
        return made[address]

    kept: dict[str, sqlite3.Connection] = {}

    def on_connect(raw: object, _record: object) -> None:
        if not isinstance(raw, sqlite3.Connection):
            return
        path = raw.execute("pragma database_list").fetchone()[2]
        if path not in kept:
            if not Path(path).is_relative_to(home) or raw.execute("pragma journal_mode").fetchone()[0] != "wal":
                return
            kept[path] = sqlite3.connect(path, check_same_thread=False)
            kept[path].execute("select count(*) from sqlite_master").fetchone()
        raw.execute("pragma synchronous = normal")

    sa.event.listen(sa.Engine, "connect", on_connect)
    sqlite_event_log.create_engine = one_per_file  # type: ignore[assignment]  # SQLAlchemy's overloads, of which Dagster uses one
    try:
        yield
    finally:
        sqlite_event_log.create_engine = make_engine
        sa.event.remove(sa.Engine, "connect", on_connect)
        for connection in kept.values():
            connection.close()
