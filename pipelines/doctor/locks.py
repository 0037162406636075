"""Locks, runs and scratch: who writes now, and what processes that are gone left behind."""

from __future__ import annotations

import fcntl
from pathlib import Path

import sqlalchemy as sa

from pipelines.doctor.answer import Answer, ok, warn
from pipelines.durable import left_over_in
from pipelines.processes import PROCESS_TAG, is_alive, process_identity
from pipelines.warehouse import Warehouse

_UNFINISHED = ("NOT_STARTED", "STARTING", "STARTED", "CANCELING", "QUEUED")


def writer(warehouse: Warehouse) -> Answer:
    """Whether a run holds the writer's lock; the kernel takes it from a process that dies."""
    file = warehouse.root / "writer.lock"
    if not file.is_file() or not is_held(file):
        return ok("writer", "nobody writes")
    named = file.read_text().strip()
    if not named.isdigit() or not process_identity(int(named)):
        found = f"the lock is held, not by process {named or '?'} that the file names"
        return warn("writer", found, f"see who has it (fuser {file}); it may run in another container")
    return ok("writer", f"process {named} writes")


def is_held(file: Path) -> bool:
    """Whether another process holds a lock on the file; asking takes and gives back a shared one at once."""
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def unfinished_runs(address: str) -> Answer:
    """Runs that the history takes for unfinished and whose process is gone; the next start ends them."""
    query = sa.text(
        "select r.run_id, t.value from runs r left join run_tags t on t.run_id = r.run_id and t.key = :tag where r.status in :open"
    )
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    asked = {"tag": PROCESS_TAG, "open": _UNFINISHED}
    try:
        with engine.connect() as connection:
            there = sa.inspect(connection).has_table("runs")
            found = connection.execute(query.bindparams(sa.bindparam("open", expanding=True)), asked) if there else ()
            rows = [(str(run_id), str(identity or "")) for run_id, identity in found]
    finally:
        engine.dispose()
    dead = [run_id for run_id, identity in rows if identity and not is_alive(identity)]
    if dead:
        step = "the next i315 run or start of the daemon's service ends them"
        return warn("unfinished runs", f"{len(dead)} of processes that are gone, such as {dead[0][:8]}", step)
    return ok("unfinished runs", f"{len(rows)}, none of a process that is gone")


def scratch(places: list[Path]) -> Answer:
    """Scratch files and folders of processes that are gone."""
    left = [path for place in places if place.is_dir() for path in left_over_in(place)]
    if left:
        return warn("scratch", f"{len(left)} left by processes that are gone, such as {left[0]}", "the next run removes them")
    return ok("scratch", "none left behind")
