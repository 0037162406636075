"""Landing of the four file feeds: scan, archive, judge every delivery in order of receipt, land the accepted ones.

Here: the order of things and what is recorded. Not here: a delivery's way into landing (delivered.py), several at once (side_by_side.py).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pipelines.delivery import Delivery
from pipelines.errors import DeliveryRejected, Failure, InfrastructureError, Problem, combined
from pipelines.feeds import FILE_FEEDS, Feed
from pipelines.landing import archive, drop_folder, parquet
from pipelines.landing.delivered import land_delivery
from pipelines.landing.side_by_side import read_side_by_side
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Landed:
    """The delivery in force for a quarter after landing, and what the reader noted about it and its folder."""

    delivery: Delivery
    is_new: bool
    rows: dict[str, int]
    notes: tuple[str, ...]


def land_files(feed: str, quarters: list[Quarter], data_raw: Path, warehouse: Warehouse, ledger: Ledger, actor: str) -> list[Landed]:
    """Receive what lies in the drop folder for these quarters and return the deliveries in force, one per quarter that has one.

    Every file is archived before it is read and gets one ledger entry with its outcome. After all quarters are done,
    `DeliveryRejected` is raised if the newest file of any of them breaks the contract, `InfrastructureError` if one cannot be read.
    """
    with WorkbookReader() as reader:
        desk = _Desk(FILE_FEEDS[feed], warehouse, ledger, actor, reader)
        # Hashing and copying let other threads work.
        with ThreadPoolExecutor(os.cpu_count()) as clerks:
            arrived = list(clerks.map(lambda quarter: desk.archived(quarter, drop_folder.scan(data_raw, quarter, feed)), quarters))
        desk.read_ahead(arrived)
        for each in arrived:
            desk.receive(each)
    in_force = ledger.in_force()
    problems = [_with_way_out(problem, f"{quarter}/{feed}", in_force.get((quarter, feed))) for quarter, problem in desk.rejected]
    raise_if_any([*map(DeliveryRejected, problems), *desk.unreadable])
    return [
        Landed(
            delivery,
            _key(delivery) in desk.new,
            delivery.rows,
            (*desk.folder_notes[str(quarter)], *(parquet.landed_notes(warehouse, delivery) or ())),
        )
        for quarter in quarters
        if (delivery := in_force.get((str(quarter), feed)))
    ]


def land_archived_files(feed: str, deliveries: list[Delivery], warehouse: Warehouse, ledger: Ledger, actor: str) -> None:
    """Land and record deliveries of the archive, one per quarter, without the drop folder; `DeliveryRejected` as from there."""
    with WorkbookReader() as reader:
        desk = _Desk(FILE_FEEDS[feed], warehouse, ledger, actor, reader)
        arrived = [_Arrived(Quarter.parse(each.quarter), drop_folder.Dropped((), (), (), ()), [each], []) for each in deliveries]
        desk.read_ahead(arrived)
        for each in arrived:
            desk.receive(each)
    raise_if_any([DeliveryRejected(problem) for _, problem in desk.rejected])


def raise_if_any(failures: list[Failure]) -> None:
    """Raise one failure that reports all of them, if there are any."""
    if failures:
        raise combined(failures)


def _key(delivery: Delivery) -> Key:
    return delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256


def _landing_key(delivery: Delivery) -> tuple[str, str]:
    return delivery.quarter, delivery.sha256


def _with_way_out(problem: Problem, folder: str, in_force: Delivery | None) -> Problem:
    """The problem with what stays in force and how to go on, as the person who reads the message needs it."""
    if in_force is None:
        way_out = f"no delivery is in force until a corrected one is in {folder} of the drop folder"
    else:
        way_out = f"{in_force.file_name} stays in force; take {folder}/{problem.file} out of the drop folder to go on with that"
    return dataclasses.replace(problem, next_step=f"{problem.next_step}; {way_out}")


@dataclass(frozen=True)
class _Arrived:
    """One quarter's folder with its deliveries in order of receipt, and accepted ones that lie there no more."""

    quarter: Quarter
    dropped: drop_folder.Dropped
    files: list[Delivery]
    gone: list[Delivery]


class _Desk:
    """Receives one feed's deliveries during one call."""

    def __init__(self, feed: Feed, warehouse: Warehouse, ledger: Ledger, actor: str, reader: WorkbookReader) -> None:
        self._feed, self._warehouse, self._ledger, self._actor, self._reader = feed, warehouse, ledger, actor, reader
        self._known: dict[Key, Delivery] = {_key(delivery): delivery for delivery in ledger.deliveries() if delivery.feed == feed.name}
        self.rejected: list[tuple[str, Problem]] = []
        self.unreadable: list[InfrastructureError] = []
        self.new: set[Key] = set()
        self.folder_notes: dict[str, tuple[str, ...]] = {}
        self._read: dict[Key, dict[str, int] | Problem] = {}

    def archived(self, quarter: Quarter, dropped: drop_folder.Dropped) -> _Arrived:
        """Keep the bytes of one quarter's folder; what is known of the quarter and lies there no more comes along."""
        kept = [self._kept(quarter, file.path, file.received_on, file.received_no) for file in dropped.files]
        files = [delivery for delivery in kept if delivery]
        seen = {_key(delivery) for delivery in files}
        gone = [d for key, d in self._known.items() if d.quarter == str(quarter) and d.accepted and key not in seen]
        return _Arrived(quarter, dropped, files, sorted(gone, key=lambda d: (d.received_on, d.received_no)))

    def read_ahead(self, arrived: list[_Arrived]) -> None:
        """Read what has to be read on all cores, if that is much; judging goes on in the order of receipt."""
        wanted = {_landing_key(each): each for quarter in arrived for each in (*quarter.files, *quarter.gone) if not self._is_landed(each)}
        self._read = read_side_by_side(list(wanted.values()), self._warehouse, self._reader)

    def receive(self, arrived: _Arrived) -> None:
        """Judge all files of one quarter's folder, then bring earlier deliveries up to the present parser."""
        quarter = arrived.quarter
        self.folder_notes[str(quarter)] = arrived.dropped.notes
        problem: Problem | None = None
        for delivery in arrived.files:
            problem = self._judge(quarter, delivery)
        newest = [problem] if problem else []
        refused = [self._refuse_name(quarter, path) for path in arrived.dropped.misnamed]
        newest += [each for each in refused if each]
        newest += [self._refuse_kind(quarter, each) for each in arrived.dropped.no_files]
        for delivery in arrived.gone:
            changed = self._judge(quarter, delivery)
            newest += [changed] if changed else []
        self.rejected += [(str(quarter), problem) for problem in newest]

    def _is_landed(self, delivery: Delivery) -> bool:
        return any(
            other.accepted and _landing_key(other) == _landing_key(delivery) and parquet.landed_notes(self._warehouse, other) is not None
            for other in self._known.values()
        )

    def _kept(self, quarter: Quarter, path: Path, received_on: dt.date, received_no: int) -> Delivery | None:
        """The delivery with its bytes archived; None if they cannot be read, which is told at the end."""
        try:
            sha256 = archive.keep_file(self._warehouse, path)
        except archive.Unreadable as error:
            self.unreadable.append(InfrastructureError(str(error)))
            return None
        return self._delivery(quarter, drop_folder.name_of(path), sha256, received_on, received_no)

    def _delivery(self, quarter: Quarter, name: str, sha256: str, received_on: dt.date, received_no: int) -> Delivery:
        size = archive.place_of(self._warehouse, sha256).stat().st_size
        return Delivery(str(quarter), self._feed.name, sha256, name, received_on, received_no, size, accepted=False, rows={})

    def _refuse_name(self, quarter: Quarter, path: Path) -> Problem | None:
        """A file whose name says no day of receipt cannot take its place in the order; it is kept and recorded all the same."""
        name = drop_folder.name_of(path)
        expected = "<YYYYMMDD>[-<n>]_<name>.<ext>, such as 20231012_name.xlsx"
        step = "name the file after the day of its receipt"
        problem = Problem("file_name", name, f"the name {name}", expected, step, value=name)
        delivery = self._kept(quarter, path, _today(), 1)
        if delivery is None:
            return None
        self._record(dataclasses.replace(delivery, problem=dataclasses.asdict(problem)))
        return problem

    def _refuse_kind(self, quarter: Quarter, found: drop_folder.NoFile) -> Problem:
        """What is no file has no bytes to keep; that it lay there is kept and recorded."""
        sha256 = archive.keep_bytes(self._warehouse, found.document)
        delivery = self._delivery(quarter, found.name, sha256, _today(), 1)
        self._record(dataclasses.replace(delivery, problem=dataclasses.asdict(found.problem)))
        return found.problem

    def _judge(self, quarter: Quarter, delivery: Delivery) -> Problem | None:
        """Land a delivery unless it is landed already; the problem if it is rejected."""
        same_bytes = [other for other in self._known.values() if other.accepted and _landing_key(other) == _landing_key(delivery)]
        if same_bytes and parquet.landed_notes(self._warehouse, same_bytes[0]) is not None:
            # Under another name they are another receipt; the rows keep the name under which they landed.
            self._record(dataclasses.replace(delivery, accepted=True, rows=same_bytes[0].rows, problem=None))
            return None
        outcome = self._read.pop(_key(delivery), None) or land_delivery(delivery, self._warehouse, self._reader)
        if isinstance(outcome, Problem):
            self._record(dataclasses.replace(delivery, accepted=False, rows={}, problem=dataclasses.asdict(outcome)))
            return outcome
        self._record(dataclasses.replace(delivery, accepted=True, rows=outcome, problem=None))
        return None

    def _record(self, delivery: Delivery) -> None:
        known = self._known.get(_key(delivery))
        if known and (known.accepted, known.rows, known.problem) == (delivery.accepted, delivery.rows, delivery.problem):
            return
        self._ledger.record_delivery(delivery, self._actor)
        self._known[_key(delivery)] = delivery
        self.new.add(_key(delivery))


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
