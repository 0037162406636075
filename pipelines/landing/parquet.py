"""Landing files: text columns with lineage, written whole or not at all, stamped with the parser that wrote them.

Here: schemas, paths, writing, and whether a delivery is landed by the present parser. Not here: reading deliveries.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable, feeds
from pipelines.delivery import Delivery
from pipelines.feeds import Column, DatabaseTable, Table
from pipelines.warehouse import Warehouse

PARSER_KEY, NOTES_KEY, COLUMNS_KEY = "i315.parser", "i315.notes", "i315.columns"
LINEAGE = ("delivery_id", "source_file", "source_sheet", "source_row")
LOOKED_FOR_BY = ("delivery_id", "source_row")
ROW_GROUP = 50_000
WIRING = "assets.py"

_TYPES = {
    "bigint": pa.int64(),
    "varchar": pa.string(),
    "char": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "amount": pa.decimal128(18, 2),
}

NOTES = pa.schema([("coercions", pa.int32()), ("unfit", pa.string()), ("given", pa.string())])
"""Of a row of a database: cells coerced; the first that holds no value of its column, as `reason:column`; and both as they were given."""


@functools.cache
def parser_fingerprint() -> str:
    """SHA-256 over the source of the contracts and of landing: rows read by other source are read again."""
    digest = hashlib.sha256()
    landing = Path(__file__).parent
    for folder in (Path(feeds.__file__).parent, landing):
        for source in sorted(path for path in folder.rglob("*.py") if path.name != WIRING):
            digest.update(f"{source.relative_to(landing.parent)}\0".encode() + source.read_bytes() + b"\0")
    return digest.hexdigest()


def text_schema(table: Table) -> pa.Schema:
    """The landing columns of a file's table: everything text, but for the row's place and the number of its fields."""
    names = [field.name for field in table.fields] + list(table.extra_fields)
    text = [pa.field(name, pa.int32() if name in ("field_count", "header_count") else pa.string()) for name in names]
    return pa.schema([*text, *_lineage(pa.int32())])


def typed_schema(table: DatabaseTable) -> pa.Schema:
    """The landing columns of a database table: its own types, notes on its cells, and the primary key as the row's place."""
    return pa.schema([*extract_schema(table.columns), *NOTES, *_lineage(pa.int64())])


def extract_schema(columns: Sequence[Column]) -> pa.Schema:
    """The columns of an extract as they are archived."""
    return pa.schema([pa.field(column.name, _TYPES[column.kind]) for column in columns])


def _lineage(row_type: pa.DataType) -> list[pa.Field]:
    return [pa.field(name, row_type if name == "source_row" else pa.string()) for name in LINEAGE]


def lineage_columns(delivery: Delivery, sheet: str, source_file: str, rows: pa.Array) -> list[pa.Array]:
    """The four lineage columns of a batch whose places are `rows`."""
    constants = [pa.repeat(pa.scalar(text, pa.string()), len(rows)) for text in (delivery.delivery_id, source_file, sheet)]
    return [*constants, rows]


def landing_path(warehouse: Warehouse, feed: str, table: str, quarter: str, delivery_id: str) -> Path:
    """`landing/<feed>/<table>/quarter=<quarter>/<delivery_id>.parquet`."""
    return warehouse.landing / feed / table / f"quarter={quarter}" / f"{delivery_id}.parquet"


@contextmanager
def writer(
    warehouse: Warehouse, target: Path, schema: pa.Schema, notes: list[str], positions: dict[str, int] | None = None
) -> Iterator[pq.ParquetWriter]:
    """A Parquet writer whose file takes its name when the block ends without an error; `notes` and `positions` may grow until then.

    `positions` are the delivered file's columns, counted from 0, by landing column.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Readers take in every Parquet file of a table's folders, so an unfinished one waits above them.
    scratch = durable.beside(warehouse.landing / target.name)
    try:
        # What rows are looked for by: least and greatest of all columns would be a fifth of writing a file.
        with pq.ParquetWriter(scratch, schema, compression="zstd", store_schema=False, write_statistics=list(LOOKED_FOR_BY)) as sink:
            yield sink
            stamps = {PARSER_KEY: parser_fingerprint(), NOTES_KEY: json.dumps(notes, ensure_ascii=False)}
            sink.add_key_value_metadata(stamps | {COLUMNS_KEY: json.dumps(positions or {})})
        durable.put_in_place(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def write_table(warehouse: Warehouse, target: Path, table: pa.Table, notes: list[str], positions: dict[str, int] | None = None) -> None:
    """Write a whole table as a landing file."""
    with writer(warehouse, target, table.schema, notes, positions) as sink:
        sink.write_table(table, row_group_size=ROW_GROUP)


def landed_notes(warehouse: Warehouse, delivery: Delivery) -> list[str] | None:
    """What the parser noted when it landed the delivery; None if a file is missing or damaged, or another parser wrote it."""
    notes: list[str] = []
    for table, rows in delivery.rows.items():
        path = landing_path(warehouse, delivery.feed, table, delivery.quarter, delivery.delivery_id)
        if not path.exists():
            return None
        try:
            landed, stamps = _footer(path)
        except pa.ArrowInvalid:
            # Damaged: the archive has what it was made from.
            return None
        if stamps.get(PARSER_KEY) != parser_fingerprint() or landed != rows:
            return None
        notes.extend(note for note in json.loads(stamps[NOTES_KEY]) if note not in notes)
    return notes


def is_by_other_code(path: Path) -> bool:
    """Whether a landing file says that another parser than the present one wrote it; one that cannot be read says nothing."""
    try:
        return _footer(path)[1].get(PARSER_KEY, parser_fingerprint()) != parser_fingerprint()
    except pa.ArrowInvalid:
        return False


def landed_positions(warehouse: Warehouse, delivery: Delivery, table: str) -> dict[str, int]:
    """Which column of the delivered file holds each landing column, counted from 0; empty for a table of a database."""
    path = landing_path(warehouse, delivery.feed, table, delivery.quarter, delivery.delivery_id)
    positions: dict[str, int] = json.loads(_footer(path)[1][COLUMNS_KEY])
    return positions


def ensure_empty_tables(warehouse: Warehouse) -> None:
    """One file without rows per table, so that a reader finds every table with its columns whatever was delivered."""
    schemas: dict[tuple[str, str], pa.Schema] = {
        (feed.name, table.name): text_schema(table) for feed in feeds.FILE_FEEDS.values() for table in feed.tables
    }
    schemas |= {(feeds.TAX.name, table.name): typed_schema(table) for table in feeds.TAX_TABLES}
    for (feed, table), schema in schemas.items():
        target = landing_path(warehouse, feed, table, "none", "contract")
        if not target.exists() or not pq.read_schema(target).equals(schema):
            write_table(warehouse, target, schema.empty_table(), [])


def _footer(path: Path) -> tuple[int, Mapping[str, str]]:
    """Rows and stamps of a landing file; a run asks several times for each of the history's files."""
    state = path.stat()
    return _read_footer(path, state.st_ino, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=4096)
def _read_footer(path: Path, _inode: int, _changed: int, _size: int) -> tuple[int, Mapping[str, str]]:
    footer = pq.read_metadata(path)
    return footer.num_rows, {key.decode(): value.decode() for key, value in (footer.metadata or {}).items()}
