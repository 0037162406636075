"""The states in which a power cut may leave the disk while something is put in place, by what a file system promises.

Here: a disk and what is done to it, deriving the states, writing one to a folder. Not here: recording (recorded_operations.py), what
has to hold in the states (publishing_crashes.py).

The promise (POSIX, as strict as it can be read): what `fsync` covered is there. A file's content is covered by `fsync` of the file, a
name by `fsync` of its folder; a rename within a file system is one step. Everything else that was done may be there or not, each
thing for itself and in any order, and content that is not covered may be there in part. A commit of the ledger is one step and
covered (`synchronous = full`, which the claims check).
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipelines.durable import SCRATCH_PREFIX

KEPT_TREES = ("editions", "scoring_inputs", "lineage")
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


@dataclass
class Recording:
    """The disk before, and what was done to it."""

    before: Disk
    ops: list[Op]
    now: Disk


def plain(tree: dict[str, bytes | None]) -> dict[str, bytes | None]:
    """A tree without what no reader looks at."""
    return {path: content for path, content in tree.items() if SCRATCH_PREFIX not in path}


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
