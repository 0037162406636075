"""Records of a CSV as Arrow columns: strict about quoting, quick where a block of lines is plain.

Here: splitting text into fields, and the physical line of every record. Not here: encodings, headers, periods.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.landing.csv_encoding import END_OF_FILE

BLOCK = 12 << 20
# Far longer than any field of a contract: what is longer is a quote without end.
MAX_FIELD = 1 << 17

_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r]*+)'
_STRICT_LINE = re.compile(rb"%b(?:,%b)*+\r?" % (_FIELD, _FIELD))
_CR, _LF = b"\r\n"


class BrokenRecordError(ValueError):
    """A record breaks the quoting rules; `line` is the physical line where it starts."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Records:
    """Consecutive records: their physical lines, their numbers of fields, and their columns (one per field of the header).

    A field that is empty or not there is null; fields beyond the header's are only counted. `is_misquoted` marks records
    with a quote inside a field that is not quoted, or text behind a closing quote.
    """

    lines: pa.Array
    widths: pa.Array
    columns: list[pa.Array]
    blank: int
    is_misquoted: pa.Array


def read_header(text: BinaryIO) -> tuple[int, list[str]]:
    """Take the first record that is not blank off a text in UTF-8: its line and fields; (1, []) if there is none."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader((line.decode() for line in text), strict=True)
    line = 1
    try:
        for record in reader:
            if any(record):
                return reader.line_num, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise BrokenRecordError(line, str(error)) from error
    return 1, []


def read_records(text: BinaryIO, line: int, width: int) -> Iterator[Records]:
    """Read the records that follow the header, block by block; `line` is the physical line of the first."""
    while block := text.read(BLOCK) + text.readline():
        records = _quick(block, line, width)
        while records is None:
            try:
                records = _strict(block, line, width)
            except _OpenQuoteError as error:
                # A quoted line break may straddle two blocks; a quote without end runs into the limit on fields.
                more = text.read(BLOCK) + text.readline()
                if not more:
                    raise BrokenRecordError(error.line, str(error)) from error
                block += more
        line += block.count(b"\n")
        yield records


class _OpenQuoteError(BrokenRecordError):
    """The block ends inside a quoted field."""


def _is_plain(block: bytes, breaks: np.ndarray[tuple[int], np.dtype[np.intp]]) -> bool:
    """Whether every physical line of a block, broken at `breaks`, is one record in correct quoting and none is blank."""
    if block.startswith((b"\n", b"\r\n")) or END_OF_FILE.encode() in block:
        return False
    codes = np.frombuffer(block, np.uint8)
    is_after_cr = codes[breaks - 1] == _CR
    if block.count(b"\r") != is_after_cr.sum() or (np.diff(breaks) == 1 + is_after_cr[1:]).any():
        return False
    end = 0
    while (quote := block.find(b'"', end)) >= 0:
        start, end = block.rfind(b"\n", 0, quote) + 1, block.find(b"\n", quote)
        end = end if end >= 0 else len(block)
        if not _STRICT_LINE.fullmatch(block, start, end):
            return False
    return True


def _quick(block: bytes, line: int, width: int) -> Records | None:
    """Split a plain block by Arrow's reader; None if it is not plain or its records differ in their number of fields."""
    breaks = np.flatnonzero(np.frombuffer(block, np.uint8) == _LF)
    if not _is_plain(block, breaks):
        return None
    names = [str(position) for position in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(block),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=False),
            convert_options=pyarrow.csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        ).combine_chunks()
    except pa.ArrowInvalid:
        return None
    columns = [column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns]
    count = table.num_rows
    if count != len(breaks) + (not block.endswith(b"\n")) or _has_blank_record(columns):
        return None
    is_misquoted = pa.repeat(pa.scalar(False), count)
    lines = pa.array(np.arange(line, line + count, dtype=np.int32))
    return Records(lines, pa.repeat(pa.scalar(width, pa.int32()), count), columns, 0, is_misquoted)


def _has_blank_record(columns: Sequence[pa.Array]) -> bool:
    if any(column.null_count == 0 for column in columns):
        return False
    blank = columns[0].is_null()
    for column in columns[1:]:
        blank = pc.and_(blank, column.is_null())
    return bool(pc.any(blank).as_py())


def _strict(block: bytes, line: int, width: int) -> Records:
    """Split any block record by record."""
    lines: list[int] = []
    widths: list[int] = []
    rows: list[list[str]] = []
    misquoted: list[bool] = []
    blank = 0
    start = line
    physical = block.split(b"\n") if b'"' in block else []
    reader = csv.reader(io.StringIO(block.decode(), newline="\n"), strict=True)
    try:
        for record in reader:
            if any(record) and record != [END_OF_FILE]:
                lines.append(start)
                raw = b"\n".join(physical[start - line : reader.line_num])
                misquoted.append(b'"' in raw and not _STRICT_LINE.fullmatch(raw))
                widths.append(len(record))
                rows.append(record if len(record) == width else (record + [""] * (width - len(record)))[:width])
            else:
                blank += record != [END_OF_FILE]
            start = line + reader.line_num
    except csv.Error as error:
        is_open = "unexpected end of data" in str(error)
        raise (_OpenQuoteError if is_open else BrokenRecordError)(start, str(error)) from error
    columns = [pa.array([value or None for value in values], pa.string()) for values in zip(*rows, strict=True)]
    columns = columns or [pa.array([], pa.string())] * width
    return Records(pa.array(lines, pa.int32()), pa.array(widths, pa.int32()), columns, blank, pa.array(misquoted, pa.bool_()))
