"""What has to hold in every state in which a power cut may leave a publication or a withdrawal, and after doing it again.

Here: the protocols that are cut, one after another in one small warehouse, and the claims. Not here: which states there are.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.durable import SCRATCH_PREFIX, remove_scratch_of_dead_processes
from pipelines.editions.lineage import NoLineage, definitions_path, lineage_of, part_path, unchanged
from pipelines.editions.pointer import edition_folders, published, withdrawals
from pipelines.editions.record import every_edition, verify_in_place
from pipelines.editions.scoring_inputs import are_saved
from pipelines.editions.verify import verify_edition
from pipelines.editions.withdrawing import withdraw
from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.conftest import table_bytes
from tests.crash_states import KEPT_TREES, LEDGER, Disk, Recording, plain, put_tree, states
from tests.recorded_operations import record
from tests.small_warehouse import QUARTER, SmallWarehouse, small_warehouse
from tests.tampering import KEY, correct

Work = Callable[[SmallWarehouse], object]


def publish(small: SmallWarehouse) -> None:
    small.publish(KEY)


def withdraw_second(small: SmallWarehouse) -> None:
    if (QUARTER, "002") not in withdrawals(small.ledger):
        withdraw(QUARTER, "002", "错报", small.warehouse, small.ledger, "tester")
    else:
        with pytest.raises(UsageError, match="found it withdrawn"):
            withdraw(QUARTER, "002", "错报", small.warehouse, small.ledger, "tester")


@dataclass
class Protocol:
    """Work that is cut: what it did undisturbed, and the editions that may be in force in between."""

    name: str
    work: Work
    recording: Recording
    in_force: tuple[str | None, str | None]


@dataclass
class Trial:
    """States tried, and what did not hold in them."""

    tried: int = 0
    valid: int = 0
    looked_at: int = 0
    repeated: int = 0
    broken: list[str] = field(default_factory=list)


class Cuts:
    """Cuts every protocol at every moment and repeats the work, in a second warehouse beside the undisturbed one.

    States that differ only in what lies in scratch look the same to every reader and to the next run, which removes it: the short form
    looks once at what is visible, and repeats the work after `repeats` states of a protocol. The thorough form looks at every state,
    draws `subsets` more selections for each moment, and repeats the work wherever more than the content of scratch differs.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, *, repeats: int | None = None, subsets: int = 0) -> None:
        self.small = small_warehouse(folder)
        self._folder, self._patch, self._repeats, self._subsets = folder, patch, repeats, subsets
        self._sound: dict[int, list[str]] = {}
        self._there: dict[str, bytes | None] | None = None

    def first(self) -> Trial:
        """The first publication of an empty warehouse."""
        self.small.judge()
        return self._try(self._recorded("first publication", publish, (None, "001")))

    def run(self) -> dict[str, Trial]:
        """All protocols in their order: each is tried before the next one changes the warehouse."""
        trials = {"first publication": self.first()}
        correct(self.small, 2.0)
        self.small.judge()
        second = self._recorded("publication of a correction", publish, ("001", "002"))
        for protocol in (second, self._completion(second)):
            trials[protocol.name] = self._try(protocol)
        gone = self._recorded("withdrawal", withdraw_second, ("002", "001"))
        trials[gone.name] = self._try(gone)
        if self._repeats:
            return trials  # What follows does the operations of the second publication once more.
        after = self._recorded("publication after a withdrawal", publish, ("001", "003"))
        trials[after.name] = self._try(after)
        return trials

    def _recorded(self, name: str, work: Work, in_force: tuple[str | None, str | None]) -> Protocol:
        return Protocol(name, work, record(self.small.warehouse.root, lambda: work(self.small), self._patch), in_force)

    def _completion(self, publication: Protocol) -> Protocol:
        """The same publication, begun where another one died between taking its name and its line in the ledger."""
        cut = publication.recording.before.copy()
        cut.folders |= {node: {} for node in publication.recording.now.folders.keys() - cut.folders.keys()}
        for op in publication.recording.ops:
            if op.kind == "commit":
                break
            cut.apply(op)
        again = self._beside(cut)
        recording = record(again.warehouse.root, lambda: publish(again), self._patch)
        self._there = None
        return Protocol("completion of a dead publication", publish, recording, publication.in_force)

    def _beside(self, disk: Disk) -> SmallWarehouse:
        """The warehouse as it was when the power went, with all else as it is."""
        root = self._folder / "after_the_cut"
        if not root.exists():
            root.mkdir()
        for path in self.small.warehouse.root.iterdir():
            if path.name not in (*KEPT_TREES, LEDGER, "writer.lock") and not (root / path.name).exists():
                (root / path.name).symlink_to(path)
        tree = disk.tree()
        put_tree(root, tree, self._there)
        self._there = tree
        (root / LEDGER).write_bytes(disk.ledger)
        return SmallWarehouse(self.small.folder, Warehouse(root), Ledger(f"sqlite:///{root / LEDGER}"))

    def _try(self, protocol: Protocol) -> Trial:
        trial = Trial()
        is_valid: dict[int, bool] = {}
        to_repeat: dict[int, Disk] = {}
        for disk in states(protocol.recording, self._subsets):
            trial.tried += 1
            tree = disk.tree()
            key = _key(plain(tree) if self._repeats else tree, disk.ledger)
            if key not in is_valid:
                found = self._faults(self._beside(disk), protocol)
                is_valid[key] = not found
                trial.broken += [f"{protocol.name}, state {trial.tried}: {fault}" for fault in found]
            trial.valid += is_valid[key]
            names = {path: b"" for path in tree if SCRATCH_PREFIX in path and SCRATCH_PREFIX not in path.rpartition("/")[0]}
            to_repeat.setdefault(_key(plain(tree) | names, disk.ledger), disk)
        trial.looked_at = len(is_valid)
        chosen = list(to_repeat.values())
        for disk in chosen[:: -(-len(chosen) // self._repeats)] if self._repeats else chosen:
            trial.repeated += 1
            found = self._faults_of_repetition(self._beside(disk), protocol)
            self._there = None
            trial.broken += [f"{protocol.name}, repeated: {fault}" for fault in found]
        return trial

    def _faults(self, left: SmallWarehouse, protocol: Protocol) -> list[str]:
        """What is wrong with what a reader sees before anyone has mended anything."""
        pointer = left.warehouse.editions / "latest.json"
        try:
            shown = json.loads(pointer.read_bytes()) if pointer.exists() else {}
        except ValueError:
            return ["latest.json: found no readable JSON"]
        edition = shown.get(QUARTER, {}).get("edition")
        faults = [] if edition in protocol.in_force else [f"found {edition} in force; expected one of {protocol.in_force}"]
        folders = edition_folders(left.warehouse, QUARTER)
        for folder in folders:
            found = self._edition_faults(folder)
            faults += [f"{folder.name}/{fault}" for fault in found or self._lineage_faults(left.warehouse, folder)]
            faults += [] if are_saved(left.warehouse, QUARTER, folder.name) else [f"{folder.name}: found no scoring inputs"]
        named = {*published(left.ledger).get(QUARTER, {}), *([edition] if edition else [])}
        faults += [f"{name}: found it recorded or in force without a folder" for name in named - {folder.name for folder in folders}]
        return faults + left.ledger.faults()

    def _edition_faults(self, folder: Path) -> list[str]:
        """The folder's faults; they follow from its bytes alone, so equal folders are verified once."""
        key = hash((folder.name, *((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))))
        if key not in self._sound:
            self._sound[key] = verify_edition(folder, KEY.public_key())
        return self._sound[key]

    def _lineage_faults(self, warehouse: Warehouse, folder: Path) -> list[str]:
        """Whether every part that an edition's manifest names is there, unchanged."""
        lineage = lineage_of(json.loads((folder / "manifest.json").read_bytes()))
        try:
            for path in (
                *(part_path(warehouse, part) for part in lineage.parts.values()),
                definitions_path(warehouse, lineage.definitions),
            ):
                unchanged(path)
        except NoLineage as fault:
            return [str(fault)]
        return []

    def _faults_of_repetition(self, left: SmallWarehouse, protocol: Protocol) -> list[str]:
        """What is wrong after the work was done again as the next run does it."""
        remove_scratch_of_dead_processes(left.warehouse.root)
        protocol.work(left)
        faults = verify_in_place(left.warehouse, left.ledger, every_edition(left.warehouse), KEY.public_key())
        edition = json.loads((left.warehouse.editions / "latest.json").read_bytes())[QUARTER]["edition"]
        if edition != protocol.in_force[1]:
            return [*faults, f"found {edition} in force; expected {protocol.in_force[1]}"]
        wanted = {Path(path).name: content for path, content in protocol.recording.now.tree().items() if f"{QUARTER}/{edition}/" in path}
        tables = table_bytes(left.warehouse.editions / QUARTER / edition)
        faults += [f"{name}: found other bytes than undisturbed" for name, content in tables.items() if wanted[name] != content]
        return faults + [f"found {path.name}" for path in left.warehouse.root.rglob(f"{SCRATCH_PREFIX}*")]


def _key(tree: dict[str, bytes | None], ledger: bytes) -> int:
    return hash((frozenset(tree.items()), ledger))


def ledger_waits_for_the_disk(small: SmallWarehouse) -> bool:
    """Whether a commit of the ledger lasts at once, as the states take for granted: a rollback journal, full synchronisation."""
    with contextlib.closing(sqlite3.connect(small.warehouse.root / LEDGER)) as database:
        asked = [database.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    return asked == ["delete", 2]


def told(trials: dict[str, Trial]) -> list[str]:
    """A line for each protocol."""
    return [
        f"{name}: {trial.tried:,} states, {trial.valid:,} valid ({trial.looked_at:,} looked at, work repeated after {trial.repeated})"
        for name, trial in trials.items()
    ]
