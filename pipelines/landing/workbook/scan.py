"""A sheet's XML before it is read: what the fast reader would lose or die of.

Here: error cells, formulas that were never calculated, cells far away or there twice, number formats, runs of rich text, merged ranges,
and what a person should know (hidden rows and columns, filters, protection, formulas).
Not here: the rows themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipelines.errors import DeliveryRejected
from pipelines.landing.workbook.package import Styles, refused

_TAG = rb"<(?:[A-Za-z]\w*:)?"
_CELL_REFERENCE = re.compile(_TAG + rb"c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*?(/?)>")
_CELL_START = re.compile(_TAG + rb"c[\s>]")
_WIDE_REFERENCE = re.compile(rb"r=[\"'][A-Z]{2}")
_BAD_REFERENCE = re.compile(
    _TAG + rb"(?:c\b[^>]*?\br=[\"'](?![A-Z]{1,3}[1-9]\d{0,6}[\"'])|row\b[^>]*?\br=[\"'](?![1-9]\d{0,6}[\"']))([^\"'>]{0,40})"
)
_ROW_NUMBER = re.compile(_TAG + rb"row\b[^>]*?\br=[\"'](\d{1,7})[\"']")
_HIDDEN = rb"\b(?:hidden=[\"'](?:1|true)[\"']|ht=[\"']0(?:\.0+)?[\"'])"
_HIDDEN_ROW = re.compile(_TAG + rb"row\b(?=[^>]*?" + _HIDDEN + rb")[^>]*?\br=[\"'](\d{1,7})[\"']")
_MARKED_RUN = re.compile(_TAG + rb"(?:strike|vertAlign)\b")
_CACHED = re.compile(_TAG + rb"v\b[^>]*>([^<]*)<")
#: What writers that calculate nothing store with a formula.
_DEFAULTS = (b"", b"0", b"0.0")
_ERROR_CELL = re.compile(_TAG + rb"c\b[^>]*?\bt=[\"']e[\"']")
_FORMULA = re.compile(_TAG + rb"f[\s>/]")
_WHOLE_CELL = re.compile(_TAG + rb"c\b([^>]*?)>(.*?)</(?:[A-Za-z]\w*:)?c>", re.DOTALL)
_VALUE = re.compile(_TAG + rb"v\b[^>]*>[^<]|" + _TAG + rb"is\b")
_LONG_INTEGER = re.compile(_TAG + rb"v>-?\d{16,}<")
# The same looks where every cell and row is written as most programs write it, which is found quickly by how it begins.
_USUAL_BAD_REFERENCE = re.compile(rb"<c r=\"(?![A-Z]{1,3}[1-9]\d{0,6}\")")
_USUAL_ROW_NUMBER = re.compile(rb"<row r=\"([1-9]\d{0,6})\"")
_USUAL_LONG_INTEGER = re.compile(rb"<v>-?\d{16,}<")
_MERGE = re.compile(_TAG + rb"mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_STYLE = re.compile(_TAG + rb"c\b[^>]*?\bs=[\"'](\d+)[\"']")
_UNSTYLED = re.compile(_TAG + rb"c\b(?![^>]*?\bs=[\"'])")
_HIDDEN_COLUMN = re.compile(_TAG + rb"col\b[^>]*?\bhidden=[\"'](?:1|true)[\"']")

# The fast reader holds the whole rectangle; one stray cell must not make that thousands of times the data.
MAX_SPARSE_AREA, MAX_AREA_PER_CELL = 1_000_000, 20
LAST_ROW = 1_048_576
_HEADER_ROWS = 60
# Excel grows unusable long before; each merged range costs the reader time.
MAX_MERGES = 100_000


@dataclass(frozen=True)
class SheetScan:
    """What must be known to read a sheet right; `needs_record_reader` if the fast reader would lose something.

    `merges` are those near the top (a header's groups) and those over several rows, `hidden` the numbers of rows that nobody sees.
    """

    needs_record_reader: bool
    merges: list[tuple[int, int, int, int]]
    notes: list[str]
    hidden: list[int]


@dataclass(frozen=True)
class Calculation:
    """What a workbook says of its formulas: whether they are still to be calculated, and whether a program kept their order."""

    is_on_load: bool = False
    has_order: bool = False


_SETTLED = Calculation()


def has_marked_runs(xml: bytes) -> bool:
    """Whether a part has runs of text that are struck out, set high or set low."""
    return (b"strike" in xml or b"vertAlign" in xml) and _MARKED_RUN.search(xml) is not None


def column_number(letters: str) -> int:
    """`A` as 1, `XFD` as 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def scan(sheet: str, xml: bytes, styles: Styles, calculation: Calculation = _SETTLED, *, has_marked_texts: bool = False) -> SheetScan:
    """Look through a sheet's XML; refuses uncalculated formulas, cells there twice or far away, and masses of merged ranges.

    `has_marked_texts` says that shared texts of the workbook have runs that are struck out, set high or set low.
    """
    is_usual = _is_usual(xml)
    if not (is_usual and _has_good_references(xml)):
        _refuse_bad_references(sheet, xml)
    if not _is_compact(xml, _USUAL_ROW_NUMBER if is_usual else _ROW_NUMBER):
        _refuse_far_cells(sheet, xml)
    _refuse_twice(sheet, xml)
    formulas = _calculated_formulas(sheet, xml, calculation)
    meant = styles.percent | styles.struck | styles.odd
    is_meant = (0 in meant and _UNSTYLED.search(xml) is not None) or any(int(match[1]) in meant for match in _STYLE.finditer(xml))
    is_marked = has_marked_runs(xml) or (has_marked_texts and re.search(rb"\bt=[\"']s[\"']", xml) is not None)
    has_long_integer = (_USUAL_LONG_INTEGER if is_usual else _LONG_INTEGER).search(xml) is not None
    is_unusual = b"<!--" in xml or b"<![CDATA[" in xml or has_long_integer
    has_error = (b'"e"' in xml or b"'e'" in xml) and _ERROR_CELL.search(xml) is not None
    return SheetScan(
        needs_record_reader=(bool(meant) and is_meant) or is_marked or is_unusual or has_error,
        merges=[merge for merge in _merges(sheet, xml) if merge[0] <= _HEADER_ROWS or merge[2] > merge[0]],
        notes=[f"sheet {sheet}: {note}" for note in _notes(xml, formulas)],
        hidden=[int(number) for number in _HIDDEN_ROW.findall(xml)],
    )


def _refuse_twice(sheet: str, xml: bytes) -> None:
    """A cell or row that is there twice has two values, and readers take either."""
    places = [(letters + row).decode() for letters, row, _ in _CELL_REFERENCE.findall(xml)]
    rows = [number.decode() for number in _ROW_NUMBER.findall(xml)]
    for what, found in (("cell", places), ("row", rows)):
        if len(set(found)) < len(found):
            twice = next(place for place, count in Counter(found).items() if count > 1)
            raise refused(
                "unsafe_package",
                f"{what} {twice} twice",
                f"every {what} once",
                "ask the office to save it in Excel as a new .xlsx workbook",
                sheet=sheet,
                place=f"{what} {twice}",
                value=f"{twice} 重复",
            )


def _notes(xml: bytes, formulas: int) -> list[str]:
    has_hidden = b"hidden=" in xml
    counted = (
        (len(_HIDDEN_ROW.findall(xml)), "hidden rows read like the others"),
        (len(_HIDDEN_COLUMN.findall(xml)) if has_hidden else 0, "ranges of hidden columns read like the others"),
        (formulas, "formulas read by the values stored with them"),
    )
    notes = [f"{count} {what}" for count, what in counted if count]
    notes += ["a filter is set, all rows are read"] if b"autoFilter" in xml else []
    return [*notes, "protected"] if b"sheetProtection" in xml else notes


def _merges(sheet: str, xml: bytes) -> list[tuple[int, int, int, int]]:
    number = xml.count(b"mergeCell ")
    if number > MAX_MERGES:
        step = "ask the office to unmerge the cells of the table"
        raise refused("too_large", f"{number} merged ranges", f"at most {MAX_MERGES}", step, sheet=sheet, value=str(number))
    if b"mergeCell" not in xml:
        return []
    return [
        (int(match[2]), column_number(match[1].decode()), int(match[4]), column_number(match[3].decode())) for match in _MERGE.finditer(xml)
    ]


def _refuse_bad_references(sheet: str, xml: bytes) -> None:
    bad = _BAD_REFERENCE.search(xml)
    if bad:
        shown = bad[1].decode("utf-8", "replace")
        raise refused(
            "unreadable",
            f"a row or cell at {shown!r}",
            "places of a sheet, A1 to XFD1048576",
            "ask the office to save it in Excel as a new .xlsx workbook",
            sheet=sheet,
            value=shown,
        )


def _is_usual(xml: bytes) -> bool:
    """Whether all cells and rows are written as `<c r="…` and `<row r="…`, so that looks may search for just that."""
    others = (b":c ", b":c>", b":row", b":v>", b"<c>", b"<c\t", b"<c\n", b"<c\r", b"<row>", b"<row\t", b"<row\n", b"<row\r")
    return (
        0 < xml.count(b"<c ") == xml.count(b'<c r="')
        and xml.count(b"<row ") == xml.count(b'<row r="')
        and not any(other in xml for other in others)
    )


def _has_good_references(xml: bytes) -> bool:
    return _USUAL_BAD_REFERENCE.search(xml) is None and len(_USUAL_ROW_NUMBER.findall(xml)) == xml.count(b'<row r="')


def _is_compact(xml: bytes, row_number: re.Pattern[bytes]) -> bool:
    """Whether a quick look is enough: every cell has a reference, none lies beyond column Z, and the rows are filled."""
    cells = xml.count(b"<c ")
    if _WIDE_REFERENCE.search(xml) or xml.count(b'<c r="') != cells or _CELL_START.search(xml) is None:
        return False
    last_row = max((int(match[1]) for match in row_number.finditer(xml)), default=0)
    return last_row < LAST_ROW and last_row * 26 <= max(MAX_SPARSE_AREA, MAX_AREA_PER_CELL * cells)


def _refuse_far_cells(sheet: str, xml: bytes) -> None:
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
    if last_row >= LAST_ROW or (area > MAX_SPARSE_AREA and area > MAX_AREA_PER_CELL * cells):
        raise refused(
            "far_cell",
            f"{cells} cells spread over {last_row} rows and {last_column} columns",
            "a table without stray cells far from it, below Excel's last row",
            "ask the office to delete the stray cells or to split the table",
            sheet=sheet,
            place=f"cell {farthest}" if farthest else "",
            value=f"{cells} / {last_row} × {last_column}",
        )


def _calculated_formulas(sheet: str, xml: bytes, calculation: Calculation) -> int:
    """The number of formulas; one without a calculated value refuses the sheet.

    Writers that calculate nothing store 0 with every formula, and most ask for the calculation on load: there a 0 is none.
    """
    if not ((b"<f" in xml or b":f" in xml) and _FORMULA.search(xml)):
        return 0
    count = 0
    first, has_value = "", False
    for match in _WHOLE_CELL.finditer(xml):
        attributes, content = match[1], match[2]
        is_text = re.search(rb"\bt=[\"']str[\"']", attributes) is not None
        if not _FORMULA.search(content):
            continue
        count += 1
        reference = re.search(rb"\br=[\"']([A-Z]+\d+)[\"']", attributes)
        place = f"cell {reference[1].decode()}" if reference else ""
        cached = _CACHED.search(content)
        is_default = cached is None or cached[1].strip() in _DEFAULTS
        if (calculation.is_on_load and is_default) or (not is_text and not _VALUE.search(content)):
            raise _uncalculated(sheet, place)
        first, has_value = first or place, has_value or not is_default
    if not has_value and not calculation.has_order:
        raise _uncalculated(sheet, first)
    return count


def _uncalculated(sheet: str, place: str) -> DeliveryRejected:
    step = "ask the office to open the workbook in Excel, let it calculate, and save it"
    return refused("formula_uncalculated", "a formula without a calculated value", "values in every cell", step, sheet=sheet, place=place)
