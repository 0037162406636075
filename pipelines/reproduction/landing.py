"""Landing against the archive: every delivery that is kept in landing is landed once more, and the files are compared byte for byte.

Here: comparing. Not here: landing (pipelines/landing). Runs and traces read landing, and nothing but the archive can prove it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from pipelines.delivery import Delivery
from pipelines.editions.recorded_files import is_behind_link
from pipelines.errors import InfrastructureError
from pipelines.feeds import TAX
from pipelines.landing import parquet
from pipelines.landing.delivered import land_delivery
from pipelines.landing.tax import land_archived
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.ledger import Ledger
from pipelines.reproduction.scratch import ACTOR, scratch_folder
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class Compared:
    """Landing files compared, what is wrong with some (a line each), and how many other code wrote: the next run writes those again."""

    files: int
    faults: list[str]
    by_other_code: int

    @property
    def not_compared(self) -> list[str]:
        """What is to be said of the files that were left out."""
        return [f"landing ({self.by_other_code} files that other code wrote; the next run writes them again)"] if self.by_other_code else []


def compare_landing(warehouse: Warehouse, ledger: Ledger) -> Compared:
    """Compare every landing file of the accepted deliveries with what the archived bytes give under this code."""
    deliveries = [delivery for delivery in ledger.deliveries() if delivery.accepted]
    # Bytes received under two names are landed once, with the name of either receipt in their rows.
    receipts: dict[tuple[str, str, str], list[Delivery]] = defaultdict(list)
    for each in deliveries:
        receipts[each.quarter, each.feed, each.sha256].append(each)
    files, by_other_code = 0, 0
    faults: list[str] = []
    with scratch_folder() as folder, WorkbookReader() as reader:
        scratch = Warehouse(folder)
        scratch.archive.symlink_to(warehouse.archive.resolve())
        for same in receipts.values():
            kept = [path for path in _files(warehouse, same[0]) if path.exists()]
            files += len(kept)
            if any(parquet.is_by_other_code(path) for path in kept):
                by_other_code += len(kept)
            else:
                faults += _faults(kept, same, warehouse, scratch, reader)
    return Compared(files, faults, by_other_code)


def _files(warehouse: Warehouse, delivery: Delivery) -> list[Path]:
    names = sorted(delivery.rows)
    return [parquet.landing_path(warehouse, delivery.feed, name, delivery.quarter, delivery.delivery_id) for name in names]


def _faults(kept: list[Path], receipts: list[Delivery], warehouse: Warehouse, scratch: Warehouse, reader: WorkbookReader) -> list[str]:
    named = {path: path.relative_to(warehouse.root).as_posix() for path in kept}
    faults = [f"{named[path]}: found a link; expected the file itself" for path in kept if is_behind_link(warehouse, path)]
    differing = kept
    for delivery in receipts if kept else ():
        try:
            _land_again(delivery, scratch, reader)
        except InfrastructureError as damage:
            return [*faults, str(damage)]
        again = {path.relative_to(scratch.root).as_posix(): path.read_bytes() for path in _files(scratch, delivery) if path.is_file()}
        differing = [path for path in differing if path.read_bytes() != again.get(named[path])]
    step = f"next: remove it; i315 run {receipts[0].quarter} lands the archived delivery again"
    return [*faults, *(f"{named[path]}: found other rows than the archived delivery gives; {step}" for path in differing)]


def _land_again(delivery: Delivery, scratch: Warehouse, reader: WorkbookReader) -> None:
    """Land an archived delivery into the scratch warehouse; one that this code refuses leaves no file there."""
    if delivery.feed == TAX.name:
        ledger = Ledger(f"sqlite:///{scratch.root / 'ledger.sqlite'}")
        land_archived(delivery.quarter, delivery.sha256, delivery.file_name, delivery.received_on, scratch, ledger, ACTOR)
    else:
        land_delivery(delivery, scratch, reader)
