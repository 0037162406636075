"""A sheet's XML before it is read: what the fast reader would lose or die of.

Here: error cells, formulas that were never calculated, cells far away, percentages, merged ranges, hidden rows.
Not here: the rows themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.landing.workbook.package import refused

_TAG = rb"<(?:[A-Za-z]\w*:)?"
_CELL_REFERENCE = re.compile(_TAG + rb"c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*?(/?)>")
_CELL_START = re.compile(_TAG + rb"c[\s>]")
_WIDE_REFERENCE = re.compile(rb"r=[\"'][A-Z]{2,3}\d")
_ROW_NUMBER = re.compile(_TAG + rb"row\b[^>]*?\br=[\"'](\d{1,7})[\"']")
_HIDDEN_ROW = re.compile(_TAG + rb"row\b[^>]*?\bhidden=[\"'](?:1|true)[\"']")
_ERROR_CELL = re.compile(_TAG + rb"c\b[^>]*?\bt=[\"']e[\"']")
_FORMULA = re.compile(_TAG + rb"f[\s>/]")
_WHOLE_CELL = re.compile(_TAG + rb"c\b([^>]*?)>(.*?)</(?:[A-Za-z]\w*:)?c>", re.DOTALL)
_VALUE = re.compile(_TAG + rb"v\b[^>]*>[^<]|" + _TAG + rb"is\b")
_LONG_INTEGER = re.compile(_TAG + rb"v>-?\d{16,}<")
_MERGE = re.compile(_TAG + rb"mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_STYLE = re.compile(_TAG + rb"c\b[^>]*?\bs=[\"'](\d+)[\"']")

# The fast reader holds the whole rectangle; one stray cell must not make that thousands of times the data.
MAX_SPARSE_AREA, MAX_AREA_PER_CELL = 1_000_000, 20
_LAST_ROW = 1_048_576
_HEADER_ROWS = 60


@dataclass(frozen=True)
class SheetScan:
    """What must be known to read a sheet right; `needs_record_reader` if the fast reader would lose something."""

    needs_record_reader: bool
    merges: list[tuple[int, int, int, int]]
    notes: list[str]


def column_number(letters: str) -> int:
    """`A` as 1, `XFD` as 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def scan(sheet: str, xml: bytes, percent_styles: set[int]) -> SheetScan:
    """Look through a sheet's XML; refuses uncalculated formulas and cells far away."""
    _refuse_far_cells(sheet, xml)
    _refuse_uncalculated(sheet, xml)
    has_percent = bool(percent_styles) and any(int(match[1]) in percent_styles for match in _STYLE.finditer(xml))
    is_unusual = b"<!--" in xml or b"<![CDATA[" in xml or _LONG_INTEGER.search(xml) is not None
    hidden = len(_HIDDEN_ROW.findall(xml)) if b"hidden=" in xml else 0
    has_error = (b'"e"' in xml or b"'e'" in xml) and _ERROR_CELL.search(xml) is not None
    merges = [
        (int(match[2]), column_number(match[1].decode()), int(match[4]), column_number(match[3].decode())) for match in _MERGE.finditer(xml)
    ]
    return SheetScan(
        needs_record_reader=has_percent or is_unusual or has_error,
        merges=[merge for merge in merges if merge[0] <= _HEADER_ROWS],
        notes=[f"sheet {sheet}: {hidden} hidden rows read like the others"] if hidden else [],
    )


def _is_compact(xml: bytes) -> bool:
    """Whether a quick look is enough: every cell has a reference, none lies beyond column Z, and the rows are filled."""
    cells = xml.count(b"<c ")
    if _WIDE_REFERENCE.search(xml) or xml.count(b'<c r="') != cells or _CELL_START.search(xml) is None:
        return False
    last_row = max((int(match[1]) for match in _ROW_NUMBER.finditer(xml)), default=0)
    return last_row < _LAST_ROW and last_row * 26 <= max(MAX_SPARSE_AREA, MAX_AREA_PER_CELL * cells)


def _refuse_far_cells(sheet: str, xml: bytes) -> None:
    if _is_compact(xml):
        return
    cells = last_row = last_column = 0
    farthest = ""
    for match in _CELL_REFERENCE.finditer(xml):
        cells += 1
        if match[3]:
            continue
        row, column = int(match[2]), column_number(match[1].decode())
        if row > last_row or column > last_column:
            farthest = f"{match[1].decode()}{row}"
        last_row, last_column = max(row, last_row), max(column, last_column)
    if len(_CELL_START.findall(xml)) > cells:
        last_row = max([last_row, *(int(match[1]) for match in _ROW_NUMBER.finditer(xml))])
    area = last_row * last_column
    if last_row >= _LAST_ROW or (area > MAX_SPARSE_AREA and area > MAX_AREA_PER_CELL * cells):
        raise refused(
            "far_cell",
            f"{cells} cells spread over {last_row} rows and {last_column} columns",
            "a table without stray cells far from it, below Excel's last row",
            "ask the office to delete the stray cells or to split the table",
            sheet=sheet,
            place=f"cell {farthest}" if farthest else "",
        )


def _refuse_uncalculated(sheet: str, xml: bytes) -> None:
    if not ((b"<f" in xml or b":f" in xml) and _FORMULA.search(xml)):
        return
    for match in _WHOLE_CELL.finditer(xml):
        attributes, content = match[1], match[2]
        is_text = re.search(rb"\bt=[\"']str[\"']", attributes) is not None
        if _FORMULA.search(content) and not is_text and not _VALUE.search(content):
            reference = re.search(rb"\br=[\"']([A-Z]+\d+)[\"']", attributes)
            raise refused(
                "formula_uncalculated",
                "a formula without a calculated value",
                "values in every cell",
                "ask the office to open the workbook in Excel, let it calculate, and save it",
                sheet=sheet,
                place=f"cell {reference[1].decode()}" if reference else "",
            )
