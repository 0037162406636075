"""Result files are made column by column, and are the bytes that a writer of rows would give."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import pyarrow as pa
import pytest

from pipelines.rulesets.result_lines import csv_bytes

NAMES = ["A", "富阳区", 'a "quoted" one', "with, comma", "line\nbreak", "\u2028", " blank ", "'", "cr\rlf"]
NUMBERS = [None, 0.0, -0.0, 1.0, 0.1, 1e-5, 1e-4, 123456789.123, 1e15, 1e16, 1e22, -1e300, 5e-324, 1 / 3, 100.0]


def by_rows(table: pa.Table) -> bytes:
    """The plain way: one row after the other, floats by their repr, no zero with a sign."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow(["" if c is None else repr(c + 0.0) if isinstance(c, float) else c for c in row.values()])
    return text.getvalue().encode()


@pytest.mark.parametrize("rows", [0, 1, 7, 3000])
def test_columns_give_the_bytes_of_rows(rows: int) -> None:
    made = random.Random(rows)
    columns: dict[str, Any] = {
        "unit": pa.array([made.choice(NAMES) for _ in range(rows)], pa.string()),
        "value": pa.array([made.choice([*NUMBERS, made.gauss(0, 1e3)]) for _ in range(rows)], pa.float64()),
        "state": pa.array([made.choice(["value", None]) for _ in range(rows)], pa.string()),
        "place": pa.array([made.choice([1, 90, None]) for _ in range(rows)], pa.int64()),
    }
    table = pa.table(columns)
    assert csv_bytes(table) == by_rows(table)
    assert csv_bytes(table.slice(rows // 2)) == by_rows(table.slice(rows // 2))
