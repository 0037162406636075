"""The rows of a sheet's body that are none of its data: blank ones, the header once more, footnotes.

Here: finding them in columns; most rows are settled by a look at their bytes, the others one by one.
Not here: what is made of them (sheets.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.landing.workbook.reader import Grid, Row

_FOOTNOTE = "注"


def blank_rows(columns: Sequence[pa.Array]) -> pa.Array:
    """Which rows hold nothing but blanks."""
    length = len(columns[0]) if columns else 0
    is_settled = np.zeros(length, bool)
    for column in columns:
        if is_settled.all():
            break
        is_settled |= _begins_with_ink(column)
    is_blank = np.zeros(length, bool)
    for row in np.flatnonzero(~is_settled).tolist():
        texts = (column[row].as_py() for column in columns)
        is_blank[row] = not any(text and not text.isspace() for text in texts)
    return pa.array(is_blank)


def repeated_rows(columns: Sequence[pa.Array], headers: Sequence[Row]) -> pa.Array:
    """Which rows are one of the header's, cell by cell."""
    is_repeat = pa.repeat(pa.scalar(False), len(columns[0]))
    for header in headers:
        is_this = pa.repeat(pa.scalar(True), len(columns[0]))
        for column, text in zip(columns, header, strict=True):
            if not pc.any(is_this).as_py():
                break
            is_this = pc.and_(is_this, column.is_null() if text is None else pc.fill_null(pc.equal(column, text), False))
        is_repeat = pc.or_(is_repeat, is_this)
    return is_repeat


def first_footnote(grid: Grid, start: int, anchor: int, columns: Sequence[int]) -> int:
    """The first row from `start` on that is a footnote; the grid's height if none is. `columns` are those of the contract.

    Footnotes end a table: neither they nor what follows has a figure in a column of the contract.
    """
    is_possible = pa.repeat(pa.scalar(False), max(0, grid.height - start))
    for column in grid.columns:
        is_possible = pc.or_(is_possible, pc.fill_null(pc.match_substring(column[start:], _FOOTNOTE), False))
    footnote = grid.height
    for offset in np.flatnonzero(is_possible)[::-1].tolist():
        row = start + offset
        if any(_has_figures(cells, columns) for cells in grid.rows(row, footnote)):
            break
        if _is_footnote(next(grid.rows(row, row + 1)), anchor):
            footnote = row
    return footnote


def _is_footnote(row: Row, anchor: int) -> bool:
    """A row that begins with 注; a firm whose name begins so has its code in the anchor's column."""
    first = next(index for index, cell in enumerate(row) if cell and cell.strip())
    begins_so = (row[first] or "").strip().startswith(_FOOTNOTE)
    own = row[anchor] if anchor < len(row) else None
    return begins_so and (first == anchor or not (own or "").strip())


def _has_figures(row: Row, columns: Sequence[int]) -> bool:
    """Whether a row has a number in a column of the contract behind its first text, as rows of data have."""
    filled = [index for index, cell in enumerate(row) if cell and cell.strip()]
    return any(index in columns and any(map(str.isdigit, row[index] or "")) for index in filled[1:])


def _begins_with_ink(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where a text's first character is one of ASCII that shows; a text that begins otherwise may still be more than blanks."""
    _, offsets, texts = column.buffers()
    if not len(column) or texts is None:
        return np.zeros(len(column), bool)
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    codes = np.frombuffer(texts, np.uint8)
    first = codes[np.minimum(places[:-1], len(codes) - 1)] if len(codes) else np.zeros(len(column), np.uint8)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (places[:-1] < places[1:]) & (first > ord(" ")) & (first < 0x7F)
    return found
