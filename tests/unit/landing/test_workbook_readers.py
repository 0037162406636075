"""The two readers of workbooks agree, the child process is limited, and its death has a name."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_deliveries import incubators_book, ledger_book, statistics_book

from pipelines.errors import DeliveryRejected, InfrastructureError
from pipelines.landing.workbook import child
from pipelines.landing.workbook.cells import cell_text, is_percent_format, number_text
from pipelines.landing.workbook.number_formats import shown_otherwise
from pipelines.landing.workbook.reader import WorkbookReader
from pipelines.settings import PROJECT


@pytest.mark.parametrize(
    "book", [statistics_book(), incubators_book(), ledger_book(["2023Q3", 2023])], ids=["statistics", "incubators", "ledger"]
)
def test_both_readers_give_the_same_rows_of_an_ordinary_sheet(book: openpyxl.Workbook, tmp_path: Path) -> None:
    path = tmp_path / "book"
    book.save(path)
    assert child.rows_by_fast_reader(path, book.sheetnames) == child.rows_by_record_reader(path, book.sheetnames)[0]


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
    assert child.rows_by_fast_reader(path, ["Sheet"]) == child.rows_by_record_reader(path, ["Sheet"])[0]


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


@pytest.mark.parametrize(("line", "ending"), [("os.abort()", "SIGABRT"), ("bytearray(3 << 30)", "exit code 3")])
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


def test_all_workbooks_of_a_landing_are_read_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    begin = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **more: started.append(1) or begin(*arguments, **more))
    path = tmp_path / "book"
    ledger_book(["2023Q3"]).save(path)
    with WorkbookReader() as reader:
        for _ in range(25):
            assert reader.read(path, "a.xlsx", ["台账"]).grids["台账"].height
    assert len(started) == 1, "starting a reader costs more than reading a workbook"


@pytest.mark.parametrize(
    "line", ["os.kill(os.getpid(), 9)", "(_ for _ in ()).throw(OSError(28, 'No space left on device'))"], ids=["killed", "no room"]
)
def test_a_reader_that_the_machine_ends_is_no_fault_of_the_office(line: str, tmp_path: Path) -> None:
    script = tmp_path / "dying.py"
    script.write_text(
        f"import os\nfrom pipelines.landing.workbook import child\nchild.read_workbook = lambda path, wanted: {line}\nchild.main()\n"
    )
    path = tmp_path / "book"
    statistics_book().save(path)
    with WorkbookReader(program=[str(script)]) as reader, pytest.raises(InfrastructureError, match=r"workbook reader: a\.xlsx"):
        reader.read(path, "a.xlsx", ["投资"])


def test_a_limit_of_the_machine_below_our_own_is_no_fault_of_the_office(tmp_path: Path) -> None:
    path = tmp_path / "book"
    statistics_book().save(path)
    code = (
        "import resource, sys; from pathlib import Path; from pipelines.landing.workbook.reader import WorkbookReader\n"
        "from pipelines.errors import Failure\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
        "with WorkbookReader() as reader:\n"
        "    try: reader.read(Path(sys.argv[1]), 'a.xlsx', ['规上工业', '投资', '地区生产总值', '规上企业'])\n"
        "    except Failure as error: print(type(error).__name__, error.exit_code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "InfrastructureError 30", done.stderr


@pytest.mark.parametrize(
    ("number_format", "value", "shown"),
    [
        ("0!.0,", 1383000, "138.3"),
        ('0,"千元"', 1383000, "1383千元"),
        ("0.0,,", 1383000, "1.4"),
        ("#,##0,", 1383000, "1383"),
        (r"0\.0,", 13830, "1.4"),
        ("[>=10000]0!.0,;0", 12000, "1.2"),
        ("0‰", 85, "85‰"),
        ('0"1"', 85, "851"),
        ('0"万元"', 85, "85万元"),
        (";;;", 85, "空白"),
        ('"已核实"', 85, "已核实"),
        ("aaaa", 85, "aaaa"),
    ],
)
def test_a_format_that_shows_another_number_is_told_with_what_it_shows(number_format: str, value: float, shown: str) -> None:
    assert shown_otherwise(number_format, value) == shown


@pytest.mark.parametrize(
    ("number_format", "value"),
    [
        *((code, 1234.5) for code in ("General", "@", "0", "0.00", "#,##0.00_ ", "[Red]0", "0.00E+00", "# ?/?", "[$-804]0.0", '0"家"')),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 1234.5),
        ("¥#,##0.00", 1234.5),
        ("0_);(0)", -3),
        ("0.0_);[Red](0.0)", -5.5),
        ("[>=10000]0!.0,;0", 85),
        ("General", 0),
    ],
)
def test_a_format_that_rounds_groups_or_colours_shows_the_stored_number(number_format: str, value: float) -> None:
    assert shown_otherwise(number_format, value) is None
