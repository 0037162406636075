"""Tables to bytes: CSV that a spreadsheet opens safely, Parquet without time stamps. The same rows always give the same bytes.

Here: the two file formats and the Arrow types behind them. Not here: which tables there are (schema.py).

CSV: UTF-8 with byte-order mark, line feed as line end, comma, quotes only where a cell holds a comma, quote or line break; null and
empty text are an empty cell; numbers in the shortest decimal form that gives the same double back, never with an exponent,
whole ones without `.0`; `true`/`false`; ISO dates.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.editions.schema import Table
from pipelines.errors import Failure
from pipelines.spreadsheets import neutralised

BOM = "\ufeff"
ARROW_TYPES = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}


class TableUnfit(Failure):
    """A table cannot be published as it stands: key not unique, number not finite, column missing."""


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of a published table."""
    return pa.schema([pa.field(field.name, ARROW_TYPES[field.type]) for field in table.fields])


def from_rows(table: Table, rows: Iterable[dict[str, object]]) -> pa.Table:
    """Rows as an Arrow table in key order; `TableUnfit` if the key is not unique or a required cell is empty."""
    ordered = sorted(rows, key=lambda row: tuple(_orderable(row[name]) for name in table.key))
    built = pa.Table.from_pylist(ordered, schema=arrow_schema(table))
    check_fit(table, built)
    return built


def _orderable(cell: object) -> tuple[bool, object]:
    return (cell is not None, cell if cell is not None else "")


def check_fit(table: Table, content: pa.Table) -> None:
    """`TableUnfit` unless the key is unique, required cells are filled and every number is finite."""
    keys = content.select(list(table.key))
    # One thread keeps the rows' order, so that the first key that comes twice is named.
    counted = keys.group_by(list(table.key), use_threads=False).aggregate([([], "count_all")])
    if (twice := pc.index(pc.greater(counted["count_all"], 1), True).as_py()) >= 0:
        found = f"two rows for {_key(counted.select(list(table.key)), twice)}"
        raise TableUnfit(f"table {table.name}: found {found}; expected one per {', '.join(table.key)}; next: check its model")
    for field in table.fields:
        cells = content[field.name]
        if field.is_required and (row := pc.index(pc.is_null(cells), True).as_py()) >= 0:
            expected = "expected one in every row; next: check its model"
            raise TableUnfit(f"table {table.name}, row {_key(keys, row)}: found no {field.name}; {expected}")
        if pa.types.is_floating(cells.type) and (row := pc.index(pc.is_finite(cells), False).as_py()) >= 0:
            found, expected = f"{field.name} {cells[row]}", "expected a finite number or none; next: check its model"
            raise TableUnfit(f"table {table.name}, row {_key(keys, row)}: found {found}; {expected}")


def _key(keys: pa.Table, row: int) -> tuple[object, ...]:
    return tuple(keys.slice(row, 1).to_pylist()[0].values())


def number_text(number: float) -> str:
    """The shortest decimal text that reads back as the same double, without exponent; `12.0` is `12`, `-0.0` is `0`."""
    if number == 0:
        return "0"
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def cell_text(cell: object) -> str:
    """One cell as it stands in the CSV, before quoting."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return number_text(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return neutralised(cell) if isinstance(cell, str) else str(cell)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text


def csv_bytes(table: Table, content: pa.Table) -> bytes:
    """The table as CSV."""
    columns = [_column_texts(content.column(name).to_pylist()) for name in table.columns]
    lines = [",".join(table.columns), *map(",".join, zip(*columns, strict=True))]
    return (BOM + "\n".join(lines) + "\n").encode()


def _column_texts(cells: list[object]) -> list[str]:
    """The cells of one column, which are of one type; most occur many times."""
    known = {cell: _quoted(cell_text(cell)) for cell in set(cells)}
    return [known[cell] for cell in cells]


def parquet_bytes(table: Table, content: pa.Table) -> bytes:
    """The table as Parquet."""
    buffer = io.BytesIO()
    pq.write_table(content.select(table.columns), buffer, compression="zstd", version="2.6", store_schema=False)
    return buffer.getvalue()


def table_files(table: Table, content: pa.Table) -> dict[str, bytes]:
    """Every file of the table, by name."""
    files = {f"{table.name}.csv": csv_bytes(table, content)}
    if table.has_parquet:
        files[f"{table.name}.parquet"] = parquet_bytes(table, content)
    return files
