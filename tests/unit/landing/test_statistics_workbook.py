"""The statistics workbook: what is accepted as it is, and what is rejected by name."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from landing_deliveries import GROWTH, REGIONS, YTD, Place

from pipelines.quarters import Quarter

Save = Callable[..., Path]
Book = openpyxl.Workbook


def retitled(sheet: str, title: str) -> Callable[[Book], None]:
    return lambda book: book[sheet].cell(1, 1, title)


def reunited(unit: str | None, sheet: str = "规上工业") -> Callable[[Book], None]:
    def change(book: Book) -> None:
        book[sheet].cell(2, 9).value = unit

    return change


def recelled(sheet: str, row: int, column: int, value: object, number_format: str = "General") -> Callable[[Book], None]:
    def change(book: Book) -> None:
        cell = book[sheet].cell(row, column)
        cell.value = value
        cell.number_format = number_format

    return change


def hide(sheet: str) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        book[sheet].sheet_state = "veryHidden"

    return change


def without_column(book: Book) -> None:
    sheet = book["规上企业"]
    sheet.delete_cols(9)
    sheet.cell(2, 8, "单位:千元")


def emptied(book: Book) -> None:
    book["地区生产总值"].delete_rows(4, 3)


def with_far_cell(book: Book) -> None:
    book["投资"].cell(1_048_576, 16_384, 1)


REJECTED = {
    "the title of another quarter": (retitled("投资", "2023年1-6月投资"), "period_mismatch", "投资", "2023Q2"),
    "the title of another year": (retitled("投资", "2022年1-9月投资"), "period_mismatch", "投资", "2022Q3"),
    "a title without a period": (retitled("投资", "固定资产投资"), "period_mismatch", "投资", "no period"),
    "a part of a quarter": (retitled("投资", "2023年1-8月投资"), "period_mismatch", "投资", "no period"),
    "an annual sheet of the same year": (retitled("全社会研发", "2023年研发"), "period_mismatch", "全社会研发", "2023"),
    "an unknown unit": (reunited("单位:百万元"), "unit_unknown", "规上工业", "百万元"),
    "no unit": (reunited(None), "unit_unknown", "规上工业", "not stated"),
    "a missing sheet": (lambda book: book.remove(book["投资"]), "sheet_missing", "投资", "规上工业, 地区生产总值"),
    "a required sheet hidden": (hide("投资"), "sheet_missing", "投资", "hidden"),
    "a missing column": (without_column, "column_missing", "规上企业", "工业增加值, 营业收入"),
    "a header text changed": (recelled("规上工业", 3, 3, "工业产值"), "column_missing", "规上工业", "工业产值 / 本年累计"),
    "no header at all": (recelled("地区生产总值", 3, 1, "代码"), "column_missing", "地区生产总值", "no header row"),
    "two columns of one name": (recelled("规上企业", 3, 8, "研发费用"), "column_duplicate", "规上企业", "研发费用"),
    "an empty body": (emptied, "body_empty", "地区生产总值", "no row"),
    "a formula that was never calculated": (recelled("投资", 6, 3, "=1+1"), "formula_uncalculated", "投资", "without a calculated value"),
    "a cell far away": (with_far_cell, "far_cell", "投资", "1048576 rows"),
}


@pytest.mark.parametrize("fault", REJECTED)
def test_a_broken_workbook_is_rejected_by_name_with_what_was_found(fault: str, place: Place, save_statistics: Save) -> None:
    change, code, sheet, found = REJECTED[fault]
    path = save_statistics(change)
    problem = place.reject("statistics")
    assert (problem.code, problem.file, problem.sheet) == (code, path.name, sheet)
    assert found in problem.found
    assert problem.expected
    assert "no delivery is in force" in problem.next_step
    assert not list((place.warehouse.landing).rglob("*.parquet"))
    (recorded,) = place.ledger.deliveries()
    assert not recorded.accepted
    assert recorded.problem
    assert recorded.problem["code"] == code
    assert (place.warehouse.archive / recorded.sha256[:2] / recorded.sha256).read_bytes() == path.read_bytes()


def test_an_uncalculated_formula_is_named_by_its_cell(place: Place, save_statistics: Save) -> None:
    save_statistics(recelled("投资", 6, 3, "=1+1"))
    assert place.reject("statistics").place == "cell C6"


def moved(book: Book) -> None:
    """Growth before level in the industry sheet, code and name swapped in the investment sheet."""
    for row in book["规上工业"].iter_rows(min_row=4, min_col=3, max_col=4):
        row[0].value, row[1].value = row[1].value, row[0].value
    sheet = book["地区生产总值"]
    for row in sheet.iter_rows(min_row=3, max_col=2):
        row[0].value, row[1].value = row[1].value, row[0].value


def wide_headers(book: Book) -> None:
    for sheet in book:
        for row in sheet.iter_rows(min_row=2, max_row=4):
            for cell in row:
                if isinstance(cell.value, str) and not isinstance(cell, openpyxl.cell.cell.MergedCell):
                    cell.value = (
                        cell.value.replace("(%)", "（％）").replace("单位:", "单位： ").replace("地区", " 地　区 ").replace("&", "＆")
                    )


def extra_sheets(book: Book) -> None:
    book.create_sheet("说明", 0).append(["读我"])
    book.create_sheet("旧表", 0).sheet_state = "hidden"


def extra_columns(book: Book) -> None:
    book["规上企业"].cell(3, 10, "备注")
    book["规上企业"].cell(4, 10, "x")


def blank_rows(book: Book) -> None:
    book["投资"].insert_rows(6)
    book["地区生产总值"].insert_rows(3)


def unmerged(book: Book) -> None:
    for sheet in book:
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))


def grouped_gdp(book: Book) -> None:
    sheet = book["地区生产总值"]
    sheet.insert_rows(3)
    for column, text in ((1, "行政区划代码"), (2, "地区"), (3, "地区生产总值")):
        sheet.cell(3, column, text)
    for column in (1, 2):
        sheet.cell(4, column).value = None
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    sheet.merge_cells("C3:D3")


def low_anchors(book: Book) -> None:
    """Code and name beside the columns of the groups, with nothing above them."""
    for name in ("规上工业", "投资"):
        sheet = book[name]
        unmerged_columns = [str(merged) for merged in sheet.merged_cells.ranges if merged.min_row == 3 and merged.min_col < 3]
        for merged in unmerged_columns:
            sheet.unmerge_cells(merged)
        for column in (1, 2):
            sheet.cell(4, column).value, sheet.cell(3, column).value = sheet.cell(3, column).value, None


ACCEPTED = {
    "as the contract says": lambda book: None,
    "columns in another order": moved,
    "full-width brackets, spaces and colons": wide_headers,
    "further sheets, one hidden": extra_sheets,
    "an extra column": extra_columns,
    "blank rows": blank_rows,
    "nothing merged": unmerged,
    "code and name in the lower header row": low_anchors,
    "a group over the columns of a sheet without": grouped_gdp,
    "en dash and full-width digits in the title": retitled("投资", "２０２３年１–９月投资"),
    "the period in words": retitled("投资", "2023年前三季度投资"),
    "a trailing blank in a sheet's name": lambda book: setattr(book["投资"], "title", "投资 "),
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_an_odd_but_legal_workbook_lands_the_same_values(kind: str, place: Place, save_statistics: Save) -> None:
    save_statistics(ACCEPTED[kind])
    (landed,) = place.land("statistics")
    assert landed.rows == {"enterprises": 2, "gdp": 3, "industry": 3, "investment": 3, "research": 3}
    row = place.rows("statistics", "industry")[2]
    assert row["region_code"] == "330108"
    assert (row["ind_va_ytd"], row["ind_va_growth"], row["revenue_ytd"], row["rd_expense_growth"]) == ("1000.5", "6.1", "9000", "-1.5")
    assert (row["unit"], row["period"], row["source_sheet"], row["source_row"]) == ("千元", "2023Q3", "规上工业", 7)
    investment = place.rows("statistics", "investment")[0]
    assert (investment["fai_ytd"], investment["fai_growth"], investment["ht_inv_ytd"]) == ("500", "-", "120.75")
    gdp = place.rows("statistics", "gdp")
    assert [(r["region_code"], r["gdp_ytd"], r["unit"]) for r in gdp] == [(code, "2023.5", "亿元") for code, _ in REGIONS]
    assert place.rows("statistics", "research")[0]["period"] == "2022"
    firms = place.rows("statistics", "enterprises")
    assert [(r["firm_name"], r["region_code"], r["ht_catalogue"]) for r in firms] == [
        ("甲公司", "330108", "2018"),
        ("注塑机公司", "330108", None),
    ]


def test_what_was_passed_over_is_noted(place: Place, save_statistics: Save) -> None:
    save_statistics(lambda book: (extra_sheets(book), extra_columns(book), blank_rows(book)))
    notes = " | ".join(place.land("statistics")[0].notes)
    for part in ("旧表 (hidden)", "说明", "extra columns ignored: 备注", "1 blank rows skipped", "footnotes from row 8"):
        assert part in notes
    assert " | ".join(place.land("statistics")[0].notes) == notes, "a run that has nothing to do still says so"


def test_the_annual_sheet_is_not_read_outside_third_quarters(place: Place) -> None:
    from landing_deliveries import statistics_book

    q2 = Quarter(2023, 2)
    book = statistics_book(q2)
    book.create_sheet("全社会研发").append(["旧"])
    book.save(place.drop("statistics", "20230720_统计.xlsx", q2))
    (landed,) = place.land("statistics", q2)
    assert "research" not in landed.rows
    assert "全社会研发" in " ".join(landed.notes)


def test_error_cells_and_percentages_are_kept_as_the_office_sees_them(place: Place, save_statistics: Save) -> None:
    def change(book: Book) -> None:
        recelled("规上工业", 5, 3, "#REF!")(book)
        recelled("规上工业", 6, 4, 0.125, "0.0%")(book)
        recelled("规上工业", 7, 4, 12.5, '0.0"%"')(book)

    save_statistics(change)
    place.land("statistics")
    rows = place.rows("statistics", "industry")
    assert rows[0]["ind_va_ytd"] == "#REF!"
    assert [row["ind_va_growth"] for row in rows] == ["6.1", "12.5%", "12.5"]


def test_a_truncated_workbook_is_unreadable(place: Place, save_statistics: Save) -> None:
    path = save_statistics()
    path.write_bytes(path.read_bytes()[:-2000])
    problem = place.reject("statistics")
    assert (problem.code, problem.found) == ("unreadable", "a workbook that is cut off or damaged")


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (b"", "unreadable", "0 bytes"),
        ("<html>系统繁忙</html>".encode(), "unreadable", "web page"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "unreadable", "old .xls"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted", "password"),
    ],
)
def test_a_file_that_is_no_workbook_is_named_for_what_it_is(content: bytes, code: str, found: str, place: Place) -> None:
    place.drop("statistics", "20231020_统计.xlsx").write_bytes(content)
    problem = place.reject("statistics")
    assert problem.code == code
    assert found in problem.found


def repacked(path: Path, change: Callable[[str, bytes], bytes | None], *, twice: str = "") -> None:
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            changed = change(name, content)
            if changed is not None:
                target.writestr(name, changed)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate"):
                target.writestr(twice, members[twice])


PACKAGES = {
    "no workbook part": ({"change": lambda name, content: None if name == "xl/workbook.xml" else content}, "unreadable", "xl/workbook.xml"),
    "a member twice": (
        {"change": lambda name, content: content, "twice": "xl/worksheets/sheet1.xml"},
        "unsafe_package",
        "sheet1.xml twice",
    ),
    "a DTD": (
        {"change": lambda name, content: content.replace(b"<worksheet", b"<!DOCTYPE x []><worksheet", 1) if "sheet2" in name else content},
        "unsafe_package",
        "DTD in member xl/worksheets/sheet2.xml",
    ),
    "too much inside": (
        {"change": lambda name, content: content + bytes(80 << 20) if "theme" in name else content},
        "too_large",
        "unpacked",
    ),
    "broken XML in a sheet": (
        {"change": lambda name, content: content.replace(b"</sheetData>", b"</sheetDatum>") if "sheet2" in name else content},
        "unreadable",
        "broken content",
    ),
}


@pytest.mark.parametrize("fault", PACKAGES)
def test_a_package_that_is_unsafe_or_broken_is_rejected(fault: str, place: Place, save_statistics: Save) -> None:
    arguments, code, found = PACKAGES[fault]
    repacked(save_statistics(), **arguments)
    problem = place.reject("statistics")
    assert problem.code == code
    assert found in problem.found


def test_headers_in_this_file_are_those_of_the_contract() -> None:
    assert (YTD, GROWTH) == ("本年累计", "同比增速(%)")
