"""The archive: delivered bytes under their SHA-256, never changed and never deleted.

Here: keeping bytes and giving them back verified. Not here: what they mean.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import IO

from pipelines import durable
from pipelines.errors import InfrastructureError
from pipelines.landing.drop_folder import name_of
from pipelines.warehouse import Warehouse

READ_ONLY = 0o400


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def place_of(warehouse: Warehouse, sha256: str) -> Path:
    """Where the archive keeps these bytes."""
    return warehouse.archive / sha256[:2] / sha256


class Unreadable(Exception):
    """A delivered file that cannot be read now, or changes while it is read: neither its bytes nor its office's fault are known."""


def keep_file(warehouse: Warehouse, source: Path) -> str:
    """Archive a delivered file and return its SHA-256; the file itself stays untouched. `Unreadable` if that cannot be done now."""
    try:
        # Neither a link nor a pipe is opened, should one have taken the file's place since the folder was listed.
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(_unreadable(source, str(error.strerror), "check its rights and the disk")) from error
    with open(handle, "rb") as stream:
        before = _stamp(stream)
        try:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise Unreadable(_unreadable(source, str(error.strerror), "check its rights and the disk")) from error
        if not place_of(warehouse, sha256).exists():
            sha256 = _copied(warehouse, stream)
        if _stamp(stream) != before:
            raise Unreadable(_unreadable(source, "that it changes while it is read", "wait until it is written whole"))
    return sha256


def _stamp(stream: IO[bytes]) -> tuple[int, int]:
    state = os.fstat(stream.fileno())
    return state.st_size, state.st_mtime_ns


def _unreadable(source: Path, found: str, step: str) -> str:
    return f"delivery not readable: {name_of(source)}: found {found}; expected a whole file that may be read; next: {step}, then run again"


def _copied(warehouse: Warehouse, stream: IO[bytes]) -> str:
    scratch = new_scratch(warehouse)
    try:
        # Named by the copy's own digest: the office may still be writing the file.
        stream.seek(0)
        with scratch.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
        return keep_scratch(warehouse, scratch)
    finally:
        scratch.unlink(missing_ok=True)


def keep_bytes(warehouse: Warehouse, content: bytes) -> str:
    """Archive a small document and return its SHA-256."""
    scratch = new_scratch(warehouse)
    try:
        scratch.write_bytes(content)
        return keep_scratch(warehouse, scratch)
    finally:
        scratch.unlink(missing_ok=True)


def new_scratch(warehouse: Warehouse) -> Path:
    """A path on the archive's disk to write to before `keep_scratch` gives the file its name."""
    warehouse.archive.mkdir(parents=True, exist_ok=True)
    return durable.beside(warehouse.archive / "incoming")


def keep_scratch(warehouse: Warehouse, scratch: Path) -> str:
    """Move a finished scratch file to the name that its digest gives; bytes that are there already are left alone."""
    sha256 = sha256_of(scratch)
    target = place_of(warehouse, sha256)
    if target.exists():
        scratch.unlink()
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(scratch, READ_ONLY)
    durable.put_in_place(scratch, target)
    durable.sync(warehouse.archive)
    return sha256


def verified(warehouse: Warehouse, sha256: str) -> Path:
    """The archived file of this digest, read through to prove that it still is what was delivered."""
    path = place_of(warehouse, sha256)
    found = sha256_of(path) if path.exists() else "no file"
    if found != sha256:
        raise InfrastructureError(
            f"archive damaged: {path}: found {found}; expected the bytes with SHA-256 {sha256}; next: restore the archive from its backup"
        )
    return path
