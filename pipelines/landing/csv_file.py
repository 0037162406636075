"""A CSV delivery as the contract says: decoded whole, split strictly, matched by header, of the folder's year.

Here: the registry's export against its contract. Not here: encodings and records themselves, judging values (staging).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import Table
from pipelines.feeds.contract import plain
from pipelines.landing import periods
from pipelines.landing.csv_encoding import ENCODING_NAMES, encoding_of
from pipelines.landing.csv_records import BrokenRecordError, Records, read_header, read_records
from pipelines.landing.headers import match_columns
from pipelines.quarters import Quarter

DATED_BY = "registered_on"


class CsvFile:
    """An archived CSV that decodes to its end; `notes` and `positions` are complete when `records` has ended."""

    def __init__(self, path: Path, file_name: str, table: Table, quarter: Quarter) -> None:
        self.path, self.file_name, self.table, self.quarter = path, file_name, table, quarter
        self.header_width = 0
        self.positions: dict[str, int] = {}
        self._encoding = encoding_of(path, file_name)
        self.notes = [f"encoding {ENCODING_NAMES[self._encoding]}"]

    def records(self) -> Iterator[Records]:
        """Read the records in order, with their columns in the order of the contract.

        Rejects broken quoting, a wrong header, an empty body, and a file without any contract of the folder's year.
        """
        try:
            with self.path.open("rb") as raw, io.TextIOWrapper(raw, encoding=self._encoding, newline="\n") as text:
                yield from self._checked(text)
        except BrokenRecordError as error:
            raise self._rejected(
                "csv_structure",
                f"a record that breaks the quoting rules ({error})",
                "RFC 4180",
                "ask the office to export it again; fields with commas, quotes or line breaks must be quoted",
                f"line {error.line}",
            ) from error

    def _checked(self, text: io.TextIOWrapper) -> Iterator[Records]:
        header_line, header = read_header(text)
        paths = [(plain(cell),) if plain(cell) else () for cell in header]
        self.header_width = len(header)
        positions, notes = match_columns(self.table, paths, self.file_name, f"line {header_line}")
        self.notes.extend(notes)
        self.positions.update(positions)
        count = blank = ragged = 0
        has_year = False
        for found in read_records(text, header_line + 1, len(header)):
            count += len(found.lines)
            blank += found.blank
            ragged += pc.sum(pc.not_equal(found.widths, len(header))).as_py() or 0
            has_year = has_year or self._has_year(found.columns[positions[DATED_BY]])
            yield Records(found.lines, found.widths, [found.columns[positions[field.name]] for field in self.table.fields], found.blank)
        if not count:
            raise self._rejected(
                "body_empty", "no record below the header", "at least one", "ask the office for the delivery with its rows"
            )
        if not has_year:
            raise self._rejected(
                "period_mismatch",
                "no 登记日期 of that year in any record",
                f"contracts registered in {self.quarter.year}, as the folder {self.quarter} says",
                "move the file to the folder of its quarter, or ask the office for the right one",
            )
        if blank:
            self.notes.append(f"{blank} blank records skipped")
        if ragged:
            self.notes.append(f"{ragged} records with another number of fields than the header")

    def _has_year(self, dates: pa.Array) -> bool:
        return any(periods.year_of_date(date.as_py() or "") == self.quarter.year for date in dates)

    def _rejected(self, code: str, found: str, expected: str, next_step: str, place: str = "") -> DeliveryRejected:
        return DeliveryRejected(Problem(code, self.file_name, found, expected, next_step, place=place))
