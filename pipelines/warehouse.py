"""The warehouse folder: where each thing lies, who may write, and how DuckDB is opened.

Here: paths, the writer's lock, connections. Not here: what stages write.
"""

from __future__ import annotations

import atexit
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipelines.errors import InfrastructureError

if TYPE_CHECKING:
    import duckdb

_held_locks: dict[Path, IO[str]] = {}


@atexit.register
def _release_locks() -> None:
    for handle in _held_locks.values():
        handle.close()


@dataclass(frozen=True)
class Warehouse:
    """The folder that holds everything the system keeps."""

    root: Path

    @property
    def archive(self) -> Path:
        """Delivered bytes under their SHA-256; never changed, never deleted."""
        return self.root / "archive"

    @property
    def receipts(self) -> Path:
        """What each office gets back for its deliveries; internal, its owner's alone."""
        return self.root / "receipts"

    @property
    def landing(self) -> Path:
        """Text rows: `<feed>/<table>/quarter=<quarter>/<delivery>.parquet`."""
        return self.root / "landing"

    @property
    def database(self) -> Path:
        """The DuckDB file that dbt writes: the workshop, never what is served."""
        return self.root / "warehouse.duckdb"

    @property
    def editions(self) -> Path:
        """Published editions and `latest.json`."""
        return self.root / "editions"

    @property
    def scoring_inputs(self) -> Path:
        """What the scores of each edition were computed from; internal, its owner's alone."""
        return self.root / "scoring_inputs"

    @property
    def lineage(self) -> Path:
        """The contributions that editions were added up from; internal, its owner's alone."""
        return self.root / "lineage"

    @property
    def worklists(self) -> Path:
        """Work lists of firms, `<quarter>/<kind>.parquet`; internal, their owner's alone."""
        return self.root / "internal" / "worklists"

    @property
    def findings(self) -> Path:
        """The gate's findings, one JSON file per verdict, named by its hash."""
        return self.root / "findings"

    @property
    def openlineage(self) -> Path:
        """What each run read and wrote, as OpenLineage events: `<run>.jsonl`."""
        return self.root / "openlineage"

    @property
    def operation(self) -> Path:
        """When sensor and schedule last looked, and what people were told; may be removed."""
        return self.root / "operation"

    @property
    def dagster_home(self) -> Path:
        """Dagster's run history."""
        return self.root / "dagster_home"

    def hold_writer_lock(self) -> None:
        """Wait until no other process writes this warehouse, then hold it until this process ends.

        The kernel releases the lock when the process dies, however it dies, so a killed run never blocks the next one.
        """
        if self.root in _held_locks:
            return
        if not self.root.exists():
            self.root.mkdir(parents=True)
            # Its group gets through to what is published; everything else in it is its owner's alone.
            self.root.chmod(0o750)
        handle = (self.root / "writer.lock").open("a+")
        fcntl.flock(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        _held_locks[self.root] = handle

    @contextmanager
    def connect(self, *, read_only: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse database for the length of a block; sorted output does not depend on the number of threads."""
        import duckdb

        try:
            connection = duckdb.connect(str(self.database), read_only=read_only)
        except duckdb.IOException as error:
            raise InfrastructureError(
                f"warehouse: found {' '.join(str(error).split())[:300]}; expected a database that opens; next: if the disk has room and "
                f"the file is damaged, remove {self.database.name}: the next run computes it again from landing"
            ) from error
        try:
            # Views name the landing as it lies in the warehouse's folder, wherever that is now.
            connection.execute("set file_search_path = ?", [str(self.root)])
            yield connection
        finally:
            connection.close()
