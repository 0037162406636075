"""What a backup says that it holds: `backup.json`, written last, so that a backup that was cut off is the one before it.

Here: its form, reading it, a file copied and looked at again. Not here: what is copied from where.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines import durable
from pipelines.errors import InfrastructureError, UsageError
from pipelines.landing.archive import sha256_of
from pipelines.ledger_chain import GENESIS, Line

INVENTORY = "backup.json"
_SCHEMA = "i315-backup/1"
#: Internal: folders that are their owner's alone, wherever they lie.
_PRIVATE = ("lineage", "scoring_inputs", "ledger", "keys")
_OWNER_ONLY = 0o700


@dataclass(frozen=True)
class Held:
    """A file of the backup as it was written."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Inventory:
    """The backup: number and hash of the ledger's last line, the file with its lines, and every other file by path."""

    made_at: str = ""
    line: int = 0
    hash: str = GENESIS
    ledger: str = ""
    ledger_sha256: str = ""
    files: dict[str, Held] = field(default_factory=dict)

    def content(self) -> bytes:
        """As `backup.json` holds it."""
        return json.dumps({"schema": _SCHEMA, **asdict(self)}, indent=1, sort_keys=True).encode()


def read_inventory(folder: Path) -> Inventory | None:
    """What the backup in a folder holds; None if there is none, `UsageError` for a file of another form."""
    path = folder / INVENTORY
    if not path.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
        if told.pop("schema") != _SCHEMA:
            raise KeyError("schema")
        return Inventory(**told | {"files": {name: Held(**each) for name, each in told["files"].items()}})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path}: found no inventory of a backup ({error}); expected one as `i315 backup` writes it") from error


def read_lines(folder: Path, inventory: Inventory) -> list[Line]:
    """The ledger's lines that a backup holds; `InfrastructureError` if they are not the bytes that were written."""
    path = folder / inventory.ledger
    found = sha256_of(path) if path.is_file() else "no file"
    if found != inventory.ledger_sha256:
        raise InfrastructureError(
            f"backup damaged: {path}: found {found}; expected the lines with SHA-256 {inventory.ledger_sha256}; "
            "next: take another copy of the backup"
        )
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make_folder(folder: Path, root: Path) -> None:
    """Make a folder below a root, durably, with those above it; what is internal is its owner's alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent, root)
    folder.mkdir(mode=_OWNER_ONLY if folder.relative_to(root).parts[0] in _PRIVATE else 0o777, exist_ok=True)
    durable.sync(folder.parent)


def copy_checked(source: Path, target: Path, root: Path, sha256: str) -> Held:
    """Copy a file with its mode, below a root, and look at what was written; `InfrastructureError` names a missing or damaged source.

    An empty `sha256` takes the source as it is.
    """
    if not source.is_file():
        raise InfrastructureError(f"{source}: found no such file; expected one with SHA-256 {sha256[:16] or 'of any value'}")
    wanted = sha256 or sha256_of(source)
    make_folder(target.parent, root)
    with durable.written_beside(target) as scratch:
        scratch.touch(mode=0o600)
        shutil.copyfile(source, scratch)
        found = sha256_of(scratch)
        if found != wanted:
            raise InfrastructureError(f"{source}: found SHA-256 {found[:16]}; expected {wanted[:16]}")
        shutil.copymode(source, scratch)
        size = scratch.stat().st_size
    return Held(size, found)
