"""Tables out of workbooks: sheets by name, grouped two-row headers, title and unit rows, footnotes (`feeds.md`, sections 2, 5, 6)."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.datetime import from_excel
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from .cells import EXCEL_DAY_ZERO, folded
from .deliveries import Rejected

Row = dict[str, Any]
Cells = tuple[Any, ...]
UNITS = {"元": Decimal(1), "千元": Decimal(1_000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
GROUPED_LEAVES = {"本年累计", "同比增速(%)"}


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """The workbook with the values that its formulas had when it was saved; sheets are parsed when they are asked for."""
    try:
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
    except (OSError, zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError) as error:
        raise Rejected(f"{path.name}: no readable workbook ({error})") from error
    try:
        yield book
    finally:
        book.close()


def sheet(book: Workbook, name: str, rows: int | None = None) -> list[Cells]:
    """The rows (or the first few) of the visible sheet of that name, from row 1 on."""
    for title in book.sheetnames:
        if folded(title) == name and book[title].sheet_state == "visible":
            book[title].reset_dimensions()  # what the file says of its size is not believed
            try:
                return list(islice(book[title].iter_rows(), rows))
            except (zipfile.BadZipFile, zlib.error, ParseError, EOFError) as error:
                raise Rejected(f"sheet {name} cannot be read ({error})") from error
    raise Rejected(f"sheet {name} is missing")


def plain_table(book: Workbook, name: str, columns: list[str]) -> list[tuple[int, Row]]:
    """Source row and cells by header of a table whose one header row is row 1."""
    cells = sheet(book, name)
    return _body(book, name, cells, 1, _header(cells[0] if cells else ()), columns)


class BureauSheet:
    """A sheet of the statistics bureau: title, unit, one or two header rows, body, footnotes."""

    def __init__(self, book: Workbook, name: str, rows: int | None = None) -> None:
        self.book, self.name = book, name
        self.cells = sheet(book, name, rows)
        if len(self.cells) < 4:
            raise Rejected(f"{name}: only {len(self.cells)} rows")

    @property
    def title(self) -> str:
        """The title in row 1."""
        return next((text for text in _header(self.cells[0]) if text), "")

    @property
    def unit(self) -> Decimal:
        """How many yuan one unit of the sheet is, from row 2."""
        for text in _header(self.cells[1]):
            found = re.fullmatch(r"单位:(.+)", text)
            if found and found[1] in UNITS:
                return UNITS[found[1]]
        raise Rejected(f"{self.name}: no known unit in row 2")

    def table(self, columns: list[str]) -> list[tuple[int, Row]]:
        """Source row and cells of the body; grouped columns are named `group/column`."""
        upper, lower = _header(self.cells[2]), _header(self.cells[3])
        if not GROUPED_LEAVES & set(lower):
            return _body(self.book, self.name, self._without_footnotes(), 3, upper, columns)
        lower += [""] * (len(upper) - len(lower))
        upper += [""] * (len(lower) - len(upper))
        for column in range(1, len(upper)):  # a merged group shows its text in its first column only
            if not upper[column] and lower[column]:
                upper[column] = upper[column - 1]
        names = [f"{above}/{below}" if above and below else above or below for above, below in zip(upper, lower, strict=True)]
        return _body(self.book, self.name, self._without_footnotes(), 4, names, columns)

    def _without_footnotes(self) -> list[Cells]:
        ends = (n for n, cells in enumerate(self.cells) if cells and _text(cells[0]).startswith("注"))
        return self.cells[: next(ends, len(self.cells))]


def _text(cell: Any) -> str:
    return "" if cell.value is None else folded(str(cell.value))


def _header(cells: Cells) -> list[str]:
    return [_text(cell) for cell in cells]


def _body(book: Workbook, sheet_: str, cells: list[Cells], above: int, header: list[str], columns: list[str]) -> list[tuple[int, Row]]:
    named = [name for name in header if name]
    if repeated := sorted({name for name in named if named.count(name) > 1}):
        raise Rejected(f"{sheet_}: columns twice: {repeated}")
    if missing := [name for name in columns if name not in named]:
        raise Rejected(f"{sheet_}: columns missing: {missing}")
    blank: Row = dict.fromkeys(named)
    rows: list[tuple[int, Row]] = []
    for source_row, row_cells in enumerate(cells[above:], above + 1):
        row = blank | {name: _value(cell) for name, cell in zip(header, row_cells, strict=False) if name}
        if book.epoch.date() != EXCEL_DAY_ZERO:
            row = {name: _in_1904(name, value, book.epoch) for name, value in row.items()}
        if any(value is not None and str(value).strip() for value in row.values()):
            rows.append((source_row, row))
    if not rows:
        raise Rejected(f"{sheet_}: empty body")
    return rows


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return unescape(value) if "_x" in value else value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in cell.number_format:
        return f"{Decimal(repr(value)) * 100:f}%"  # what the reader of the sheet sees
    return value


def _in_1904(name: str, value: Any, epoch: Any) -> Any:
    is_serial = name.endswith("日期") and isinstance(value, (int, float)) and not isinstance(value, bool)
    return from_excel(value, epoch) if is_serial else value
