"""A cell that nobody collects reads 不适用 with the mark 不统计 on the board and in the workbook."""

from __future__ import annotations

import io

import openpyxl

from pipelines.report import Board, board_xlsx
from pipelines.report.data import board_data
from tests.small_warehouse import board

COUNTY, INDICATOR = "330108", "GDP"


def stated() -> Board:
    made = board()
    for row in made.indicators:
        if (row["region_code"], row["indicator"]) == (COUNTY, INDICATOR):
            row |= {"value": None, "status": "not_applicable", "flags": "not_collected"}
    return made


def test_the_board_says_so() -> None:
    told = board_data(stated())
    cells = [cell for cell in told["regions"][COUNTY]["cells"] if cell and len(cell) > 2 and cell[2]]
    assert [cell[:3] for cell in cells] == [["不适用", "a", "不统计"]]


def test_the_workbook_says_so() -> None:
    book = openpyxl.load_workbook(io.BytesIO(board_xlsx(stated())), read_only=True)
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True) if row[:1] == (COUNTY,) and INDICATOR in row]
    assert any("不适用" in row and "不统计" in row for row in rows)
