"""Result tables of `i315 score` as CSV bytes, made column by column.

Here: how a cell is written. Not here: which tables, which order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def csv_bytes(table: pa.Table) -> bytes:
    """A header and one line for each row, in the order of the table; all digits that a double needs, blanks for nulls."""
    header = csv_line(table.column_names)
    if not table.num_rows:
        return header
    cells = [_texts(column.combine_chunks()) for column in table.columns]
    comma, nothing, end = (pa.scalar(text, pa.large_string()) for text in (",", "", "\n"))
    lines = pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, comma), nothing, end)
    _, offsets, data = lines.buffers()
    first, last = np.frombuffer(offsets, dtype=np.int64)[[lines.offset, lines.offset + len(lines)]]
    return header + memoryview(data)[first:last].tobytes()


def csv_line(cells: Sequence[Any]) -> bytes:
    """One line of such a file."""
    text = io.StringIO()
    # Adding zero takes the sign off a zero: -0.001 rounds to 0.0.
    plain = [repr(cell + 0.0) if isinstance(cell, float) else cell for cell in cells]
    csv.writer(text, lineterminator="\n").writerow(plain)
    return text.getvalue().encode()


def _texts(column: pa.Array) -> pa.Array:
    """The cells of a column as they stand in a line; each different value is written once."""
    if pa.types.is_floating(column.type):
        column = pc.add(column, 0.0)
    encoded = column.dictionary_encode()
    if pa.types.is_string(column.type):
        # A second cell keeps an empty one from being quoted.
        words = [csv_line([word, ""]).decode()[:-2] for word in encoded.dictionary.to_pylist()]
    else:
        words = [*map(repr, encoded.dictionary.to_numpy().tolist())]
    return pc.fill_null(pa.array(words, pa.large_string()).take(encoded.indices), "")
