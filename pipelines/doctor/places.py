"""Folders, who may read and write them, and room on their disks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from pipelines.doctor.answer import Answer, fail, ok, warn
from pipelines.warehouse import Warehouse

#: Folders in which every file is its owner's alone.
PRIVATE = ("internal", "lineage", "scoring_inputs", "receipts", "quarantine")
LEAST_FREE_BYTES = 1 << 30
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "ceph", "glusterfs")
_EVERYBODY, _OTHERS = 0o007, 0o077


def drop_folder(data_raw: Path) -> Answer:
    """Where the offices deliver."""
    if not data_raw.is_dir():
        return fail("drop folder", f"no folder at {data_raw}", "set I315_DATA_RAW to the folder of deliveries")
    if not os.access(data_raw, os.R_OK | os.X_OK):
        return fail("drop folder", f"{data_raw} may not be read", f"give this user the right to read {data_raw}")
    return ok("drop folder", str(data_raw))


def warehouse_folder(root: Path) -> list[Answer]:
    """Whether it can be written, whose it is, and that nobody else reads the rows of firms in it."""
    name = "warehouse"
    if not root.exists():
        return [ok(name, f"none yet at {root}: the first run makes it")]
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        return [fail(name, f"{root} may not be written", f"run as its owner (uid {root.stat().st_uid}), or chown -R it")]
    foreign = [path.name for path in sorted(root.iterdir()) if path.stat().st_uid != os.geteuid()]
    if foreign:
        return [fail(name, f"{', '.join(foreign[:3])} of another user", f"chown -R {os.geteuid()} {root}; run as one user only")]
    mode = stat.S_IMODE(root.stat().st_mode)
    if mode & _EVERYBODY:
        step = f"chmod o= {root}, and UMask=0027 where it is run"
        return [warn(name, f"{root} has mode {mode:04o}: everybody on this machine can read rows of firms", step)]
    return [ok(name, f"{root}, mode {mode:04o}")]


def private_files(warehouse: Warehouse) -> Answer:
    """Internal files are their owner's alone."""
    files = (path for name in PRIVATE for path in (warehouse.root / name).rglob("*") if path.is_file())
    open_ones = [path for path in files if path.stat().st_mode & _OTHERS]
    if open_ones:
        found = f"{len(open_ones)} internal files that others may read, such as {open_ones[0].relative_to(warehouse.root)}"
        folders = " ".join(name for name in PRIVATE if (warehouse.root / name).is_dir())
        return fail("internal files", found, f"cd {warehouse.root}; chmod -R go= {folders}")
    return ok("internal files", "mode 0600")


def disk_kind(root: Path, mounts: str) -> Answer:
    """The kind of disk; SQLite and the writer's lock need a local one. `mounts` as /proc/mounts."""
    found = ("", "")
    for line in mounts.splitlines():
        _, mounted, kind, *_ = line.split(" ")
        place = mounted.encode().decode("unicode_escape")
        if root.is_relative_to(place) and len(place) >= len(found[0]):
            found = (place, kind)
    if found[1] in _NETWORK:
        return fail("disk", f"{root} lies on {found[1]}; expected a local disk", "move the warehouse to one; locks and SQLite need it")
    return ok("disk", f"{found[1] or 'local'} at {found[0] or root}")


def needed_bytes(warehouse: Warehouse, data_raw: Path) -> int:
    """What a run may write before it ends: the deliveries archived and landed, the workshop's tables anew, and slack."""
    database = warehouse.database.stat().st_size if warehouse.database.is_file() else 0
    return LEAST_FREE_BYTES + database + 2 * sum(_sizes(data_raw.rglob("*") if data_raw.is_dir() else ()))


def _sizes(paths: Iterable[Path]) -> Iterable[int]:
    return (path.stat().st_size for path in paths if path.is_file())


def room(place: Path, free: int, needed: int, files_free: int) -> Answer:
    """Free bytes of a disk against those that a run needs, and whether it can hold more files."""
    check, said = f"room at {place}", f"{free / 1e9:.1f} GB free, a run may take {needed / 1e9:.1f} GB"
    if free < needed:
        return fail(check, said, "free space, or move the folder to a larger disk; archive and editions are never removed")
    if files_free < 10_000:
        return fail(check, f"room for {files_free} more files", "free inodes, or move the folder to another disk")
    if free < 3 * needed:
        return warn(check, said, "plan a larger disk")
    return ok(check, said)


def free_at(place: Path) -> tuple[int, int]:
    """Bytes and files that the disk of a folder (or of what will hold it) has left."""
    while not place.exists():
        place = place.parent
    found = os.statvfs(place)
    # A disk that counts no files has room for any number.
    return found.f_bavail * found.f_frsize, found.f_favail if found.f_files else LEAST_FREE_BYTES
