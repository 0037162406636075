"""The states in which a power cut may leave the disk while something is put in place, by what a file system promises.

Here: recording file operations, deriving the states, writing one to a folder. Not here: what has to hold in them.

The promise (POSIX, as strict as it can be read): what `fsync` covered is there. A file's content is covered by `fsync` of the file, a
name by `fsync` of its folder; a rename within a file system is one step. Everything else that was done may be there or not, each
thing for itself and in any order, and content that is not covered may be there in part. A commit of the ledger is one step and
covered (`synchronous = full`, which the claims check).
"""

from __future__ import annotations

import builtins
import io
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipelines.durable import SCRATCH_PREFIX
from pipelines.ledger import Ledger

KEPT_TREES = ("editions", "scoring_inputs")
LEDGER = "ledger.sqlite"
ROOT = 0
_WRITER = re.compile(re.escape(SCRATCH_PREFIX) + r"\d+-\w+-")
_DEAD = f"{SCRATCH_PREFIX}4194304-77-"


class Name(NamedTuple):
    """A place in a folder: the folder's node and the name in it."""

    folder: int
    name: str


@dataclass(frozen=True)
class Op:
    """One operation: `write` (a node's content), `enter`, `rename`, `leave` (names), `sync` (a node), `commit` (the ledger)."""

    kind: str
    node: int = -1
    at: Name | None = None
    source: Name | None = None
    content: bytes = b""

    @property
    def covered_by(self) -> set[int]:
        """The nodes whose `fsync` makes it last; empty if it lasts at once."""
        if self.kind == "write":
            return {self.node}
        return {place.folder for place in (self.at, self.source) if place}


@dataclass
class Disk:
    """Nodes with their names or their content, and the ledger's database."""

    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: {}})
    files: dict[int, bytes] = field(default_factory=dict)
    ledger: bytes = b""

    def copy(self) -> Disk:
        return Disk({node: dict(names) for node, names in self.folders.items()}, dict(self.files), self.ledger)

    def apply(self, op: Op) -> None:
        if op.kind == "write":
            self.files[op.node] = op.content
        elif op.kind == "commit":
            self.ledger = op.content
        elif op.source:
            # The name may have been entered without that having lasted; what is renamed is the node.
            if self.folders[op.source.folder].get(op.source.name) == op.node:
                del self.folders[op.source.folder][op.source.name]
            self.folders[op.at.folder][op.at.name] = op.node
        elif op.kind == "enter":
            self.folders[op.at.folder][op.at.name] = op.node
        elif op.kind == "leave" and self.folders[op.at.folder].get(op.at.name) == op.node:
            del self.folders[op.at.folder][op.at.name]

    def tree(self) -> dict[str, bytes | None]:
        """Path -> content, None for a folder; scratch is named after a writer that is gone."""
        found: dict[str, bytes | None] = {}
        self._walk(ROOT, "", found)
        return found

    def _walk(self, folder: int, prefix: str, found: dict[str, bytes | None]) -> None:
        for name, node in sorted(self.folders[folder].items()):
            path = prefix + _WRITER.sub(_DEAD, name)
            found[path] = self.files.get(node)
            if node in self.folders:
                self._walk(node, path + "/", found)


def put_tree(root: Path, tree: dict[str, bytes | None], there: dict[str, bytes | None] | None) -> None:
    """Write a tree to a warehouse in place of the one that is there; only what differs, if it is told what is there."""
    if there is None:
        for name in KEPT_TREES:
            shutil.rmtree(root / name, ignore_errors=True)
        there = {}
    for path in sorted(there.keys() - tree.keys(), reverse=True):
        (root / path).rmdir() if there[path] is None else (root / path).unlink()
    for path, content in tree.items():
        if content is None:
            (root / path).mkdir(exist_ok=True)
        elif path not in there or there[path] != content:
            (root / path).write_bytes(content)


def read_disk(root: Path) -> Disk:
    """What lies below a warehouse's kept trees, all of it durable."""
    disk, numbers = Disk(ledger=(root / LEDGER).read_bytes()), count(1)

    def read(folder: Path, node: int) -> None:
        for path in sorted(folder.iterdir()):
            if folder == root and path.name not in KEPT_TREES:
                continue
            own = disk.folders[node][path.name] = next(numbers)
            if path.is_dir():
                disk.folders[own] = {}
                read(path, own)
            else:
                disk.files[own] = path.read_bytes()

    read(root, ROOT)
    return disk


@dataclass
class Recording:
    """The disk before, and what was done to it."""

    before: Disk
    ops: list[Op]
    now: Disk


def record(root: Path, work: Callable[[], object], patch: pytest.MonkeyPatch) -> Recording:
    """Do the work and record each file operation below the kept trees of a warehouse, and each commit of its ledger."""
    before = read_disk(root)
    recorder = _Recorder(root, before.copy())
    with patch.context() as patched:
        recorder.listen(patched)
        work()
    found = Recording(before, recorder.ops, recorder.disk)
    assert plain(read_disk(root).tree()) == plain(found.now.tree()), "an operation was not recorded"
    return found


def plain(tree: dict[str, bytes | None]) -> dict[str, bytes | None]:
    """A tree without what no reader looks at."""
    return {path: content for path, content in tree.items() if SCRATCH_PREFIX not in path}


class _Recorder:
    def __init__(self, root: Path, disk: Disk) -> None:
        self.root, self.disk, self.ops = root, disk, []
        self._numbers = count(max([*disk.files, *disk.folders]) + 1)

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of every call through which Python changes files."""
        real_open, real_append = io.open, Ledger.append
        calls: dict[str, Callable[..., None]] = {
            "mkdir": lambda path, *_: self._enter(path, is_folder=True),
            "replace": self._rename,
            "rename": self._rename,
            "unlink": lambda path, *_: self._leave(path),
            "remove": lambda path, *_: self._leave(path),
            "rmdir": lambda path, *_: self._leave(path),
            "fsync": self._sync,
        }
        for name, note in calls.items():
            patch.setattr(os, name, self._heard(getattr(os, name), note))

        def os_open(path: Any, flags: int, *args: Any, real: Callable[..., int] = os.open, **kwargs: Any) -> int:
            is_new = bool(flags & os.O_CREAT) and not Path(os.fsdecode(path)).exists()
            handle = real(path, flags, *args, **kwargs)
            if is_new:
                self._enter(path, is_folder=False)
            return handle

        def opened(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            file = real_open(path, mode, *args, **kwargs)
            return _Heard(file, lambda: self._write(path)) if set(mode) & set("wax+") and self._place(path) else file

        def append(ledger: Ledger, *args: Any, **kwargs: Any) -> Any:
            entry = real_append(ledger, *args, **kwargs)
            self._note(Op("commit", content=(self.root / LEDGER).read_bytes()))
            return entry

        patch.setattr(os, "open", os_open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        patch.setattr(Ledger, "append", append)

    @staticmethod
    def _heard(real: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            assert kwargs.get("dir_fd") is None, "a path relative to an open folder is not followed here"
            result = real(*args, **kwargs)
            note(*args)
            return result

        return called

    def _note(self, op: Op) -> None:
        self.ops.append(op)
        self.disk.apply(op)

    def _place(self, path: Any) -> Name | None:
        """Where a path lies among the kept trees; None outside of them."""
        full = Path(os.fsdecode(path))
        if not full.is_relative_to(self.root) or full == self.root or full.relative_to(self.root).parts[0] not in KEPT_TREES:
            return None
        folder = self._node(full.parent)
        return None if folder is None else Name(folder, full.name)

    def _node(self, path: Path) -> int | None:
        node: int | None = ROOT
        for name in path.relative_to(self.root).parts:
            node = self.disk.folders.get(node, {}).get(name) if node is not None else None
        return node

    def _enter(self, path: Any, *, is_folder: bool) -> None:
        place = self._place(path)
        if place:
            node = next(self._numbers)
            (self.disk.folders if is_folder else self.disk.files)[node] = {} if is_folder else b""  # type: ignore[index]
            self._note(Op("enter", node, place))

    def _write(self, path: Any) -> None:
        full = Path(os.fsdecode(path))
        if self._node(full) is None:
            self._enter(path, is_folder=False)
        self._note(Op("write", self._node(full), content=full.read_bytes()))

    def _rename(self, source: Any, target: Any, *_: Any) -> None:
        place, old = self._place(target), self._place(source)
        if place and old:
            self._note(Op("rename", self.disk.folders[old.folder][old.name], place, old))

    def _leave(self, path: Any) -> None:
        place = self._place(path)
        if place:
            self._note(Op("leave", self.disk.folders[place.folder][place.name], place))

    def _sync(self, handle: int, *_: Any) -> None:
        full = Path(os.readlink(f"/proc/self/fd/{handle}"))
        node = self._node(full) if full.is_relative_to(self.root) else None
        if node is not None:
            self._note(Op("sync", node))


class _Heard:
    """A file whose content is noted when it is closed."""

    def __init__(self, file: Any, note: Callable[[], None]) -> None:
        self._file, self._note_content = file, note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Heard:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._note_content()


def states(recording: Recording, subsets: int, seed: int = 315) -> Iterator[Disk]:
    """The disk after a power cut at every moment, with what was not covered there, gone, there in part, alone or all but one.

    `subsets` more random selections are drawn where so much is uncovered that not every selection is one of those.
    """
    chance = random.Random(seed)
    base = recording.before.copy()
    # Nodes that are made later have to be known, though no name leads to them.
    base.folders |= {node: {} for node in recording.now.folders.keys() - base.folders.keys()}
    base.files |= dict.fromkeys(recording.now.files.keys() - base.files.keys(), b"")
    for length in range(len(recording.ops) + 1):
        done = recording.ops[:length]
        loose = [number for number, op in enumerate(done) if not _is_covered(op, done[number + 1 :])]
        for selected in _selections(loose, done, subsets, chance):
            yield _after(base, [op for number, op in enumerate(done) if number not in loose or number in selected])
        for number in loose:
            if done[number].kind == "write":
                content = done[number].content
                for torn in (b"", content[: len(content) // 2], bytes(len(content))):
                    yield _after(base, [*done[:number], Op("write", done[number].node, content=torn), *done[number + 1 :]])


def _is_covered(op: Op, later: list[Op]) -> bool:
    return op.kind in ("sync", "commit") or op.covered_by <= {each.node for each in later if each.kind == "sync"}


def _selections(loose: list[int], done: list[Op], subsets: int, chance: random.Random) -> list[set[int]]:
    everything = set(loose)
    contents = {number for number in loose if done[number].kind == "write"}
    chosen = [everything, set(), contents, everything - contents]
    chosen += [*({number} for number in loose), *(everything - {number} for number in loose)]
    return chosen + [{number for number in loose if chance.random() < 0.5} for _ in range(subsets if len(loose) > 2 else 0)]


def _after(base: Disk, ops: list[Op]) -> Disk:
    disk = base.copy()
    for op in ops:
        disk.apply(op)
    return disk
