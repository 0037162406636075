"""Putting a backup into an empty warehouse: files first, each looked at, the ledger after them, the pointer last.

Here: refusals, the order. Not here: making again what no backup holds (reproduction/rebuilding.py, and the next run). A restore that
was cut off leaves a warehouse without a ledger, which nothing takes for a warehouse.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.backup.inventory import Inventory, copy_checked, read_inventory, read_lines
from pipelines.editions.pointer import write_pointer
from pipelines.editions.record import every_edition, verify_in_place
from pipelines.editions.recorded_files import ARCHIVE
from pipelines.errors import InfrastructureError, LedgerBroken, UsageError
from pipelines.ledger import Ledger
from pipelines.ledger_chain import chain_faults
from pipelines.warehouse import Warehouse

_OF_THE_BACKUP = ("keys/",)
NAMED = 3


@dataclass(frozen=True)
class Restored:
    """What was put back; `lacking` are files other than archived bytes that the backup has lost, `faults` what verification found."""

    lines: int
    files: int
    editions: int
    lacking: list[str]
    faults: list[str]


def restore(folder: Path, warehouse: Warehouse, ledger_address: str, say: Callable[[str], None] = lambda line: None) -> Restored:
    """Put a backup into a warehouse and a ledger that are empty, and verify every edition and the record.

    Raises `UsageError` if there is no backup or the target is not empty, `LedgerBroken` for a broken chain, `InfrastructureError` if
    archived bytes are missing or damaged: without them nothing can be computed again.
    """
    inventory = read_inventory(folder)
    if inventory is None:
        raise UsageError(f"{folder}: found no backup; expected a folder that `i315 backup` wrote")
    lines = read_lines(folder, inventory)
    if faults := chain_faults(lines, {"seq": inventory.line, "hash": inventory.hash}):
        raise LedgerBroken(f"backup {folder}: {faults[0]}")
    _require_empty(warehouse, ledger_address)
    warehouse.hold_writer_lock()
    say(f"{len(inventory.files)} files, {inventory.line} ledger lines of {inventory.made_at}")
    lacking = _put_back(folder, inventory, warehouse)
    ledger = Ledger(ledger_address)
    ledger.refill(lines)
    if lacking:
        _remove_incomplete(lacking, warehouse)
    elif ledger.entries("publication"):
        write_pointer(warehouse, ledger)
    editions = every_edition(warehouse)
    found = [] if lacking else verify_in_place(warehouse, ledger, editions)
    return Restored(inventory.line, len(inventory.files) - len(lacking), len(editions), lacking, found)


def _require_empty(warehouse: Warehouse, ledger_address: str) -> None:
    there = sorted(path.name for path in warehouse.root.iterdir() if path.name != "writer.lock") if warehouse.root.is_dir() else []
    if there:
        raise UsageError(
            f"{warehouse.root}: found {', '.join(there[:NAMED])} in it; expected an empty folder to restore into; "
            "next: move away what is there, or name another --warehouse"
        )
    if Ledger(ledger_address, is_reader=True).end()[0]:
        raise UsageError("ledger: found lines in it; expected an empty one to restore into; next: name another I315_LEDGER_URL")


def _put_back(folder: Path, inventory: Inventory, warehouse: Warehouse) -> list[str]:
    """Copy every file; what is lost of the archive is an error, what is lost of the rest is returned."""
    lost: dict[str, str] = {}
    for path, held in inventory.files.items():
        if path.startswith(_OF_THE_BACKUP):
            continue
        try:
            copy_checked(folder / path, warehouse.root / path, warehouse.root, held.sha256)
        except InfrastructureError as fault:
            lost[path] = str(fault)
    archived = [fault for path, fault in lost.items() if path.startswith(f"{ARCHIVE}/")]
    if archived:
        raise InfrastructureError(
            f"backup damaged: {'; '.join(archived[:NAMED])}{f'; and {len(archived) - NAMED} more' if len(archived) > NAMED else ''}; "
            f"next: take them from another copy of the backup, empty {warehouse.root}, restore again"
        )
    return sorted(lost)


def _remove_incomplete(lacking: list[str], warehouse: Warehouse) -> None:
    """An edition is there whole or not at all, so that it can be made again."""
    for folder in {warehouse.root / Path(path).parent for path in lacking if path.startswith("editions/")}:
        if folder.is_dir():
            shutil.rmtree(folder)
