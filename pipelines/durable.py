"""Durable writes: beside, sync, rename, sync. After a crash a file or folder is there whole or not at all.

Here: the one way in which the system puts files in place. Not here: what is in them.
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipelines.processes import process_identity

SCRATCH_PREFIX = ".tmp-"
_SCRATCH = re.compile(re.escape(SCRATCH_PREFIX) + r"(?P<writer>(?P<pid>\d+)-\w+)-")


def beside(target: Path) -> Path:
    """A name in the same folder that no reader looks at; it says which process writes it."""
    return target.parent / f"{SCRATCH_PREFIX}{_writer(os.getpid())}-{uuid.uuid4().hex[:8]}-{target.name}"


def is_left_over(path: Path) -> bool:
    """Whether this is scratch whose writer is gone, even if another process has its number by now (as in every new container)."""
    named = _SCRATCH.match(path.name)
    return named is not None and named["writer"] != _writer(int(named["pid"]))


def _writer(pid: int) -> str:
    """`<pid>-<start time>` of a process; empty if there is no such process."""
    return "-".join(process_identity(pid).split("/")[:2])


def keep_private() -> None:
    """From now on what this process and those that it starts write is their owner's alone, unless it is opened to readers."""
    os.umask(0o077)


def open_to_readers(path: Path) -> None:
    """Let others read a published file or folder with all that is in it; who reaches it, the folders above decide."""
    for each in (path, *path.rglob("*")) if path.is_dir() else (path,):
        each.chmod(0o755 if each.is_dir() else 0o644)


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def put_in_place(scratch: Path, target: Path) -> None:
    """Move a finished file or folder to its name: its files synced, renamed, the folder above synced."""
    for path in sorted(scratch.rglob("*")) if scratch.is_dir() else []:
        sync(path)
    sync(scratch)
    os.replace(scratch, target)
    sync(target.parent)


@contextmanager
def written_beside(target: Path) -> Iterator[Path]:
    """A scratch path to write a file to; it takes `target`'s name when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = beside(target)
    try:
        yield scratch
        put_in_place(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def write_bytes(target: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write a whole file durably; a private one is its owner's alone (mode 0600) from its first byte."""
    with written_beside(target) as scratch:
        if is_private:
            scratch.touch(mode=0o600)
        scratch.write_bytes(content)


def write_folder(target: Path, contents: Mapping[str, bytes], replaceable: Collection[str]) -> None:
    """Write a whole folder of files; one that is there gives way if it holds nothing but `replaceable` files.

    Between the two renames there is no folder of that name, and never one with files of both.
    """
    target = target.resolve()
    if target.exists() and not target.is_dir():
        raise FileExistsError("a file")
    present = sorted(target.iterdir()) if target.exists() else []
    if foreign := [path.name for path in present if path.name not in replaceable or path.is_symlink() or not path.is_file()]:
        raise FileExistsError(", ".join(foreign[:3]))
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch, former = beside(target), beside(target)
    try:
        scratch.mkdir()
        for name, content in contents.items():
            (scratch / name).write_bytes(content)
        if target.exists():
            os.replace(target, former)
        try:
            put_in_place(scratch, target)
        except OSError:
            if former.exists():
                os.replace(former, target)
            raise
    finally:
        for left in (scratch, former):
            shutil.rmtree(left, ignore_errors=True)


def remove_scratch_of_dead_processes(root: Path) -> list[Path]:
    """Remove what processes that are gone left beside its target; returns what was removed here.

    Several processes may do so at once: each first takes what it found by a new name, so that one of them has it.
    """
    return [path for path in left_over_in(root) if _taken_and_removed(path)]


def left_over_in(root: Path) -> list[Path]:
    """What processes that are gone left beside its target, below a folder."""
    found: list[Path] = []
    for folder, subfolders, files in os.walk(root):
        found += (Path(folder, name) for name in (*subfolders, *files) if is_left_over(Path(name)))
        subfolders[:] = [name for name in subfolders if not name.startswith(SCRATCH_PREFIX)]
    return sorted(found)


def _taken_and_removed(path: Path) -> bool:
    taken = beside(path.with_name("removed"))
    try:
        os.rename(path, taken)
    except FileNotFoundError:
        return False  # another process has taken it
    shutil.rmtree(taken) if taken.is_dir() else taken.unlink()
    return True
