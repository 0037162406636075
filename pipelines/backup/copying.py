"""Making a backup: the ledger's lines as of one moment, then every file that they name and that is not there yet.

Here: what is copied, when a backup is refused. Not here: its form (inventory.py). It takes no lock of the warehouse and changes
nothing in it, so it may run at any time.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines import durable
from pipelines.backup.inventory import INVENTORY, Held, Inventory, copy_checked, make_folder, read_inventory
from pipelines.editions.manifest import digest
from pipelines.editions.recorded_files import recorded_files
from pipelines.errors import Failure, InfrastructureError, UsageError
from pipelines.landing.archive import sha256_of
from pipelines.ledger import Ledger
from pipelines.ledger_chain import GENESIS, Line
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class BackedUp:
    """What a backup holds now: lines of the ledger, files, how many of them this call copied, and what it could not."""

    lines: int
    hash: str
    files: int
    copied: int
    copied_bytes: int
    faults: list[str]


def back_up(warehouse: Warehouse, ledger: Ledger, folder: Path, public_key: Path | None = None, *, is_all_read: bool = False) -> BackedUp:
    """Bring the backup in a folder up to date; `is_all_read` looks at the bytes of all that it holds, not only of what is new.

    What is missing or damaged in the warehouse is a fault, and all else is copied. Raises `LedgerBroken` for a broken chain,
    `UsageError` if there is no ledger or the folder is inside the warehouse, `Failure` if the backup knows lines that this ledger lacks.
    """
    if not ledger.is_there:
        raise UsageError(f"nothing to back up: found no ledger of {warehouse.root}; expected one; next: --warehouse, or I315_LEDGER_URL")
    if folder.resolve().is_relative_to(warehouse.root):
        raise UsageError(f"{folder}: found it inside the warehouse; expected a folder on another disk")
    ledger.verify()
    lines = ledger.lines()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        durable.remove_scratch_of_dead_processes(folder)
        before = read_inventory(folder) or Inventory()
        _require_later(before, lines, folder)
        files, copied, faults = _copy_files(warehouse, lines, folder, before.files, is_all_read)
        if public_key:
            name = f"keys/{sha256_of(public_key)}.pem"
            files[name] = copy_checked(public_key, folder / name, folder, "")
        after = _with_lines(Inventory(dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), files=files), lines, folder)
        durable.write_bytes(folder / INVENTORY, after.content(), is_private=True)
        if before.ledger and before.ledger != after.ledger:
            (folder / before.ledger).unlink(missing_ok=True)
    return BackedUp(after.line, after.hash, len(files), len(copied), sum(copied), faults)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes this backup; the kernel ends the wait if that process dies."""
    with (folder / "backup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_later(before: Inventory, lines: list[Line], folder: Path) -> None:
    """Never let a lost or exchanged ledger take the place of the one in the backup."""
    known = lines[before.line - 1]["hash"] if 0 < before.line <= len(lines) else GENESIS if before.line == 0 else "no such line"
    if known != before.hash:
        raise Failure(
            f"{folder}: found a backup that knows ledger line {before.line} as {before.hash[:12]}; expected it in the ledger, which has "
            f"{known[:12]}: this ledger is lost, an older copy, or another one; next: restore from this backup, or name another folder"
        )


def _copy_files(
    warehouse: Warehouse, lines: list[Line], folder: Path, before: dict[str, Held], is_all_read: bool
) -> tuple[dict[str, Held], list[int], list[str]]:
    """Every file that the backup holds afterwards, the sizes of those copied, and what could not be copied."""
    files, copied, faults = dict(before), [], []
    for each in recorded_files(warehouse, lines):
        held, target = before.get(each.path), folder / each.path
        if held and each.sha256 in ("", held.sha256) and _is_as_held(target, held, is_all_read):
            continue
        try:
            files[each.path] = copy_checked(warehouse.root / each.path, target, folder, each.sha256)
            copied.append(files[each.path].bytes)
        except InfrastructureError as fault:
            files.pop(each.path, None)
            faults.append(str(fault))
    return files, copied, faults


def _is_as_held(target: Path, held: Held, is_all_read: bool) -> bool:
    if not target.is_file() or target.stat().st_size != held.bytes:
        return False
    return not is_all_read or sha256_of(target) == held.sha256


def _with_lines(inventory: Inventory, lines: list[Line], folder: Path) -> Inventory:
    """The lines in a file of their own, named by its end, so that inventory and lines never contradict each other."""
    content = "".join(f"{json.dumps(line, ensure_ascii=False, sort_keys=True)}\n" for line in lines).encode()
    line, end = (lines[-1]["seq"], lines[-1]["hash"]) if lines else (0, GENESIS)
    name = f"ledger/{line}-{end[:12]}.jsonl"
    make_folder((folder / name).parent, folder)
    durable.write_bytes(folder / name, content, is_private=True)
    if digest((folder / name).read_bytes()) != digest(content):
        raise InfrastructureError(f"{folder / name}: found other bytes than written; expected the ledger's lines; next: check the disk")
    return replace(inventory, line=line, hash=end, ledger=name, ledger_sha256=digest(content))
