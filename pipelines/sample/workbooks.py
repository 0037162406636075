"""Workbooks that come out byte for byte the same each time, and the cells that every office's sheets share.

Here: opening a workbook, its fixed properties, its label as synthetic, rows of plain sheets. Not here: any one sheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import xlsxwriter

NOTICE = "合成数据(SYNTHETIC DATA):由程序按种子随机生成,仅供软件测试和演示,不代表任何真实单位或统计结果。"
LARGE_ROWS = 50_000
Cell = str | int | float | dt.date | None


@contextmanager
def workbook(path: Path, rows: int) -> Iterator[xlsxwriter.Workbook]:
    """A new workbook; one with a sheet of many rows is streamed to disk row by row."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": rows > LARGE_ROWS, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": "合成数据 SYNTHETIC", "comments": NOTICE, "author": "i315 sample", "created": dt.datetime(2024, 1, 1)})
    try:
        yield book
    finally:
        book.close()


def plain_sheet(book: xlsxwriter.Workbook, name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A sheet with one header row in row 1 and the body below."""
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(header) - 1, 14)
    sheet.write_row(0, 0, header, book.add_format({"bold": True, "bottom": 1}))
    for number, row in enumerate(rows, start=1):
        write_cells(sheet, number, row)


def write_cells(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: Sequence[Cell]) -> None:
    """One row of cells; None leaves the cell blank, text stays text even if it looks like a number."""
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            sheet.write_string(number, column, cell)
        elif isinstance(cell, dt.date):
            sheet.write_datetime(number, column, cell)
        elif cell is not None:
            sheet.write_number(number, column, cell)


def notice_sheet(book: xlsxwriter.Workbook) -> None:
    """A sheet that no contract lists, saying what the data are."""
    book.add_worksheet("说明").write_string(0, 0, NOTICE)
