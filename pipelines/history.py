"""Run history: Dagster's SQLite files, kept open for the length of a run.

Here: how SQLite treats the files below Dagster's home. Not here: what Dagster writes into them, and no file of our own (the
ledger has an engine and a durability of its own).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any, Self

import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from dagster._core.storage.schedules.sqlite import sqlite_schedule_storage

_STORAGES: tuple[Any, ...] = (sqlite_event_log, sqlite_run_storage, sqlite_schedule_storage)


class _KeptOpen(sa.QueuePool):
    """Connections that stay open when Dagster disposes of their engine, which it does after every event."""

    def dispose(self) -> None:
        pass

    def recreate(self) -> Self:
        return self

    def close(self) -> None:
        """Close them all."""
        super().dispose()


@contextlib.contextmanager
def kept_open() -> Iterator[None]:
    """Make an event of Dagster cost its row and not three waits for the disk.

    Dagster makes an engine and a connection for each row. Whoever closes a SQLite file last has its write-ahead log copied back and
    the disk waited for, and each engine compiles the same statements anew; here every file has one engine, whose connections stay
    open. `synchronous = normal` is the setting that SQLite advises with a write-ahead log: no file is ever broken by it, a dead
    process loses nothing, and a power cut can only take the last events of the history, which proves nothing that the ledger does
    not.
    """
    engines: dict[str, sa.Engine] = {}

    def one_per_file(address: str, **options: Any) -> sa.Engine:
        if address not in engines:
            engines[address] = sa.create_engine(address, **options | {"poolclass": _KeptOpen})
            sa.event.listen(engines[address], "connect", _as_sqlite_advises)
        return engines[address]

    makers = [storage.create_engine for storage in _STORAGES]
    for storage in _STORAGES:
        storage.create_engine = one_per_file
    try:
        yield
    finally:
        for storage, maker in zip(_STORAGES, makers, strict=True):
            storage.create_engine = maker
        for engine in engines.values():
            assert isinstance(engine.pool, _KeptOpen)
            engine.pool.close()


def _as_sqlite_advises(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("pragma synchronous = normal")
