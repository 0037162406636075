"""The two readers of workbooks agree, the child process is limited, and its death has a name."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_deliveries import Place, incubators_book, ledger_book, statistics_book

from pipelines.errors import DeliveryRejected
from pipelines.landing.workbook import child
from pipelines.landing.workbook.cells import cell_text, is_percent_format, number_text
from pipelines.landing.workbook.reader import WorkbookReader


@pytest.mark.parametrize(
    "book", [statistics_book(), incubators_book(), ledger_book(["2023Q3", 2023])], ids=["statistics", "incubators", "ledger"]
)
def test_both_readers_give_the_same_rows_of_an_ordinary_sheet(book: openpyxl.Workbook, tmp_path: Path) -> None:
    path = tmp_path / "book"
    book.save(path)
    assert child.rows_by_fast_reader(path, book.sheetnames) == child.rows_by_record_reader(path, book.sheetnames)


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e15, 1e15, allow_nan=False),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12).filter(lambda text: not text.startswith("=")),
)


@settings(max_examples=25)
@given(rows=st.lists(st.lists(values, min_size=1, max_size=5), min_size=1, max_size=8))
def test_both_readers_give_the_same_rows_of_any_values(rows: list[list[object]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "book"
    book = openpyxl.Workbook()
    for row in rows:
        book["Sheet"].append(row)
    book.save(path)
    assert child.rows_by_fast_reader(path, ["Sheet"]) == child.rows_by_record_reader(path, ["Sheet"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (330108.0, "330108"),
        (330108, "330108"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1.5e20, "150000000000000000000"),
        (-2.50, "-2.5"),
        (913301087654321098, "913301087654321098"),
    ],
)
def test_a_number_is_written_in_its_shortest_decimal_form(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (dt.datetime(2023, 9, 30), "2023-09-30"),
        (dt.datetime(2023, 9, 30, 8, 5), "2023-09-30 08:05:00"),
        ("", None),
        (" ", " "),
    ],
)
def test_other_values_are_written_as_the_landing_tables_say(value: object, text: str | None) -> None:
    assert cell_text(value) == text


def test_a_percent_sign_in_quotes_is_no_percent_format() -> None:
    assert is_percent_format("0.0%")
    assert not is_percent_format('0.0"%"')
    assert not is_percent_format("0.0\\%")


@pytest.mark.parametrize(("line", "ending"), [("os.abort()", "SIGABRT"), ("bytearray(3 << 30)", "exit code 1")])
def test_the_death_of_the_reading_process_is_a_named_rejection(
    line: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A reader that aborts or outgrows its memory is what a hostile workbook makes of ours; only the parent's side is ours here."""
    dying = f"import os\nfrom pipelines.landing.workbook import child\nchild.read_workbook = lambda path, wanted: {line}\nchild.main()\n"
    script = tmp_path / "dying.py"
    script.write_text(dying)
    path = tmp_path / "book"
    statistics_book().save(path)
    with WorkbookReader(program=[str(script)]) as reader:
        for _ in range(2):
            with pytest.raises(DeliveryRejected) as caught:
                reader.read(path, "20231020_统计.xlsx", ["投资"])
            assert caught.value.problem.code == "reader_died"
            assert ending in caught.value.problem.found


def test_reading_25_workbooks_costs_less_than_a_second_besides_their_rows(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "book"
    ledger_book(["2023Q3"]).save(path)
    with WorkbookReader() as reader:
        start = time.perf_counter()
        for _ in range(25):
            assert reader.read(path, "a.xlsx", ["台账"]).grids["台账"].height
        assert time.perf_counter() - start < 2.5, "measured 0.26 s in all; the bound leaves room for a loaded machine"
    assert os.path.exists(path)
