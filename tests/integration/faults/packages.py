"""Faults of a whole file and of a workbook's package: parts A and X of the catalogue, for each of the three workbooks."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

from pipelines.errors import Code
from tests.integration.faults.cases import Rejected
from tests.integration.faults.mutators import MAIN_SHEET, Mutator, Parts, header, instead, page, parts, raw, zipped
from tests.integration.faults.pages import Page, inline

HTML = "<!DOCTYPE html><html><body>系统繁忙,请稍后再试</body></html>".encode()
OLD_XLS = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048)
LOCKED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
WORKBOOKS = ("statistics", "incubators", "ledger")
#: A header of the main sheet that no other column has, and one whose cells are amounts.
PLAIN_HEADER = {"statistics": "地区", "incubators": "类型", "ledger": "截至日期"}
AMOUNT = {"statistics": "本年累计", "incubators": "总收入(千元)", "ledger": "数值"}
BODY_FROM = {"statistics": 4, "incubators": 2, "ledger": 2}


def bit_flipped(content: bytes) -> bytes:
    """One bit in the middle of the largest member's packed bytes."""
    with zipfile.ZipFile(BytesIO(content)) as package:
        largest = max(
            (entry for entry in package.infolist() if "worksheets/sheet" in entry.filename), key=lambda entry: entry.compress_size
        )
    spoilt = bytearray(content)
    spoilt[largest.header_offset + 30 + len(largest.filename) + largest.compress_size // 2] ^= 4
    return bytes(spoilt)


def spoilt_largest_sheet(content: bytes) -> tuple[bytes, int]:
    return bit_flipped(content), 0


def with_bomb(members: Parts) -> None:
    members["xl/theme/theme1.xml"] += bytes(80 << 20)


def with_dtd(members: Parts) -> None:
    part = "xl/worksheets/sheet1.xml"
    members[part] = members[part].replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet', 1)


def digital_envelope(content: bytes) -> bytes:
    """Several files in one zip, with a name in the writer's code page and no flag that says so."""
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as package:
        package.writestr("报表.xlsx".encode("gb18030").decode("cp437"), content)
    # Python sets the UTF-8 flag for such names; older Chinese programs do not, and write the bytes of their code page.
    name = "报表.xlsx".encode("gb18030")
    as_utf8 = name.decode("cp437").encode()
    made = sink.getvalue().replace(as_utf8, name + b" " * (len(as_utf8) - len(name)))
    made = made.replace(b"PK\x03\x04" + made[4:6] + struct.pack("<H", 0x800), b"PK\x03\x04" + made[4:6] + b"\0\0")
    at = made.rindex(b"PK\x01\x02") + 8
    return made[:at] + b"\0\0" + made[at + 2 :]


def without_body(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        found.drop_rows(range(BODY_FROM[feed], found.last_row + 1))

    return page(MAIN_SHEET[feed], edit)


def far_cell(found: Page) -> None:
    found.xml = found.xml.replace("</sheetData>", '<row r="900000"><c r="XFD900000"><v>1</v></c></row></sheetData>')


def last_row(found: Page) -> None:
    found.xml = found.xml.replace("</sheetData>", '<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')


def renamed(sheet: str, other: str) -> Mutator:
    def change(members: Parts) -> None:
        members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(f'name="{sheet}"'.encode(), f'name="{other}"'.encode())

    return parts(change)


def hidden(sheet: str) -> Mutator:
    def change(members: Parts) -> None:
        old = f'name="{sheet}"'.encode()
        members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(old, old + b' state="veryHidden"')

    return parts(change)


def merged_amounts(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        column = found.column(AMOUNT[feed])
        first = BODY_FROM[feed] + 2
        merge = f'<mergeCell ref="{column}{first}:{column}{first + 1}"/>'
        if "<mergeCells" in found.xml:
            found.xml = re.sub(r"(<mergeCells[^>]*>)", rf"\1{merge}", found.xml)
        else:
            found.after_data(f"<mergeCells>{merge}</mergeCells>")

    return page(MAIN_SHEET[feed], edit)


def uncalculated(feed: str) -> Mutator:
    def edit(found: Page) -> int:
        row = BODY_FROM[feed] + 1
        found.put(row, found.column(AMOUNT[feed]), ("", "<f>1+1</f>"))
        return row

    return page(MAIN_SHEET[feed], edit)


def zero_formula(feed: str) -> Mutator:
    """A formula as XlsxWriter stores it where nobody gives its value; the workbook asks for the calculation on load."""

    def edit(found: Page) -> int:
        row = BODY_FROM[feed] + 1
        found.put(row, found.column(AMOUNT[feed]), ("", "<f>SUM(1,1)</f><v>0</v>"))
        return row

    return page(MAIN_SHEET[feed], edit)


def cell_twice(feed: str) -> Callable[[Page], int]:
    """An amount twice in its row, with two values."""

    def edit(found: Page) -> int:
        row, column = BODY_FROM[feed] + 1, found.column(AMOUNT[feed])
        found.xml = re.sub(
            rf'(<c r="{column}{row}".*?</c>)', rf'\1<c r="{column}{row}"><v>77777</v></c>', found.xml, count=1, flags=re.DOTALL
        )
        return row

    return edit


def without_head(found: Page) -> None:
    """The sheet of firms without title, unit and header."""
    found.drop_rows(range(1, 4))


def twice(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        row = next(row for row in range(1, 6) if PLAIN_HEADER[feed] in [found.text(row, column) for column in found.cells(row)])
        found.put(row, "T", PLAIN_HEADER[feed])

    return page(MAIN_SHEET[feed], edit)


def dropped(feed: str) -> Mutator:
    def edit(found: Page) -> None:
        found.drop_column(found.column(PLAIN_HEADER[feed]))

    return page(MAIN_SHEET[feed], edit)


def of_workbook(feed: str) -> list[Rejected]:
    """The faults that can happen to any workbook."""
    sheet, plain = MAIN_SHEET[feed], PLAIN_HEADER[feed]
    place = f"sheet {sheet}"
    header_row = f"{place} row {BODY_FROM[feed] - 1}"
    body = f"row {BODY_FROM[feed]}"

    def case(fault: str, words: str, spoil: Mutator, code: Code, where: str, found: str, value: str | None = None, **more: Any) -> Rejected:
        return Rejected(fault, words, feed, spoil, code, where, found, value, **more)

    return [
        case("A01", "0 bytes", instead(b""), "unreadable", "", "an empty file of 0 bytes", "0 字节的空文件"),
        case("A02", "a header and no body", without_body(feed), "body_empty", f"{place} {body}", "no row below the header", ""),
        case("A03", "cut off", raw(lambda content: content[: len(content) * 2 // 3]), "unreadable", "", "cut off or damaged"),
        case("A05", "a flipped bit", spoilt_largest_sheet, "unreadable", "", "damaged"),
        case("A06", "a web page", instead(HTML), "unreadable", "", "a web page"),
        case(
            "A06", "a CSV under the name of a workbook", instead("代码,数值\r\n1,2\r\n".encode("gb18030")), "unreadable", "", "a text file"
        ),
        case("A07", "an old .xls", instead(OLD_XLS), "unreadable", "", "an old .xls file"),
        case("A07", "a password", instead(LOCKED), "encrypted", "", "protected by a password", ""),
        case("A08", "a zip bomb", parts(with_bomb), "too_large", "", "bytes unpacked from"),
        case("A09", "a far cell", page(sheet, far_cell), "far_cell", f"{place} cell XFD900000", "900000 rows"),
        case("A11", "a DTD", parts(with_dtd), "unsafe_package", "", "a DTD in member xl/worksheets/sheet1.xml"),
        case("A14", "a member twice", _twice_in_zip, "unsafe_package", "", "sheet1.xml twice"),
        case("A15", "a member's name that leads out", parts(lambda m: m | {"xl/../../evil.xml": b"x"}), "unsafe_package", "", "leads out"),
        case("A16", "several files in one zip", raw(digital_envelope), "unreadable", "", "holding 报表.xlsx"),
        case("A22", "larger than the limit", raw(lambda content: content + b" "), "too_large", "", " bytes", None, largest=1000),
        case("A21", "a name without its day of receipt", raw(bytes), "file_name", "", "the name 无日期.xlsx", None, file="无日期.xlsx"),
        case("A21", "a day of receipt that is none", raw(bytes), "file_name", "", "20231332", None, file="20231332_表.xlsx"),
        case("C06", "a column twice", twice(feed), "column_duplicate", header_row, f"two columns named {plain}", plain),
        case("C09", "a column renamed", header(sheet, plain, "别的名称"), "column_missing", header_row, "别的名称", plain),
        case("C12", "a column dropped", dropped(feed), "column_missing", header_row, "columns ", plain),
        case("X02", "a formula never calculated", uncalculated(feed), "formula_uncalculated", f"{place} cell ", "a formula without"),
        case(
            "X02",
            "a formula stored as 0 by a writer that calculates nothing",
            zero_formula(feed),
            "formula_uncalculated",
            f"{place} cell ",
            "a formula without",
        ),
        case("X17", "a cell twice in its row", page(sheet, cell_twice(feed)), "unsafe_package", f"{place} cell ", "twice"),
        case("X05", "an amount merged over two rows", merged_amounts(feed), "body_merged", f"{place} rows ", "merged in column"),
        case("X06", "the sheet hidden", hidden(sheet), "sheet_missing", place, "a hidden sheet of that name"),
        case("X16", "the sheet renamed", renamed(sheet, "Sheet1"), "sheet_missing", place, "Sheet1"),
        case("X17", "Excel's last row reached", page(sheet, last_row), "far_cell", f"{place} cell A1048576", "1048576 rows"),
    ]


def _twice_in_zip(content: bytes) -> tuple[bytes, int]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    return zipped(members, "xl/worksheets/sheet1.xml"), 0


def title(sheet: str, text: str) -> Mutator:
    return page(sheet, lambda found: found.put(1, "A", text))


def unit(sheet: str, text: str | None) -> Mutator:
    def edit(found: Page) -> None:
        (column,) = [column for column in found.cells(2) if found.text(2, column).startswith("单位")]
        found.put(2, column, text)

    return page(sheet, edit)


def _beside(found: Page) -> None:
    for column, other in zip("ABCD", "GHIJ", strict=True):
        found.put(3, other, found.text(3, column))


def _other_periods(members: Parts) -> None:
    members["xl/sharedStrings.xml"] = members["xl/sharedStrings.xml"].replace(b">2023Q1<", b">2022Q4<")


GDP, INVESTMENT = "地区生产总值", "投资"
OF_ONE_WORKBOOK = [
    Rejected(
        "M03",
        "last quarter's title",
        "statistics",
        title(GDP, "2022年1-12月地区生产总值"),
        "period_mismatch",
        f"sheet {GDP} row 1",
        "2022Q4 in the title",
        "2022年1-12月地区生产总值",
    ),
    Rejected(
        "M02",
        "a title of two months",
        "statistics",
        title(GDP, "2023年1-2月地区生产总值"),
        "period_mismatch",
        f"sheet {GDP} row 1",
        "no period in the title",
        "2023年1-2月地区生产总值",
    ),
    Rejected(
        "M03",
        "a title without a period",
        "statistics",
        title(GDP, "地区生产总值"),
        "period_mismatch",
        f"sheet {GDP} row 1",
        "no period",
        "地区生产总值",
    ),
    Rejected(
        "M03",
        "the reference year of last year's annual table",
        "statistics",
        title("全社会研发", "2020年全社会研发情况"),
        "period_mismatch",
        "sheet 全社会研发 row 1",
        "2020 in the title",
        "2020年全社会研发情况",
        quarter="2022Q3",
    ),
    Rejected(
        "M03",
        "the ledger of another quarter",
        "ledger",
        parts(_other_periods),
        "period_mismatch",
        "sheet 台账 column 期间",
        "periods 2022Q4",
        "2022Q4",
    ),
    Rejected(
        "M01", "an unknown unit", "statistics", unit(GDP, "单位:美元"), "unit_unknown", f"sheet {GDP} rows 1 to 2", "unit 美元", "美元"
    ),
    Rejected("M01", "no unit", "statistics", unit(GDP, None), "unit_unknown", f"sheet {GDP} rows 1 to 2", "unit not stated", ""),
    Rejected(
        "C13",
        "a unit in a footnote instead of above",
        "statistics",
        unit(INVESTMENT, "数据来源:统计局"),
        "unit_unknown",
        f"sheet {INVESTMENT} rows 1 to 2",
        "unit not stated",
        "",
    ),
    Rejected(
        "X08",
        "two tables side by side",
        "statistics",
        page(GDP, _beside),
        "column_duplicate",
        f"sheet {GDP} row 3",
        "two columns named 行政区划代码",
        "行政区划代码, 地区, 本年累计, 同比增速(%)",
    ),
    Rejected(
        "X08",
        "a title above the header of a plain sheet",
        "ledger",
        page("台账", lambda found: found.put_row(1, {"A": inline("科技台账")})),
        "column_missing",
        "sheet 台账 row 1",
        "columns none of the contract's and 1 other texts",
        None,
    ),
    Rejected(
        "C12",
        "firms without title, unit and header",
        "statistics",
        page("规上企业", without_head),
        "column_missing",
        "sheet 规上企业",
        "no header row; the first rows hold none of the contract's and",
        None,
    ),
    Rejected(
        "X16",
        "the sheet in question there twice",
        "incubators",
        renamed("说明", "孵化载体 "),
        "sheet_duplicate",
        "sheet 孵化载体",
        "two sheets named 孵化载体",
        "孵化载体",
    ),
]


PACKAGE_CASES = [case for feed in WORKBOOKS for case in of_workbook(feed)] + OF_ONE_WORKBOOK
