"""Splitting CSV text into records: the quick way and the strict way give the same, whatever is in the text."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.landing import csv_records
from pipelines.landing.csv_records import BrokenRecordError, read_header, read_records

fields = st.text(st.sampled_from(['"', ",", "\n", "甲", "𠮷", " ", "x", "1"]), max_size=5)


def split(text: str, width: int, block: int) -> list[tuple[int, int, list[str | None]]]:
    """Every record as (line, number of fields, fields)."""
    original, csv_records.BLOCK = csv_records.BLOCK, block
    try:
        found = list(read_records(io.BytesIO(text.encode()), 1, width))
    finally:
        csv_records.BLOCK = original
    return [
        (line, fields, [column[index].as_py() for column in records.columns])
        for records in found
        for index, (line, fields) in enumerate(zip(records.lines.to_pylist(), records.widths.to_pylist(), strict=True))
    ]


@given(st.lists(st.lists(fields, min_size=1, max_size=4), max_size=8), st.sampled_from(["\n", "\r\n"]), st.sampled_from([1, 7, 1 << 20]))
@example([["a", "b", "c"], ["", "", ""], ["d", "e", "f"]], "\n", 1 << 20)
def test_what_a_writer_wrote_is_read_back_in_blocks_of_any_size(rows: list[list[str]], end: str, block: int) -> None:
    sink = io.StringIO()
    csv.writer(sink, lineterminator=end).writerows(rows)
    text = sink.getvalue()
    line, expected = 1, []
    for row in rows:
        if any(row):
            expected.append((line, len(row), [*[cell or None for cell in row], None, None, None][:3]))
        line += sum(cell.count("\n") for cell in row) + 1
    assert split(text, 3, block) == expected


@given(st.text(st.sampled_from(['"', ",", "\n", "\r", "甲", "x"]), max_size=30), st.sampled_from([1, 7]))
def test_any_text_is_read_the_same_in_small_and_in_large_blocks(text: str, block: int) -> None:
    def outcome(size: int) -> object:
        try:
            return split(text, 2, size)
        except BrokenRecordError as error:
            return error.line

    whole = outcome(1 << 20)
    try:
        records = [record for record in csv.reader(io.StringIO(text, newline="\n"), strict=True) if any(record)]
    except csv.Error:
        assert isinstance(whole, int)
    else:
        assert [width for _, width, _ in whole] == [len(record) for record in records]  # type: ignore[attr-defined]
    assert outcome(block) == whole


def test_a_quote_without_end_is_named_by_the_line_where_its_record_starts() -> None:
    with pytest.raises(BrokenRecordError) as caught:
        split('a,b\n"c,d\n' + "e,f\n" * 100_000, 2, 1 << 10)
    assert caught.value.line == 2


def test_the_header_is_the_first_record_that_is_not_blank() -> None:
    text = io.BytesIO(b"\r\n\r\na,b\r\n1,2\r\n")
    assert read_header(text) == (3, ["a", "b"])
    assert text.read() == b"1,2\r\n"
