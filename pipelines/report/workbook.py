"""The workbook: the edition's tables in the layout of a Chinese office, numbers as the board shows them.

Here: drawing the sheets, number formats, print set-up. Not here: what they say (sheets.py). Text never becomes a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from pipelines.quarters import Quarter
from pipelines.report.content import Board, Row, quarter_name, rounded
from pipelines.report.sheets import Column, Sheet, sheets
from pipelines.spreadsheets import LINE_HEIGHT, lines_in

_PAPER_A4 = 9
#: How a cell that a column marks looks: five stars and four as bands of gold, what fell or failed in red.
_MARKS: dict[str, Row] = {
    "five_stars": {"bg_color": "#F6DFA4", "font_color": "#6B4700", "bold": True},
    "four_stars": {"bg_color": "#FBF1D5", "font_color": "#6B4700"},
    "bad": {"font_color": "#A3271D", "bold": True},
}
_LITERAL_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "in_memory": True}


def board_xlsx(board: Board) -> bytes:
    """The workbook as bytes; the same board always gives the same bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _LITERAL_TEXT) as workbook:
        day = Quarter.parse(board.quarter).last_day
        title = f"浙江省315科技创新指标 {quarter_name(board.quarter)} 第{board.edition}版"
        # Excel wants a moment of creation; the quarter's last day keeps the bytes equal.
        workbook.set_properties({"title": title, "author": "i315", "created": dt.datetime(day.year, day.month, day.day)})
        writer = _Writer(workbook, board)
        for sheet in sheets(board):
            writer.add(sheet)
    return buffer.getvalue()


class _Writer:
    """Writes sheets into one workbook, sharing its formats."""

    def __init__(self, workbook: Any, board: Board) -> None:
        self._workbook = workbook
        self._board = board
        frame = {"border": 1, "border_color": "#B9C8D8", "font_name": "宋体", "font_size": 10, "valign": "vcenter"}
        self._frame = frame
        self._title = workbook.add_format({"bold": True, "font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"})
        self._side = workbook.add_format({"font_name": "宋体", "font_size": 10, "align": "right"})
        self._head = workbook.add_format(frame | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#E4ECF4"})
        self._text = workbook.add_format(frame)
        self._sentence = workbook.add_format(frame | {"text_wrap": True})
        self._day = workbook.add_format(frame | {"num_format": "yyyy-mm-dd", "align": "center"})
        self._note = workbook.add_format({"font_name": "宋体", "font_size": 9, "italic": True})
        self._numbers: dict[int, Any] = {}
        self._marks = {name: workbook.add_format(look) for name, look in _MARKS.items()}

    def add(self, sheet: Sheet) -> None:
        """Write one sheet: title, edition and unit line, frozen heading, rows, notes."""
        page, last = self._workbook.add_worksheet(sheet.name), len(sheet.columns) - 1
        page.merge_range(0, 0, 0, last, sheet.title, self._title)
        page.set_row(0, 28)
        page.merge_range(1, 0, 1, last, f"第{self._board.edition}版  {sheet.unit}", self._side)
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width)
            page.write_string(2, number, column.heading, self._head)
        page.set_row(2, 30)
        sentences = [column for column in sheet.columns if column.wraps]
        for line, row in enumerate(sheet.rows, 3):
            # Not every program fits a row to wrapped text by itself.
            lines = max((lines_in(str(column.cell(row) or ""), column.width) for column in sentences), default=1)
            if lines > 1:
                page.set_row(line, LINE_HEIGHT * lines)
            for number, column in enumerate(sheet.columns):
                self._write(page, line, number, column, row)
        end = 3 + len(sheet.rows)
        for line, note in enumerate(sheet.notes, end):
            page.write_string(line, 0, f"注：{note}", self._note)
        for number, column in enumerate(sheet.columns):
            for mark in column.marks if sheet.rows else ():
                rule = {"type": "cell", "criteria": mark.criteria, "value": mark.value, "format": self._marks[mark.look]}
                page.conditional_format(3, number, end - 1, number, rule)
        if sheet.rows:
            page.autofilter(2, 0, end - 1, last)
        page.freeze_panes(3, 0)
        page.repeat_rows(2)
        page.set_landscape()
        page.set_paper(_PAPER_A4)
        page.fit_to_pages(1, 0)
        page.print_area(0, 0, max(end + len(sheet.notes) - 1, 2), last)
        page.set_footer("&C第 &P 页，共 &N 页")

    def _write(self, page: Any, line: int, number: int, column: Column, row: Row) -> None:
        cell = column.cell(row)
        if cell is None or cell == "":
            page.write_blank(line, number, None, self._text)
        elif isinstance(cell, dt.date):
            page.write_datetime(line, number, dt.datetime(cell.year, cell.month, cell.day), self._day)
        elif column.decimals is not None:
            decimals = column.decimals if isinstance(column.decimals, int) else column.decimals(row)
            page.write_number(line, number, float(rounded(cell, decimals)), self._number(decimals))
        else:
            page.write_string(line, number, str(cell), self._sentence if column.wraps else self._text)

    def _number(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            form = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self._workbook.add_format(self._frame | {"num_format": form, "align": "right", "indent": 1})
        return self._numbers[decimals]
