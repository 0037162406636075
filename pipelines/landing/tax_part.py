"""A table of an extract on its way to the archive: rows in the contract's types, and what is noted of cells of another form.

Here: writing both, in chunks. Not here: what a cell's value is (tax_columns.py), which rows there are (tax_extract.py).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.errors import DeliveryRejected
from pipelines.feeds import DatabaseTable
from pipelines.landing.parquet import NOTES, ROW_GROUP, extract_schema
from pipelines.landing.tax_columns import COERCED, text_of, typed
from pipelines.landing.tax_database import rejected

Row = Sequence[Any]


class TaxPart:
    """The rows of a table, or those of one quarter, written in chunks of `ROW_GROUP`, whatever they came in.

    Rows go to `target`. If any has a cell that is not its value as it stands, `NOTES` of every row go to `notes`, in the order of the
    rows. `rejection` is what is wrong with the table; from then on nothing is taken.
    """

    def __init__(self, url: sa.URL, table: DatabaseTable, target: Path) -> None:
        self._url, self._table = url, table
        self._key = [column.name for column in table.columns].index(table.primary_key)
        self._schema = extract_schema(table.columns)
        self._sink = pq.ParquetWriter(target, self._schema, compression="zstd", store_schema=False)
        self.notes = notes_beside(target)
        self._notes_sink: pq.ParquetWriter | None = None
        self._waiting: list[Row] = []
        self._last_key: int | None = None
        self.rows = 0
        self.rejection: DeliveryRejected | None = None

    def __enter__(self) -> TaxPart:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._waiting:
            self._write(self._waiting)
        self._sink.close()
        if self._notes_sink:
            self._notes_sink.close()

    def take(self, rows: Sequence[Row]) -> None:
        """Take the rows that follow."""
        self._waiting.extend(rows)
        while len(self._waiting) >= ROW_GROUP:
            chunk, self._waiting = self._waiting[:ROW_GROUP], self._waiting[ROW_GROUP:]
            self._write(chunk)

    def _write(self, chunk: list[Row]) -> None:
        if self.rejection:
            return
        values = list(zip(*chunk, strict=True))
        found = [typed(column, cells) for column, cells in zip(self._table.columns, values, strict=True)]
        try:
            self._check_keys(found[self._key][0].to_pylist(), values[self._key])
        except DeliveryRejected as rejection:
            self.rejection = rejection
            return
        self._sink.write_batch(pa.record_batch([array for array, _ in found], schema=self._schema))
        self._write_notes([notes for _, notes in found], values)
        self.rows += len(chunk)

    def _write_notes(self, noted: list[dict[int, str]], values: list[tuple[Any, ...]]) -> None:
        size = len(values[0])
        if not self._notes_sink and any(noted):
            self._notes_sink = pq.ParquetWriter(self.notes, NOTES, compression="zstd", store_schema=False)
            for first in range(0, self.rows, ROW_GROUP):
                self._notes_sink.write_batch(_notes({}, min(ROW_GROUP, self.rows - first)))
        if self._notes_sink:
            by_row: dict[int, list[tuple[str, str, Any]]] = {}
            for column, notes, cells in zip(self._table.columns, noted, values, strict=True):
                for at, reason in notes.items():
                    by_row.setdefault(at, []).append((column.name, reason, cells[at]))
            self._notes_sink.write_batch(_notes(by_row, size))

    def _check_keys(self, keys: list[int | None], cells: tuple[Any, ...]) -> None:
        """Refuse a key that is missing, no number, or there twice; rows come in the order of the key."""
        place = f"column {self._table.primary_key}"
        for key, cell in zip(keys, cells, strict=True):
            if key is None:
                found = "a row without a key" if cell is None else "a key that is no whole number"
                raise rejected("key_duplicate", self._url, self._table.name, found, "every key once", place)
            if self._last_key is not None and self._last_key >= key:
                raise rejected("key_duplicate", self._url, self._table.name, f"key {key} twice", "every key once", place, value=str(key))
            self._last_key = key


def notes_beside(target: Path) -> Path:
    """Where a part's notes are written, until the archive takes both."""
    return target.with_name(f"{target.name}.notes")


def _notes(by_row: dict[int, list[tuple[str, str, Any]]], size: int) -> pa.RecordBatch:
    coercions, unfit, given = [0] * size, [None] * size, [None] * size
    rows: dict[str, list[Any]] = {"coercions": coercions, "unfit": unfit, "given": given}
    for at, cells in by_row.items():
        rows["coercions"][at] = sum(reason == COERCED for _, reason, _ in cells)
        rows["unfit"][at] = next((f"{reason}:{column}" for column, reason, _ in cells if reason != COERCED), None)
        rows["given"][at] = json.dumps({column: text_of(cell) for column, _, cell in cells}, ensure_ascii=False)
    return pa.record_batch([pa.array(rows[field.name], field.type) for field in NOTES], schema=NOTES)
