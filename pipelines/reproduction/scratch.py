"""A scratch warehouse: chosen deliveries landed from the archive, computed and judged, gone when the block ends.

Here: archive bytes to a judged quarter. Not here: which deliveries, what becomes of the result.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines import durable
from pipelines.delivery import Delivery
from pipelines.editions.told import lay_out
from pipelines.errors import DeliveryRejected, Failure, InfrastructureError
from pipelines.feeds import FILE_FEEDS, TAX
from pipelines.gate import EXPECTATIONS, Verdict, judge
from pipelines.landing import archive, drop_folder, export_in_force, land_archived_files
from pipelines.landing.tax import archived_parts, land_archived
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.rulesets.tables import RULESETS, write_rule_tables
from pipelines.settings import sqlite_url
from pipelines.transform.project import build
from pipelines.warehouse import Warehouse

ACTOR = "reproduction"


@dataclass(frozen=True)
class Archived:
    """A delivery as a manifest names it: its quarter and feed, the file's name and SHA-256, the day of its receipt."""

    quarter: str
    feed: str
    file: str
    sha256: str
    received: dt.date


@dataclass(frozen=True)
class Scratch:
    """A warehouse of its own with a ledger of its own."""

    warehouse: Warehouse
    ledger: Ledger

    def judged(self, quarter: str, *, expectations: Path = EXPECTATIONS, today: dt.date | None = None) -> Verdict:
        """The gate's verdict on a quarter as computed here; it is kept here only."""
        return judge(quarter, self.warehouse, self.ledger, ACTOR, expectations=expectations, today=today)


@contextmanager
def computed_from(
    deliveries: Iterable[Archived], archived_in: Warehouse, recorded_in: Ledger, until: int | None, threads: int
) -> Iterator[Scratch]:
    """All quarters of `deliveries`, computed from exactly these with the rules and code of now; DuckDB with so many `threads`.

    What was published before a line (`until`) of the ledger is taken for known to every reader.

    Raises `InfrastructureError` if the archive lacks bytes or holds others, `Failure` if the code of now refuses a delivery.
    """
    with scratch_folder() as folder:
        warehouse = Warehouse(folder / "warehouse")
        warehouse.root.mkdir()
        scratch = Scratch(warehouse, Ledger(sqlite_url(warehouse.root / "ledger.sqlite")))
        chosen = sorted(deliveries, key=lambda each: (each.quarter, each.feed))
        _land(chosen, archived_in, scratch)
        write_rule_tables(RULESETS, warehouse.landing)
        quarters = sorted({Quarter.parse(each.quarter) for each in chosen})
        lay_out(quarters, warehouse, archived_in, recorded_in, until)
        build(warehouse.root, quarters, warehouse.landing, threads)
        yield scratch


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A private folder that is gone when the block ends; first of all, those of processes that were killed are removed."""
    home = Path(tempfile.gettempdir()) / f"i315-scratch-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise InfrastructureError(f"scratch: found {home} of another user; expected our own; next: have it removed, or set TMPDIR")
    durable.remove_scratch_of_dead_processes(home)
    folder = durable.beside(home / "reproduction")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _land(chosen: list[Archived], archived_in: Warehouse, scratch: Scratch) -> None:
    for each in chosen:
        _borrow(each.sha256, archived_in, scratch.warehouse)
        if each.feed == TAX.name:
            for part in archived_parts(scratch.warehouse, each.sha256).values():
                _borrow(part, archived_in, scratch.warehouse)
    try:
        for feed in FILE_FEEDS:
            mine = [_delivery(each, scratch.warehouse) for each in chosen if each.feed == feed]
            land_archived_files(feed, mine, scratch.warehouse, scratch.ledger, ACTOR)
        for each in chosen:
            if each.feed == TAX.name:
                land_archived(each.quarter, each.sha256, each.file, each.received, scratch.warehouse, scratch.ledger, ACTOR)
    except DeliveryRejected as rejection:
        raise Failure(f"a delivery that was accepted is refused by the code of now: {rejection}") from rejection
    found = {(*key, delivery.sha256) for key, delivery in scratch.ledger.in_force().items()}
    wanted = {(each.quarter, each.feed, each.sha256) for each in chosen}
    if found != wanted:
        quarter, feed, sha256 = min(found ^ wanted)
        raise Failure(
            f"scratch warehouse: {feed} {quarter}: found {sha256[:12]} on one side only; expected exactly the deliveries asked for"
        )
    export_in_force(scratch.warehouse, scratch.ledger)


def _delivery(each: Archived, warehouse: Warehouse) -> Delivery:
    size = archive.place_of(warehouse, each.sha256).stat().st_size
    _, number = drop_folder.received(each.file) or (each.received, 1)
    return Delivery(each.quarter, each.feed, each.sha256, each.file, each.received, number, size, accepted=False, rows={})


def _borrow(sha256: str, archived_in: Warehouse, warehouse: Warehouse) -> None:
    """Give a scratch archive a file of another one, read through; a link, so that nothing is copied and nothing written there."""
    source, link = archive.verified(archived_in, sha256), archive.place_of(warehouse, sha256)
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(source)
