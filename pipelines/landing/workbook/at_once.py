"""The rows of a large sheet, read at once: its tags are found and held to one grammar as arrays, never cell by cell.

Here: sheets as programs mostly write them: rows and cells in order, each with its place; numbers, days, and plain, shared or inline text.
Not here: everything else (formulas, errors, rich text, comments, odd formats): it is told from the above with certainty, and left to the
readers of child.py, which give the same rows of the same sheet.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.landing.workbook.cells import number_text
from pipelines.landing.workbook.package import Styles
from pipelines.landing.workbook.scan import LAST_ROW, MAX_AREA_PER_CELL, MAX_SPARSE_AREA
from pipelines.landing.workbook.tags import (
    CELL,
    CELL_END,
    FIRST_BYTES,
    INLINE,
    INLINE_END,
    PROLOG,
    ROW,
    ROW_END,
    TEXT,
    TEXT_END,
    VALUE,
    VALUE_END,
    Bools,
    Places,
    Tags,
    chunks,
    require,
    valid,
)

_OF_VALUE = (VALUE, VALUE_END, CELL_END)
_OF_TEXT = (INLINE, TEXT, TEXT_END, INLINE_END, CELL_END)
_NUMBER, _DAY, _SHARED, _INLINED = range(4)
_ATTRIBUTES = re.compile(rb'(?: s="(?P<style>\d{1,5})")?(?: t="(?P<type>n|s|inlineStr)")?(?: ?/)?')
_NUMERAL = re.compile(r"-?\d{1,15}(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
# Excel counts a 29 February 1900, so days are sure from March on; behind the year 9999 are none.
_FIRST_DAY, _LAST_DAY, _DAYS_TO_1970 = 61, 2_958_465, 25_569


def sheet_parts(xml: bytes) -> tuple[slice, bytes]:
    """Where a sheet's rows lie in its XML, and all that is around them; `NotUsual` if that is not plain to see."""
    start, end = xml.find(b"<sheetData>"), xml.find(b"</sheetData>")
    require(PROLOG.match(xml) is not None and 0 < start < end)
    around = xml[:start] + xml[end:]
    require(b"<sheetData" not in around and b"<row" not in around and b"<c " not in around)
    return slice(start + len(b"<sheetData>"), end), around


def columns_at_once(xml: bytes, body: slice, styles: Styles, shared: pa.Array | None) -> list[pa.Array]:
    """The sheet's columns from A on as text, all as long as its last row that holds anything; `NotUsual` if it is not for this reader."""
    found = [_Cells(Tags(chunk), styles, shared) for chunk in chunks(xml, body, b"</row>")]
    cells, last = sum(each.count for each in found), 0
    for each in found:
        require(each.first_row > last)
        last = each.last_row
    require(cells > 0 and last < LAST_ROW and last * 26 <= max(MAX_SPARSE_AREA, MAX_AREA_PER_CELL * cells))
    width = max(each.width for each in found)
    pieces: list[list[pa.Array]] = [[] for _ in range(width)]
    row = 0
    for each in found:
        for column, parts in enumerate(pieces):
            parts.append(each.column(column, row))
        row = each.last_row
    columns = [pa.concat_arrays(parts) for parts in pieces]
    return _without_blank_end(columns)


def _without_blank_end(columns: list[pa.Array]) -> list[pa.Array]:
    height = max((int(np.flatnonzero(column.is_valid())[-1]) + 1 for column in columns if column.null_count < len(column)), default=0)
    while columns and columns[-1].null_count == len(columns[-1]):
        columns.pop()
    return [column[:height] for column in columns]


class _Cells:
    """The cells of some rows of a sheet: where each is, and what it says."""

    def __init__(self, tags: Tags, styles: Styles, shared: pa.Array | None) -> None:
        self._tags = tags
        rows, cells = (np.flatnonzero(tags.kinds == kind) for kind in (ROW, CELL))
        is_closed = self._closed(cells)
        is_value, is_text, is_empty = (tags.follow(cells, kinds) & ~is_closed for kinds in (_OF_VALUE, _OF_TEXT, (CELL_END,)))
        row_tags = self._check_order(rows)
        told = row_tags + 4 * is_value.sum() + 6 * is_text.sum() + 2 * is_empty.sum() + is_closed.sum()
        require(told == len(tags.kinds))
        self.count = len(cells)
        self._numbers = self._row_numbers(rows)
        self.first_row, self.last_row = int(self._numbers[0]), int(self._numbers[-1])
        self._rows, self._columns, attributes = self._places(rows, cells)
        self.width = int(self._columns.max()) + 1 if len(cells) else 0
        kinds = self._kinds(cells, attributes, styles)
        require(bool((is_text == (kinds == _INLINED))[~(is_closed | is_empty)].all()))
        self._texts = self._read(cells, kinds, is_value, is_text, shared)
        # What is read needs its XML no more, and all pieces of a sheet are held together.
        del self._tags, self._digits

    def _closed(self, tags: Places) -> Bools:
        is_closed: Bools = self._tags.codes[self._tags.ends[tags] - 1] == ord("/")
        return is_closed

    def _check_order(self, rows: Places) -> int:
        """A row begins where the one before ended, and its end is its own; the number of rows' tags."""
        kinds, is_closed = self._tags.kinds, self._closed(rows)
        ends = np.flatnonzero(kinds == ROW_END)
        require(len(ends) == (~is_closed).sum() and len(rows) > 0 and rows[0] == 0)
        of_row = np.where(is_closed, rows, 0)
        of_row[~is_closed] = ends
        require(bool((of_row[:-1] + 1 == rows[1:]).all() and of_row[-1] == len(kinds) - 1 and (of_row >= rows).all()))
        attributes = self._tags.spans(self._tags.starts[rows], self._tags.ends[rows], pa.binary())
        written = attributes.buffers()[2].to_pybytes()
        require(b"hidden" not in written and b'ht="0' not in written)
        return len(rows) + len(ends)

    def _row_numbers(self, rows: Places) -> Places:
        starts = self._tags.starts[rows] + len('<row r="')
        numbers, is_open = np.zeros(len(rows), np.int32), np.ones(len(rows), bool)
        self._digits = np.zeros(len(rows), np.int32)
        for step in range(8):
            codes = self._tags.codes[starts + step]
            is_open &= (codes >= ord("0")) & (codes <= ord("9"))
            numbers = np.where(is_open, numbers * 10 + (codes - np.uint8(ord("0"))), numbers).astype(np.int32)
            self._digits += is_open
        require(bool((self._tags.codes[starts] >= ord("1")).all() and (self._digits < 8).all()))
        require(bool((self._tags.codes[starts + self._digits] == ord('"')).all() and (numbers[:-1] < numbers[1:]).all()))
        return numbers

    def _places(self, rows: Places, cells: Places) -> tuple[Places, Places, pa.Array]:
        """The row (counted among the rows here) and column of each cell, and what its tag says besides."""
        tags = self._tags
        of_row = np.searchsorted(rows, cells, side="right") - 1
        starts = tags.starts[cells] + len('<c r="')
        first, second = tags.codes[starts] - np.uint8(ord("A")), tags.codes[starts + 1] - np.uint8(ord("A"))
        require(bool((first < 26).all()))
        has_two = second < 26
        columns = np.where(has_two, (first + np.int32(1)) * 26 + second, first).astype(np.int32)
        digits, starts = self._digits[of_row], starts + 1 + has_two
        # The reference ends with the row's own number and the quote behind it.
        differs = tags.words[starts] ^ tags.words[tags.starts[rows] + len('<row r="')][of_row]
        require(not bool((differs & FIRST_BYTES[digits + 1]).any()))
        require(bool(((of_row[:-1] != of_row[1:]) | (columns[:-1] < columns[1:])).all()))
        return of_row.astype(np.int32), columns, tags.spans(starts + digits + 1, tags.ends[cells], pa.binary())

    def _kinds(self, cells: Places, attributes: pa.Array, styles: Styles) -> npt.NDArray[np.uint8]:
        found = attributes.dictionary_encode()
        kinds = []
        for written in found.dictionary.to_pylist():
            match = _ATTRIBUTES.fullmatch(written)
            require(match is not None)
            type_, style = (match["type"] or b"n", int(match["style"] or 0)) if match else (b"", 0)
            require(style in styles.plain or style in styles.days)
            kinds.append({b"s": _SHARED, b"inlineStr": _INLINED}.get(type_, _DAY if style in styles.days else _NUMBER))
        return np.array(kinds, np.uint8)[found.indices.to_numpy()]

    def _read(self, cells: Places, kinds: npt.NDArray[np.uint8], is_value: Bools, is_text: Bools, shared: pa.Array | None) -> pa.Array:
        """The texts of all cells, in their order."""
        inlined = self._tags.texts(cells[is_text] + 2)
        values = valid(self._tags.between(cells[is_value] + 1))
        of_value = kinds[is_value]
        require(bool((of_value != _INLINED).all()))
        pieces, places = [inlined], [np.flatnonzero(is_text)]
        for kind, read in ((_NUMBER, _numbers), (_DAY, _days), (_SHARED, lambda found: _shared(found, shared))):
            is_kind = of_value == kind
            if is_kind.any():
                pieces.append(read(values.filter(pa.array(is_kind))))
                places.append(np.flatnonzero(is_value)[is_kind])
        where = np.full(len(cells), -1, np.int32)
        order = np.concatenate(places)
        where[order] = np.arange(len(order), dtype=np.int32)
        self._where = where
        return pa.concat_arrays(pieces)

    def column(self, column: int, row_before: int) -> pa.Array:
        """One column from the row behind `row_before` to the last row here."""
        is_here = np.flatnonzero(self._columns == column)
        wanted = np.full(self.last_row - row_before, -1, np.int32)
        wanted[self._numbers[self._rows[is_here]] - row_before - 1] = self._where[is_here]
        return self._texts.take(pa.array(wanted, mask=wanted < 0))


def _numbers(written: pa.Array) -> pa.Array:
    """Numbers in their shortest form, which nearly all whole ones are written in."""
    lengths = pc.binary_length(written)
    is_whole = pc.and_(pc.ascii_is_decimal(written), pc.less_equal(lengths, 15))
    is_done = pc.and_(is_whole, pc.or_(pc.invert(pc.starts_with(written, "0")), pc.equal(lengths, 1)))
    others = pc.invert(is_done)
    if not pc.any(others).as_py():
        return written
    encoded = written.filter(others).dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    require(all(map(_NUMERAL.fullmatch, texts)))
    shortest = pa.array([number_text(float(text)) for text in texts], pa.string())
    return pc.replace_with_mask(written, others, shortest.take(encoded.indices))


def _days(written: pa.Array) -> pa.Array:
    is_whole = pc.and_(pc.ascii_is_decimal(written), pc.less_equal(pc.binary_length(written), 7))
    require(pc.all(is_whole).as_py())
    days = written.cast(pa.int32())
    require(pc.min(days).as_py() >= _FIRST_DAY and pc.max(days).as_py() <= _LAST_DAY)
    return pc.subtract(days, pa.scalar(_DAYS_TO_1970, pa.int32())).cast(pa.date32()).cast(pa.string())


def _shared(written: pa.Array, shared: pa.Array | None) -> pa.Array:
    is_whole = pc.and_(pc.ascii_is_decimal(written), pc.less_equal(pc.binary_length(written), 9))
    require(shared is not None and pc.all(is_whole).as_py())
    places = written.cast(pa.int32())
    require(shared is not None and pc.max(places).as_py() < len(shared))
    return shared.take(places) if shared is not None else places
