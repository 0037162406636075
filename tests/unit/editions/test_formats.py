"""CSV and Parquet as editions.md promises them."""

from __future__ import annotations

import datetime as dt
import io
import math

import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.editions.formats import TableUnfit, cell_text, csv_bytes, from_rows, number_text, parquet_bytes
from pipelines.editions.schema import FINDINGS, RANKING, TARGETS
from tests.small_warehouse import tables

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


@given(DOUBLES)
def test_a_number_reads_back_as_the_same_double_and_has_no_exponent(number: float) -> None:
    text = number_text(number)
    assert "e" not in text.lower()
    assert float(text) == number


@pytest.mark.parametrize(
    ("number", "text"), [(12.0, "12"), (-0.0, "0"), (235.98, "235.98"), (1e-7, "0.0000001"), (1e16, "10000000000000000"), (-1.5, "-1.5")]
)
def test_a_number_has_one_short_spelling(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@sum", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert cell_text(text) == "'" + text


def test_numbers_dates_and_flags_are_not_neutralised() -> None:
    assert [cell_text(cell) for cell in (-1.5, -3, dt.date(2023, 9, 30), True, None)] == ["-1.5", "-3", "2023-09-30", "true", ""]


def test_a_csv_starts_with_the_mark_and_its_header_and_ends_lines_with_line_feeds() -> None:
    content = csv_bytes(RANKING, from_rows(RANKING, tables(4)["ranking"]))
    assert content.startswith(b"\xef\xbb\xbfruleset,region_code,region_name,city_name,total,")
    assert b"\r" not in content
    assert content.endswith(b"\n")


def test_text_with_commas_quotes_and_line_breaks_survives_csv() -> None:
    wild = 'a,b"c"\nd\re'
    row = {
        "rule": "R",
        "severity": "info",
        "subject": wild,
        "passed": True,
        "observed": None,
        "expected": "",
        "count": 0,
        "reason": "",
        "waiver": "",
    }
    read = pcsv.read_csv(
        io.BytesIO(csv_bytes(FINDINGS, from_rows(FINDINGS, [row]))), parse_options=pcsv.ParseOptions(newlines_in_values=True)
    )
    assert read["subject"].to_pylist() == [wild]


def test_the_order_of_rows_given_does_not_change_a_byte() -> None:
    rows = tables(4)["ranking"]
    forward, backward = from_rows(RANKING, rows), from_rows(RANKING, rows[::-1])
    assert csv_bytes(RANKING, forward) == csv_bytes(RANKING, backward)
    assert parquet_bytes(RANKING, forward) == parquet_bytes(RANKING, backward)


def test_parquet_and_csv_hold_the_same_numbers() -> None:
    content = from_rows(RANKING, tables(4)["ranking"])
    read = pq.read_table(io.BytesIO(parquet_bytes(RANKING, content)))
    assert read.to_pylist() == content.to_pylist()
    assert pcsv.read_csv(io.BytesIO(csv_bytes(RANKING, content)))["total"].to_pylist() == content["total"].to_pylist()


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(TableUnfit, match="finite"):
        from_rows(TARGETS, [tables(4)["targets"][0] | {"completion": number}])


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(TableUnfit, match="two rows"):
        from_rows(TARGETS, tables(4)["targets"] * 2)


def test_a_required_cell_without_content_is_refused_by_its_row() -> None:
    first, second, *others = tables(4)["ranking"]
    with pytest.raises(TableUnfit, match=f"{second['region_code']}.*: found no region_name;"):
        from_rows(RANKING, [first, second | {"region_name": None}, *others])
