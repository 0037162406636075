"""A sheet read at once has the rows that the other readers give, or is left to them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from itertools import zip_longest
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_deliveries import incubators_book, ledger_book, statistics_book

from pipelines.landing.workbook import child, tags
from pipelines.landing.workbook.at_once import columns_at_once, sheet_parts
from pipelines.landing.workbook.package import Package
from pipelines.landing.workbook.tags import NotUsual, shared_texts
from pipelines.sample.workbooks import write_cells

ROWS: list[list[object]] = [
    ["行政区划代码", " 名称 ", "金额"],
    ["330108", "A&B <公司> \"甲\" '乙'", 7308775, dt.date(2023, 9, 30)],
    [],
    ["330109", None, 0.8, dt.date(1900, 3, 1), -2.5],
    ["\u3000", "", 1e-7, dt.date(9999, 12, 31), 123456789012345, 0],
    [None, None, None, None, None, None, None],
]
values = st.one_of(
    st.none(),
    st.integers(-(10**16), 10**16),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(dt.date(1900, 1, 1), dt.date(2050, 1, 1)),
    st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=12),
    st.text("&<>'\"_x0041 \n;ab注", max_size=12),
)


def by_xlsxwriter(rows: list[list[object]], path: Path, *, is_streamed: bool) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": is_streamed, "default_date_format": "yyyy-mm-dd", "in_memory": not is_streamed}
    )
    sheet = book.add_worksheet("Sheet")
    for number, row in enumerate(rows):
        write_cells(sheet, number, row)
    book.close()


def by_openpyxl(rows: list[list[object]], path: Path) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book["Sheet"].append(row)
    for cells in book["Sheet"].iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    book.save(path)


def at_once(path: Path) -> list[list[str | None]]:
    package = Package(path)
    xml = package.read(package.sheets()[0].part)
    body, _ = sheet_parts(xml)
    shared = package.shared_strings()
    columns = columns_at_once(xml, body, package.styles(), shared_texts(shared) if b"<si>" in shared else None)
    assert all(column.type == pa.string() for column in columns)
    rows = [list(row) for row in zip_longest(*(column.to_pylist() for column in columns))]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


WRITERS = {
    "xlsxwriter": lambda rows, path: by_xlsxwriter(rows, path, is_streamed=False),
    "xlsxwriter, streamed": lambda rows, path: by_xlsxwriter(rows, path, is_streamed=True),
    "openpyxl": by_openpyxl,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("chunk", [600, tags.CHUNK], ids=["in pieces", "whole"])
def test_what_programs_write_is_read_at_once(writer: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "CHUNK", chunk)
    WRITERS[writer](ROWS * 4, tmp_path / "book")
    assert at_once(tmp_path / "book") == child.rows_by_fast_reader(tmp_path / "book", ["Sheet"])["Sheet"]


@settings(max_examples=40)
@given(rows=st.lists(st.lists(values, min_size=1, max_size=4), min_size=1, max_size=6), writer=st.sampled_from(sorted(WRITERS)))
def test_a_sheet_at_once_has_the_rows_of_the_fast_reader(
    rows: list[list[object]], writer: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "book"
    WRITERS[writer](rows, path)
    try:
        found = at_once(path)
    except NotUsual:
        return
    assert found == child.rows_by_fast_reader(path, ["Sheet"])["Sheet"]


USUAL = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t>甲</t></is></c><c r="C1"/></row><row r="3"/>'


def with_body(body: str, path: Path) -> Path:
    by_xlsxwriter([[1]], path, is_streamed=False)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                start, end = content.find(b"<sheetData>"), content.find(b"</sheetData>")
                content = content[:start] + b"<sheetData>" + body.encode() + content[end:]
            target.writestr(name, content)
    return path


def test_cells_and_rows_that_are_not_there_are_blank(tmp_path: Path) -> None:
    assert at_once(with_body(USUAL, tmp_path / "book")) == [["1", "甲"]]


@pytest.mark.parametrize(
    ("usual", "odd"),
    [
        ("<v>1</v>", "<f>1+0</f><v>1</v>"),
        ("<v>1</v>", "<v>1 </v>"),
        ("<v>1</v>", "<v></v>"),
        ("<v>1</v>", "<v>1_0</v>"),
        ("<v>1</v>", "<v>1234567890123456</v>"),
        ("<v>1</v>", "<!-- --><v>1</v>"),
        ("<v>1</v>", "<x:v>1</x:v>"),
        ('r="A1"', 'r="A1" t="e"'),
        ('r="A1"', 'r="A1" t="b"'),
        ('r="A1"', 'r="A1" t="str"'),
        ('r="A1"', 'r="A1" t="s"'),
        ('r="A1"', 'r="A1" s="7"'),
        ('r="A1"', 'r="A2"'),
        ('r="A1"', 'r="A01"'),
        ('r="A1"', 'r="a1"'),
        ('r="A1"', 'r="B1"'),
        ('r="A1"', "r='A1'"),
        ('r="A1"', 'r="AAA1"'),
        ('<c r="A1"', "<c"),
        ('row r="1"', 'row r="1" hidden="1"'),
        ('row r="1"', "row"),
        ('row r="1"', 'row r="4"'),
        ('<row r="3"/>', '<row r="12345678"/>'),
        ('<row r="3"/>', '<row r="1"/>'),
        ('<row r="3"/>', '<c r="D1"/>'),
        ("</row>", "</row>\n"),
        ("甲", "<![CDATA[甲]]>"),
        ("甲", " 甲"),
        ("甲", "&#65;"),
        ("甲", "&nbsp;"),
        ("甲", "&"),
        ("甲", "_x0041_"),
        ("甲", "甲\r\n乙"),
        ("甲", "甲>乙"),
        ("<t>甲</t>", "<r><t>甲</t></r>"),
        ("<t>甲</t>", "<t>甲</t><t>乙</t>"),
        ("<t>", '<t xml:space="default">'),
        ("</is></c>", "</is>"),
    ],
)
def test_what_is_written_otherwise_is_left_to_the_other_readers(usual: str, odd: str, tmp_path: Path) -> None:
    assert usual in USUAL
    with pytest.raises(NotUsual):
        at_once(with_body(USUAL.replace(usual, odd, 1), tmp_path / "book"))


def test_how_a_shared_text_sounds_is_none_of_it() -> None:
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<sst count="1">'
    sound = b'<phoneticPr fontId="1" type="noConversion"/>'
    assert shared_texts(head + "<si><t>甲</t>".encode() + sound + b"</si></sst>").to_pylist() == ["甲"]
    with pytest.raises(NotUsual):
        shared_texts(head + "<si><rPh><t>jia</t></rPh><t>甲</t></si></sst>".encode())


@pytest.mark.parametrize(
    "book", [statistics_book(), incubators_book(), ledger_book(["2023Q3"])], ids=["statistics", "incubators", "ledger"]
)
def test_a_workbook_of_large_sheets_is_read_like_one_of_small_ones(
    book: openpyxl.Workbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book"
    book.save(path)
    small, none = child.read_workbook(path, book.sheetnames)
    assert not none
    monkeypatch.setattr(child, "LARGE", 0)
    large, columns = child.read_workbook(path, book.sheetnames)
    assert len(columns) == sum(grid["rows"] is None for grid in large["grids"].values()) > 0
    given_columns = iter(columns)
    for name, grid in large["grids"].items():
        told = small["grids"][name]
        assert (grid["merges"], grid["notes"]) == (told["merges"], told["notes"])
        if grid["rows"] is None:
            assert [column.to_pylist() for column in next(given_columns)] == [list(column) for column in zip_longest(*told["rows"])]
