"""Files that differ are told apart by the first row that differs."""

from __future__ import annotations

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.reproduction.comparing import compare, compare_fields


def parquet(*values: int) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table({"value": list(values)}), content)
    return content.getvalue()


def workbook(*rows: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), "<sheetData>" + "".join(f"<row {row}/>" for row in rows))
    return content.getvalue()


def test_equal_bytes_are_the_same() -> None:
    assert compare("scores.csv", b"a\n1\n", b"a\n1\n").is_same


def test_a_text_file_names_the_first_line_that_differs_or_is_missing() -> None:
    assert compare("scores.csv", b"a\n1\n2\n", b"a\n1\n3\n").difference == "line 3: published '2', computed '3'"
    assert compare("scores.csv", b"a\n1", b"a").difference == "line 2: published '1', computed 'nothing'"


def test_parquet_and_workbook_name_the_row() -> None:
    assert compare("scores.parquet", parquet(1, 2), parquet(1, 3)).difference.startswith("row 2: published '{\"value\": 2}'")
    assert compare("board.xlsx", workbook("a", "b"), workbook("a", "c")).difference.startswith(
        "xl/worksheets/sheet1.xml: row 2: published 'b/>'"
    )


def test_a_file_that_is_missing_or_cannot_be_read_is_told_as_such() -> None:
    assert compare("scores.csv", None, b"a").difference == "found no such file in the edition"
    assert compare("scores.parquet", b"no parquet", parquet(1)).difference.startswith("found a file that cannot be read: ArrowInvalid")
    assert compare("board.xlsx", b"no workbook", workbook("a")).difference.startswith("found a file that cannot be read: BadZipFile")


def test_only_fields_that_the_edition_has_are_compared() -> None:
    assert compare_fields("manifest.json", {"a": 1}, {"a": 1, "b": 2}).is_same
    assert compare_fields("manifest.json", {"a": 1, "c": [1]}, {"a": 1, "c": [2]}).difference == "field c: published '[1]', computed '[2]'"
