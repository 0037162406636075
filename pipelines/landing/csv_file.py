"""A CSV delivery as the contract says: decoded whole, split strictly, matched by header, of the folder's year.

Here: the registry's export against its contract. Not here: encodings and records themselves, judging values (staging).
"""

from __future__ import annotations

import codecs
import dataclasses
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import Code, DeliveryRejected, Problem
from pipelines.feeds import Table
from pipelines.feeds.contract import plain
from pipelines.landing import periods
from pipelines.landing.csv_encoding import CHUNK, ENCODING_NAMES, END_OF_FILE, Utf8Text
from pipelines.landing.csv_records import BrokenRecordError, Records, read_header, read_records
from pipelines.landing.headers import match_columns
from pipelines.quarters import Quarter

DATED_BY = "registered_on"


class CsvFile:
    """An archived CSV; `notes` and `positions` are complete when `records` has ended, and then it decoded to its end."""

    def __init__(self, path: Path, file_name: str, table: Table, quarter: Quarter) -> None:
        self.path, self.file_name, self.table, self.quarter = path, file_name, table, quarter
        self.header_width = 0
        self.positions: dict[str, int] = {}
        self._text = Utf8Text(path, file_name)
        self.notes = [f"encoding {ENCODING_NAMES[self._text.encoding]}"]

    def records(self) -> Iterator[Records]:
        """Read the records in order, with their columns in the order of the contract.

        Rejects what does not decode to its end, broken quoting, a wrong header, an empty body, and a file without any contract of the
        folder's year; of several the first.
        """
        try:
            with io.BufferedReader(self._text, CHUNK) as text:
                yield from self._checked(text)
        except DeliveryRejected:
            self._text.prove()
            raise
        except BrokenRecordError as error:
            self._text.prove()
            raise self._rejected(
                "csv_structure",
                f"a record that breaks the quoting rules ({error})",
                "RFC 4180",
                "ask the office to export it again; fields with commas, quotes or line breaks must be quoted",
                f"line {error.line}",
            ) from error

    def _ends_with_line_break(self) -> bool:
        """Whether the last record is closed, an old end-of-file mark aside; what was cut off in transport is not."""
        with self.path.open("rb") as stream:
            head = stream.read(2)
            # Whole characters, whatever the encoding's width.
            stream.seek(max(0, stream.seek(0, io.SEEK_END) - 8))
            tail = stream.read()
        if self._text.encoding != "utf-16":
            return tail.rstrip(END_OF_FILE.encode()).endswith(b"\n")
        return tail.decode("utf-16-le" if head == codecs.BOM_UTF16_LE else "utf-16-be", "ignore").rstrip(END_OF_FILE).endswith("\n")

    def _checked(self, text: BinaryIO) -> Iterator[Records]:
        header_line, header = read_header(text)
        paths = [(plain(cell),) if plain(cell) else () for cell in header]
        self.header_width = len(header)
        positions, notes = match_columns(self.table, paths, self.file_name, f"line {header_line}")
        self.notes.extend(notes)
        self.positions.update(positions)
        count = blank = ragged = repeats = 0
        has_year = False
        last_line = last_width = 0
        for block in read_records(text, header_line + 1, len(header)):
            found = _without(header, block)
            repeats += len(block.lines) - len(found.lines)
            count += len(found.lines)
            if len(found.lines):
                last_line, last_width = found.lines[-1].as_py(), found.widths[-1].as_py()
            blank += found.blank
            ragged += pc.sum(pc.not_equal(found.widths, len(header))).as_py() or 0
            has_year = has_year or self._has_year(found.columns[positions[DATED_BY]])
            in_order = [found.columns[positions[field.name]] for field in self.table.fields]
            yield dataclasses.replace(found, columns=in_order)
        if count and not self._ends_with_line_break():
            if last_width < len(header):
                raise self._rejected(
                    "truncated",
                    f"a last record of {last_width} fields without a line break",
                    f"{len(header)} fields and a line break, as every whole export ends",
                    "ask the office to send the file again, it was cut off on its way",
                    f"line {last_line}",
                    value=f"{last_width} / {len(header)}",
                )
            self.notes.append("no line break behind the last record")
        if not count:
            raise self._rejected(
                "body_empty", "no record below the header", "at least one", "ask the office for the delivery with its rows"
            )
        if not has_year:
            raise self._rejected(
                "period_mismatch",
                f"no 登记日期 of {self.quarter.year} in any record",
                f"contracts registered in {self.quarter.year}, as the folder {self.quarter} says",
                "move the file to the folder of its quarter, or ask the office for the right one",
            )
        if repeats:
            self.notes.append(f"{repeats} repetitions of the header among the records left out")
        if blank:
            self.notes.append(f"{blank} blank records skipped")
        if ragged:
            self.notes.append(f"{ragged} records with another number of fields than the header")

    def _has_year(self, dates: pa.Array) -> bool:
        return any(periods.year_of_date(date.as_py() or "") == self.quarter.year for date in dates)

    def _rejected(self, code: Code, found: str, expected: str, next_step: str, place: str = "", value: str = "") -> DeliveryRejected:
        return DeliveryRejected(Problem(code, self.file_name, found, expected, next_step, place=place, value=value))


def _without(header: Sequence[str], found: Records) -> Records:
    """The records that are not the header once more, as where pages were joined; such a line is certain to be none of the data."""
    mask = pc.equal(found.widths, len(header))
    for column, text in zip(found.columns, header, strict=True):
        if not pc.any(mask).as_py():
            return found
        mask = pc.and_(mask, pc.equal(pc.fill_null(column, ""), text))
    if not pc.any(mask).as_py():
        return found
    kept = pc.invert(mask)
    columns = [column.filter(kept) for column in found.columns]
    return Records(found.lines.filter(kept), found.widths.filter(kept), columns, found.blank, found.is_misquoted.filter(kept))
