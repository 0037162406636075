"""Records of a CSV as Arrow columns: strict about quoting, quick where a block of lines is plain.

Here: splitting text into fields, and the physical line of every record. Not here: encodings, headers, periods.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.landing.csv_encoding import END_OF_FILE

BLOCK = 8 << 20
# Far longer than any field of a contract: what is longer is a quote without end.
MAX_FIELD = 1 << 17

_FIELD = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r]*+)'
_STRICT_LINE = re.compile(rf"{_FIELD}(?:,{_FIELD})*+\r?")


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


def read_header(text: TextIO) -> tuple[int, list[str]]:
    """Take the first record that is not blank off a text: its line and fields; (1, []) if there is none."""
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(text, strict=True)
    line = 1
    try:
        for record in reader:
            if any(record):
                return reader.line_num, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise BrokenRecordError(line, str(error)) from error
    return 1, []


def read_records(text: TextIO, line: int, width: int) -> Iterator[Records]:
    """Read the records that follow the header, block by block; `line` is the physical line of the first."""
    for block in _blocks(text):
        pending = block
        records = _quick(pending, line, width)
        while records is None:
            try:
                records = _strict(pending, line, width)
            except _OpenQuoteError as error:
                # A quoted line break may straddle two blocks; a quote without end runs into the limit on fields.
                more = text.read(BLOCK) + text.readline()
                if not more:
                    raise BrokenRecordError(error.line, str(error)) from error
                pending += more
        line += pending.count("\n")
        yield records


class _OpenQuoteError(BrokenRecordError):
    """The block ends inside a quoted field."""


def _blocks(text: TextIO) -> Iterator[str]:
    while block := text.read(BLOCK) + text.readline():
        yield block


def _is_plain(block: str) -> bool:
    """Whether every physical line of a block is one record in correct quoting and none is blank."""
    if block.startswith(("\n", "\r\n")) or "\n\n" in block or "\n\r\n" in block or END_OF_FILE in block:
        return False
    if block.count("\r") != block.count("\r\n"):
        return False
    end = 0
    while (quote := block.find('"', end)) >= 0:
        start, end = block.rfind("\n", 0, quote) + 1, block.find("\n", quote)
        end = end if end >= 0 else len(block)
        if not _STRICT_LINE.fullmatch(block, start, end):
            return False
    return True


def _quick(block: str, line: int, width: int) -> Records | None:
    """Split a plain block by Arrow's reader; None if it is not plain or its records differ in their number of fields."""
    if not _is_plain(block):
        return None
    content = block.encode()
    names = [str(position) for position in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(content),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=False),
            convert_options=pyarrow.csv.ConvertOptions(
                check_utf8=False, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        ).combine_chunks()
    except pa.ArrowInvalid:
        return None
    columns = [column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns]
    count = table.num_rows
    if count != block.count("\n") + (not block.endswith("\n")) or _has_blank_record(columns):
        return None
    is_misquoted = pa.repeat(pa.scalar(False), count)
    return Records(
        pa.array(range(line, line + count), pa.int32()), pa.repeat(pa.scalar(width, pa.int32()), count), columns, 0, is_misquoted
    )


def _has_blank_record(columns: Sequence[pa.Array]) -> bool:
    if any(column.null_count == 0 for column in columns):
        return False
    blank = columns[0].is_null()
    for column in columns[1:]:
        blank = pc.and_(blank, column.is_null())
    return bool(pc.any(blank).as_py())


def _strict(block: str, line: int, width: int) -> Records:
    """Split any block record by record."""
    lines: list[int] = []
    widths: list[int] = []
    rows: list[list[str]] = []
    misquoted: list[bool] = []
    blank = 0
    start = line
    physical = block.split("\n") if '"' in block else []
    reader = csv.reader(io.StringIO(block, newline="\n"), strict=True)
    try:
        for record in reader:
            if any(record) and record != [END_OF_FILE]:
                lines.append(start)
                raw = "\n".join(physical[start - line : reader.line_num])
                misquoted.append('"' in raw and not _STRICT_LINE.fullmatch(raw))
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
