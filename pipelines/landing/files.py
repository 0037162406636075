"""Landing of the four file feeds: scan, archive, judge every delivery in order of receipt, land the accepted ones.

Here: the order of things and what is recorded. Not here: how a file is read (sheets.py, csv_file.py) or where rows lie (parquet.py).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import FILE_FEEDS, Feed
from pipelines.feeds.contract import plain
from pipelines.landing import archive, drop_folder, parquet, periods
from pipelines.landing.csv_file import CsvFile
from pipelines.landing.sheets import SheetTable, read_sheet
from pipelines.landing.text_notes import TextNotes
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.ledger import Delivery, Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

Key = tuple[str, str, str, str]
# No record has no fields: staging takes it for the mark of broken quoting.
MISQUOTED = pa.scalar(0, pa.int32())
MAX_DELIVERY = 4 << 30


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
    `DeliveryRejected` is raised if the newest file of any of them breaks the contract.
    """
    with WorkbookReader() as reader:
        desk = _Desk(FILE_FEEDS[feed], warehouse, ledger, actor, reader)
        for quarter in quarters:
            desk.receive(quarter, drop_folder.scan(data_raw, quarter, feed))
    in_force = ledger.in_force()
    raise_if_rejected([_with_way_out(problem, f"{quarter}/{feed}", in_force.get((quarter, feed))) for quarter, problem in desk.rejected])
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


def raise_if_rejected(problems: list[Problem]) -> None:
    """Raise for the first problem; with several, the text lists all of them."""
    if not problems:
        return
    rejection = DeliveryRejected(problems[0])
    if len(problems) > 1:
        rejection.args = ("; ".join(str(problem) for problem in problems),)
    raise rejection


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


class _Desk:
    """Receives one feed's deliveries during one call."""

    def __init__(self, feed: Feed, warehouse: Warehouse, ledger: Ledger, actor: str, reader: WorkbookReader) -> None:
        self._feed, self._warehouse, self._ledger, self._actor, self._reader = feed, warehouse, ledger, actor, reader
        self._known: dict[Key, Delivery] = {_key(delivery): delivery for delivery in ledger.deliveries() if delivery.feed == feed.name}
        self.rejected: list[tuple[str, Problem]] = []
        self.new: set[Key] = set()
        self.folder_notes: dict[str, tuple[str, ...]] = {}

    def receive(self, quarter: Quarter, dropped: drop_folder.Dropped) -> None:
        """Judge all files of one quarter's folder, then bring earlier deliveries up to the present parser."""
        self.folder_notes[str(quarter)] = dropped.notes
        problem: Problem | None = None
        seen: set[Key] = set()
        for file in dropped.files:
            delivery = self._delivery(quarter, file.path, file.received_on, file.received_no)
            seen.add(_key(delivery))
            problem = self._judge(quarter, delivery)
        newest = [problem] if problem else []
        newest += [self._refuse_name(quarter, path) for path in dropped.misnamed]
        earlier = [d for key, d in self._known.items() if d.quarter == str(quarter) and d.accepted and key not in seen]
        for delivery in sorted(earlier, key=lambda d: (d.received_on, d.received_no)):
            changed = self._judge(quarter, delivery)
            newest += [changed] if changed else []
        self.rejected += [(str(quarter), problem) for problem in newest]

    def _delivery(self, quarter: Quarter, path: Path, received_on: dt.date, received_no: int) -> Delivery:
        sha256 = archive.keep_file(self._warehouse, path)
        size = archive.place_of(self._warehouse, sha256).stat().st_size
        return Delivery(str(quarter), self._feed.name, sha256, path.name, received_on, received_no, size, accepted=False, rows={})

    def _refuse_name(self, quarter: Quarter, path: Path) -> Problem:
        """A file whose name says no day of receipt cannot take its place in the order; it is kept and recorded all the same."""
        today = dt.datetime.now(dt.UTC).date()
        expected = "<YYYYMMDD>[-<n>]_<name>.<ext>, such as 20231012_name.xlsx"
        step = "name the file after the day of its receipt"
        problem = Problem("file_name", path.name, f"the name {path.name}", expected, step, value=path.name)
        self._record(dataclasses.replace(self._delivery(quarter, path, today, 1), problem=dataclasses.asdict(problem)))
        return problem

    def _judge(self, quarter: Quarter, delivery: Delivery) -> Problem | None:
        """Land a delivery unless it is landed already; the problem if it is rejected."""
        same_bytes = [other for other in self._known.values() if other.accepted and _landing_key(other) == _landing_key(delivery)]
        if same_bytes and parquet.landed_notes(self._warehouse, same_bytes[0]) is not None:
            # Under another name they are another receipt; the rows keep the name under which they landed.
            self._record(dataclasses.replace(delivery, accepted=True, rows=same_bytes[0].rows, problem=None))
            return None
        source = archive.verified(self._warehouse, delivery.sha256)
        try:
            _refuse_giant(delivery)
            rows = self._land_csv(source, quarter, delivery) if self._feed.form == "csv" else self._land_workbook(source, quarter, delivery)
        except DeliveryRejected as error:
            self._record(dataclasses.replace(delivery, accepted=False, rows={}, problem=dataclasses.asdict(error.problem)))
            return error.problem
        self._record(dataclasses.replace(delivery, accepted=True, rows=rows, problem=None))
        return None

    def _record(self, delivery: Delivery) -> None:
        known = self._known.get(_key(delivery))
        if known and (known.accepted, known.rows, known.problem) == (delivery.accepted, delivery.rows, delivery.problem):
            return
        self._ledger.record_delivery(delivery, self._actor)
        self._known[_key(delivery)] = delivery
        self.new.add(_key(delivery))

    def _land_workbook(self, source: Path, quarter: Quarter, delivery: Delivery) -> dict[str, int]:
        due = [table for table in self._feed.tables if quarter.number in table.due_in]
        workbook = self._reader.read(source, delivery.file_name, [table.sheet for table in due])
        tables = [read_sheet(workbook, table, quarter, delivery.file_name) for table in due]
        _check_ledger_period(tables, quarter, delivery.file_name)
        used = {plain(table.sheet) for table in due}
        ignored = [name if state == "visible" else f"{name} (hidden)" for name, state in workbook.present if plain(name) not in used]
        notes = [*workbook.notes, *([f"sheets ignored: {', '.join(ignored)}"] if ignored else [])]
        for found in tables:
            schema = parquet.text_schema(found.table)
            arrays = [pa.array(values, pa.string()) for values in zip(*found.rows, strict=True)]
            found.notes.extend(TextNotes().of(arrays))
            arrays += [pa.repeat(pa.scalar(found.constants[name], pa.string()), len(found.rows)) for name in found.table.extra_fields]
            arrays += parquet.lineage_columns(delivery, found.table.sheet, delivery.file_name, pa.array(found.numbers, pa.int32()))
            target, rows = self._target(delivery, found.table.name), pa.table(arrays, schema=schema)
            parquet.write_table(self._warehouse, target, rows, [*notes, *found.notes], found.positions)
        return {found.table.name: len(found.rows) for found in tables}

    def _land_csv(self, source: Path, quarter: Quarter, delivery: Delivery) -> dict[str, int]:
        (table,) = self._feed.tables
        schema = parquet.text_schema(table)
        file = CsvFile(source, delivery.file_name, table, quarter)
        count = 0
        text_notes = TextNotes()
        with parquet.writer(self._warehouse, self._target(delivery, table.name), schema, file.notes, file.positions) as sink:
            for records in file.records():
                text_notes.look_at(records.columns)
                lineage = parquet.lineage_columns(delivery, "", delivery.file_name, records.lines)
                header_widths = pa.repeat(pa.scalar(file.header_width, pa.int32()), len(records.lines))
                widths = pc.if_else(records.is_misquoted, MISQUOTED, records.widths)
                sink.write_batch(pa.record_batch([*records.columns, widths, header_widths, *lineage], schema=schema))
                count += len(records.lines)
            file.notes.extend(text_notes.told())
        return {table.name: count}

    def _target(self, delivery: Delivery, table: str) -> Path:
        return parquet.landing_path(self._warehouse, delivery.feed, table, delivery.quarter, delivery.delivery_id)


def _refuse_giant(delivery: Delivery) -> None:
    if delivery.size > MAX_DELIVERY:
        step = "look whether it is the right file, and ask the office for the data of the quarter alone"
        size = str(delivery.size)
        raise DeliveryRejected(
            Problem("too_large", delivery.file_name, f"{size} bytes", f"at most {MAX_DELIVERY} bytes", step, value=f"{size} 字节")
        )


def _check_ledger_period(tables: list[SheetTable], quarter: Quarter, file_name: str) -> None:
    """The bureau's ledger names its periods in a column instead of a title."""
    for found in tables:
        names = [field.name for field in found.table.fields]
        if found.table.layout == "statistics" or "period" not in names:
            continue
        column = names.index("period")
        quarters, years = periods.ledger_periods(row[column] for row in found.rows)
        if not periods.names_quarter(quarters, years, quarter):
            raise DeliveryRejected(
                Problem(
                    "period_mismatch",
                    file_name,
                    "periods " + (", ".join(sorted(quarters or years)) or "none"),
                    f"{quarter} among them, as the folder says",
                    "move the file to the folder of its quarter, or ask the bureau for the right one",
                    sheet=found.table.sheet,
                    place="column 期间",
                    value="、".join(sorted(quarters or years)),
                )
            )
