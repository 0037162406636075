"""Reading an edition's tables back from their files alone, against the data package beside them.

Here: strict CSV and Parquet reading, each fault as one line. Not here: what holds between tables (verify.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.formats import ARROW_TYPES, cell_text

Row = dict[str, Any]
_SHOWN_PER_TABLE = 5


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": _number,
    "integer": int,
    "boolean": _boolean,
    "date": dt.date.fromisoformat,
}


def read_resource(folder: Path, resource: dict[str, Any]) -> tuple[list[Row], list[str]]:
    """The rows of one resource of `datapackage.json`, and every fault found in it (columns, types, required, enum, key, order)."""
    name, fields = resource["path"], resource["schema"]["fields"]
    rows, faults = (_read_csv if resource["format"] == "csv" else _read_parquet)(folder / name, fields)
    if not faults:
        faults = [*_constraint_faults(rows, fields), *_key_faults(rows, resource["schema"]["primaryKey"])]
    return rows, [f"{name}: {fault}" for fault in faults[:_SHOWN_PER_TABLE]]


def _read_csv(path: Path, fields: list[Row]) -> tuple[list[Row], list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [f"found byte {error.start} that is not UTF-8"]
    names = [field["name"] for field in fields]
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if not lines or lines[0] != names:
        return [], [f"found columns {lines[0] if lines else []}; expected {names}"]
    rows, faults = [], []
    for number, cells in enumerate(lines[1:], 2):
        if len(cells) != len(names):
            faults.append(f"record {number}: found {len(cells)} cells; expected {len(names)}")
            continue
        row = {}
        for field, cell in zip(fields, cells, strict=True):
            try:
                row[field["name"]] = _PARSERS[field["type"]](cell) if cell else None
            except (ValueError, KeyError):
                faults.append(f"record {number}, {field['name']}: found {cell!r}; expected {field['type']}")
        rows.append(row)
    return rows, faults


def _read_parquet(path: Path, fields: list[Row]) -> tuple[list[Row], list[str]]:
    try:
        content = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        return [], [f"found no readable Parquet: {error}"]
    expected = {field["name"]: ARROW_TYPES[field["type"]] for field in fields}
    found = dict(zip(content.schema.names, content.schema.types, strict=True))
    if list(found.items()) != list(expected.items()):
        return [], [f"found columns {found}; expected {expected}"]
    return content.to_pylist(), []


def _constraint_faults(rows: list[Row], fields: list[Row]) -> list[str]:
    faults = []
    for field in fields:
        limits = field.get("constraints", {})
        for number, row in enumerate(rows, 2):
            cell = row[field["name"]]
            if cell is None and limits.get("required"):
                faults.append(f"record {number}: found no {field['name']}; expected one")
            if cell is not None and "enum" in limits and cell not in limits["enum"]:
                faults.append(f"record {number}: found {field['name']} {cell!r}; expected one of {limits['enum']}")
    return faults


def _key_faults(rows: list[Row], key: list[str]) -> list[str]:
    keys = [tuple((row[name] is not None, row[name] if row[name] is not None else "") for name in key) for row in rows]
    faults = []
    for number, (above, below) in enumerate(pairwise(keys), 3):
        if above >= below:
            fault = "a key twice" if above == below else "a row out of order"
            faults.append(f"record {number}: found {fault}; expected rows sorted by unique {', '.join(key)}")
    return faults


def differences(csv_rows: list[Row], parquet_rows: list[Row], table: str) -> list[str]:
    """Cells in which the two files of a table say different things."""
    if len(csv_rows) != len(parquet_rows):
        return [f"{table}: found {len(csv_rows)} rows in CSV and {len(parquet_rows)} in Parquet; expected the same"]
    faults = []
    for number, (left, right) in enumerate(zip(csv_rows, parquet_rows, strict=True), 2):
        faults += [
            f"{table}: record {number}, {name}: found {left[name]!r} in CSV and {right[name]!r} in Parquet; expected the same"
            for name in right
            if cell_text(right[name]) != _as_written(left[name])
        ]
    return faults[:_SHOWN_PER_TABLE]


def _as_written(cell: Any) -> str:
    # A CSV text cell is read as it was written, with its neutralising apostrophe; other types have one spelling.
    return cell if isinstance(cell, str) else cell_text(cell)
