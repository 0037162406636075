"""The lineage of an edition: the contributions that its figures were added up from, kept so that any number stays traceable.

Here: keeping them in `lineage/` when an edition is published, naming them in its manifest, finding them again unchanged.
  parts/<sha256>.parquet       every contribution and every quarantined row of one quarter; editions that rest on the same share it
  definitions/<sha256>.json    catalogue and divisions as they were
  known.json                   which part holds what the warehouse holds of a quarter, so that nothing is written twice
Not here: tracing. A part names rows of firms, so it is internal: files and folders are their owner's alone. What does not count
has no amount here, only its reason. The same contributions give the same bytes, whatever the number of threads and the memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.errors import Failure
from pipelines.landing.archive import sha256_of
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb

COLUMNS = (
    *("region_code", "indicator", "period", "role", "amount"),
    *("delivery_id", "source_table", "source_row", "source_column", "excluded_because", "contributor"),
)
"""Columns of a part. `amount` is a decimal of six places (its shortest text in parts kept by earlier code); indicator and region are null
in a quarantined row, whose `source_column` and `excluded_because` are the field at fault and the reason's code. `contributor` is the firm
that a counted row is about."""
_OF_FEW_VALUES = ("region_code", "indicator", "period", "role", "delivery_id", "source_table", "source_column", "excluded_because")
"""Columns in which tens of millions of rows say the same few things: sorted and written as numbers of their values."""
QUARANTINED = "quarantined"
ROW_GROUP = 50_000
_FORM: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 1,
    "store_schema": False,
    # Nobody looks rows up by the other two, whose least and greatest would be a quarter of writing a part.
    "write_statistics": [*_OF_FEW_VALUES, "source_row"],
    "use_dictionary": list(_OF_FEW_VALUES),
    "column_encoding": {"source_row": "DELTA_BINARY_PACKED", "contributor": "DELTA_LENGTH_BYTE_ARRAY"},
}
_OWNER_ONLY = 0o700
_AT_ONCE = 2
_ROWS = f"""
    select quarter, region_code, indicator, period, role, amount, delivery_id, source_table, source_row, source_column, excluded_because,
        case when excluded_because is null then contributor end as contributor
    from int_contributions
    union all
    select quarter, null, null, quarter, '{QUARANTINED}', null, delivery_id, source_table, source_row, field, reason, null
    from stg_quarantine
"""
_AMOUNT = "case when excluded_because is null then amount end as amount"
_ORDER = (
    "indicator nulls first, region_code nulls first, period, role, excluded_because nulls first, "
    "source_table, delivery_id, source_row, source_column"
)


class NoLineage(Failure):
    """An edition has no lineage, or not the one that it was published with."""


@dataclass(frozen=True)
class Part:
    """The contributions of one quarter."""

    sha256: str
    rows: int


@dataclass(frozen=True)
class Lineage:
    """What an edition's figures can be traced through: a part for each quarter up to its own, and the definitions' SHA-256."""

    parts: dict[str, Part]
    definitions: str

    def payload(self) -> dict[str, Any]:
        """As the manifest writes it."""
        return asdict(self)


def lineage_of(manifest: dict[str, Any]) -> Lineage:
    """What a manifest names; `NoLineage` if the edition was published by code that kept none."""
    if "lineage" not in manifest:
        name = f"{manifest['quarter']}/{manifest['edition']}"
        raise NoLineage(
            f"edition {name}: found no lineage in its manifest; expected contributions kept with it; "
            "next: trace a later edition, this one was published by code that kept none"
        )
    told = manifest["lineage"]
    return Lineage({quarter: Part(**part) for quarter, part in told["parts"].items()}, told["definitions"])


def part_path(warehouse: Warehouse, part: Part) -> Path:
    """Where a part lies."""
    return warehouse.lineage / "parts" / f"{part.sha256}.parquet"


def definitions_path(warehouse: Warehouse, sha256: str) -> Path:
    """Where definitions lie."""
    return warehouse.lineage / "definitions" / f"{sha256}.json"


def unchanged(path: Path) -> Path:
    """The file, if its bytes are those of its name; else `NoLineage`."""
    found = sha256_of(path) if path.is_file() else "no file"
    if found != path.stem:
        raise NoLineage(
            f"lineage/{path.parent.name}/{path.name}: found {found}; expected the bytes that the manifest names; "
            "next: restore it from a copy of the warehouse"
        )
    return path


def files_of(warehouse: Warehouse, lineage: Lineage) -> list[Path]:
    """The files that a lineage consists of, each named by its SHA-256."""
    return [*(part_path(warehouse, part) for part in lineage.parts.values()), definitions_path(warehouse, lineage.definitions)]


def keep_copy(lineage: Lineage, source: Warehouse, warehouse: Warehouse) -> None:
    """Keep a lineage as another warehouse holds it; what is there already stays."""
    _make_folders(warehouse)
    for file, target in zip(files_of(source, lineage), files_of(warehouse, lineage), strict=True):
        if not target.is_file():
            durable.write_bytes(target, unchanged(file).read_bytes(), is_private=True)


def _make_folders(warehouse: Warehouse) -> None:
    for folder in (warehouse.lineage, warehouse.lineage / "parts", warehouse.lineage / "definitions"):
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        durable.sync(folder.parent)
        durable.remove_scratch_of_dead_processes(folder)


def keep(quarter: str, warehouse: Warehouse) -> Lineage:
    """Keep the lineage of a quarter as the warehouse holds it: all quarters up to it, for carried values and bases of changes."""
    _make_folders(warehouse)
    with warehouse.connect() as connection:
        definitions = _keep_definitions(warehouse, connection)
        return Lineage(_keep_parts(quarter, warehouse, connection), definitions)


def _keep_parts(quarter: str, warehouse: Warehouse, connection: duckdb.DuckDBPyConnection) -> dict[str, Part]:
    note = warehouse.lineage / "known.json"
    known = _read_note(note)
    made_from = _made_from(quarter, connection)
    parts = {each: part for each, named in made_from.items() if (part := _known(known.get(each, {}), named, warehouse))}
    # Two at a time, so that one is sorted while another is written; the year's last quarter is its largest and comes first.
    missing = sorted(made_from.keys() - parts.keys(), reverse=True)
    with ThreadPoolExecutor(_AT_ONCE) as clerks:
        parts |= zip(missing, clerks.map(lambda each: _write_part(each, warehouse, connection), missing), strict=True)
    known |= {each: {"made_from": named, "part": asdict(parts[each])} for each, named in made_from.items()}
    content = json.dumps(known, indent=2, sort_keys=True).encode()
    if not note.is_file() or note.read_bytes() != content:
        durable.write_bytes(note, content, is_private=True)
    return {each: parts[each] for each in made_from}


def _known(told: dict[str, Any], made_from: str, warehouse: Warehouse) -> Part | None:
    """The part that was written of the same before, if it is still there."""
    part = Part(**told["part"]) if made_from and told.get("made_from") == made_from else None
    return part if part and part_path(warehouse, part).is_file() else None


def _read_note(note: Path) -> dict[str, Any]:
    """What is known; nothing if it cannot be read, because parts are then only written once more."""
    try:
        return dict(json.loads(note.read_bytes()))
    except (FileNotFoundError, ValueError):
        return {}


def _made_from(quarter: str, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Quarter with rows -> what they and the form of a part are made from; empty where the warehouse does not say (transform/staged.py)."""
    tables = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
    staged = dict(connection.execute("select quarter, made_from from staged_quarters").fetchall()) if "staged_quarters" in tables else {}
    version = f"{connection.execute('select version()').fetchall()}{pa.__version__}"
    form = hashlib.sha256(f"{version}{COLUMNS}{_ROWS}{_AMOUNT}{_ORDER}{ROW_GROUP}{_FORM}".encode()).hexdigest()
    found = connection.execute(f"select distinct quarter from ({_ROWS}) where quarter <= ? order by quarter", [quarter]).fetchall()
    return {each: f"{form} {staged[each]}" if each in staged else "" for (each,) in found}


def _write_part(quarter: str, warehouse: Warehouse, connection: duckdb.DuckDBPyConnection) -> Part:
    folder = warehouse.lineage / "parts"
    scratch = durable.beside(folder / "part")
    scratch.touch(mode=0o600)
    cursor = connection.cursor()
    # A cursor has the database of its connection, not its settings.
    cursor.execute("set file_search_path = ?", [str(warehouse.root)])
    values = dict(zip(_OF_FEW_VALUES, _values(quarter, cursor), strict=True))
    columns = ", ".join(_AMOUNT if name == "amount" else _numbered(name, values.get(name)) for name in COLUMNS)
    query = f"select {columns} from ({_ROWS}) where quarter = $1 order by {_ORDER}"
    rows = 0
    try:
        reader = cursor.sql(query, params=[quarter]).to_arrow_reader(ROW_GROUP)
        with pq.ParquetWriter(scratch, reader.schema, **_FORM) as sink:
            for group in _even(reader):
                sink.write_table(group, ROW_GROUP)
                rows += len(group)
        part = Part(sha256_of(scratch), rows)
        if not part_path(warehouse, part).is_file():
            durable.put_in_place(scratch, part_path(warehouse, part))
    finally:
        scratch.unlink(missing_ok=True)
    return part


def _even(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in tables of `ROW_GROUP`, whatever they come in, so that a file's bytes tell nothing of threads."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= ROW_GROUP:
            table = pa.Table.from_batches(waiting)
            whole = len(table) // ROW_GROUP * ROW_GROUP
            yield from (table.slice(start, ROW_GROUP).combine_chunks() for start in range(0, whole, ROW_GROUP))
            waiting = table.slice(whole).to_batches()
    if sum(map(len, waiting)):
        yield pa.Table.from_batches(waiting).combine_chunks()


def _values(quarter: str, connection: duckdb.DuckDBPyConnection) -> tuple[list[str] | None, ...]:
    """Of each column of few values all that it holds in a quarter, sorted."""
    lists = ", ".join(f"list_sort(list(distinct {name}) filter ({name} is not null))" for name in _OF_FEW_VALUES)
    found: tuple[list[str] | None, ...] = connection.execute(f"select {lists} from ({_ROWS}) where quarter = ?", [quarter]).fetchall()[0]
    return found


def _numbered(name: str, values: list[str] | None) -> str:
    """A column as DuckDB's enumeration of its values, which is read back as text and sorts like it."""
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values or ())
    return f"cast({name} as enum({quoted})) as {name}" if quoted else name


def _keep_definitions(warehouse: Warehouse, connection: duckdb.DuckDBPyConnection) -> str:
    tables = {
        name: connection.sql(f"select * from {name} order by all").to_arrow_table().to_pylist() for name in ("indicators", "divisions")
    }
    content = json.dumps(tables, ensure_ascii=False, sort_keys=True, default=str).encode()
    scratch = durable.beside(warehouse.lineage / "definitions" / "content")
    try:
        scratch.touch(mode=0o600)
        scratch.write_bytes(content)
        target = definitions_path(warehouse, sha256_of(scratch))
        if not target.is_file():
            durable.put_in_place(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    return target.stem
