"""One delivery from the archive into landing: read by the form of its feed, held to the contract, written as text rows.

Here: what reading one delivery gives. Not here: which delivery counts and what is recorded (files.py), several at once (side_by_side.py).
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.delivery import Delivery
from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import FILE_FEEDS, Feed
from pipelines.feeds.contract import plain
from pipelines.landing import archive, parquet, periods
from pipelines.landing.csv_file import CsvFile
from pipelines.landing.sheets import SheetTable, read_sheet
from pipelines.landing.text_notes import TextNotes
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

# No record has no fields: staging takes it for the mark of broken quoting.
MISQUOTED = 0
MAX_DELIVERY = 4 << 30


def land_delivery(delivery: Delivery, warehouse: Warehouse, reader: WorkbookReader) -> dict[str, int] | Problem:
    """Write the landing files of an archived delivery: its rows by table, or what breaks the contract."""
    feed, source = FILE_FEEDS[delivery.feed], archive.verified(warehouse, delivery.sha256)
    try:
        _refuse_giant(delivery)
        if feed.form == "csv":
            return _land_csv(feed, source, delivery, warehouse)
        return _land_workbook(feed, source, delivery, warehouse, reader)
    except DeliveryRejected as rejection:
        return rejection.problem


def _land_workbook(feed: Feed, source: Path, delivery: Delivery, warehouse: Warehouse, reader: WorkbookReader) -> dict[str, int]:
    quarter = Quarter.parse(delivery.quarter)
    due = [table for table in feed.tables if quarter.number in table.due_in]
    workbook = reader.read(source, delivery.file_name, [table.sheet for table in due])
    tables = [read_sheet(workbook, table, quarter, delivery.file_name) for table in due]
    _check_ledger_period(tables, quarter, delivery.file_name)
    used = {plain(table.sheet) for table in due}
    ignored = [name if state == "visible" else f"{name} (hidden)" for name, state in workbook.present if plain(name) not in used]
    notes = [*workbook.notes, *([f"sheets ignored: {', '.join(ignored)}"] if ignored else [])]
    for found in tables:
        schema = parquet.text_schema(found.table)
        found.notes.extend(TextNotes().of(found.columns))
        constants = [pa.repeat(pa.scalar(found.constants[name], pa.string()), len(found.numbers)) for name in found.table.extra_fields]
        arrays = [*found.columns, *constants]
        arrays += parquet.lineage_columns(delivery, found.table.sheet, delivery.file_name, found.numbers)
        target, rows = _target(warehouse, delivery, found.table.name), pa.table(arrays, schema=schema)
        parquet.write_table(warehouse, target, rows, [*notes, *found.notes], found.positions)
    return {found.table.name: len(found.numbers) for found in tables}


def _land_csv(feed: Feed, source: Path, delivery: Delivery, warehouse: Warehouse) -> dict[str, int]:
    (table,) = feed.tables
    schema = parquet.text_schema(table)
    file = CsvFile(source, delivery.file_name, table, Quarter.parse(delivery.quarter))
    count = 0
    text_notes = TextNotes()
    with parquet.writer(warehouse, _target(warehouse, delivery, table.name), schema, file.notes, file.positions) as sink:
        for records in file.records():
            text_notes.look_at(records.columns)
            lineage = parquet.lineage_columns(delivery, "", delivery.file_name, records.lines)
            header_widths = pa.repeat(pa.scalar(file.header_width, pa.int32()), len(records.lines))
            widths = pc.if_else(records.is_misquoted, pa.scalar(MISQUOTED, pa.int32()), records.widths)
            sink.write_batch(pa.record_batch([*records.columns, widths, header_widths, *lineage], schema=schema))
            count += len(records.lines)
        file.notes.extend(text_notes.told())
    return {table.name: count}


def _target(warehouse: Warehouse, delivery: Delivery, table: str) -> Path:
    return parquet.landing_path(warehouse, delivery.feed, table, delivery.quarter, delivery.delivery_id)


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
        quarters, years = periods.ledger_periods(found.columns[names.index("period")].to_pylist())
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
