"""Wrong deliveries through the real command line: named, recorded, nothing published, and the way on is open.

Here: some deliveries that are rejected (all kinds of them: faults/), databases that do not answer, commands that ask for what is not there.
Not here: deliveries of which single rows are wrong (test_quarantined_rows.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipelines.delivery import Delivery
from pipelines.ledger import Ledger
from pipelines.receipts.keeping import receipt_files
from pipelines.warehouse import Warehouse
from tests import warm
from tests.conftest import Office
from tests.integration.broken_deliveries import RECEIVED, Contracts, copied, edited_workbook, newest, redelivered

QUARTER = "2023Q1"
PASSWORD = "geheim-7Q"


@dataclass(frozen=True)
class State:
    """What a run that stops must leave as it was: served editions, dbt's workshop, and the deliveries in force."""

    served: dict[str, str]
    workshop: str
    in_force: dict[tuple[str, str], Delivery]


def state_of(office: Office) -> State:
    editions = office.warehouse / "editions"
    served = {str(path.relative_to(editions)): digest(path) for path in sorted(editions.rglob("*")) if path.is_file()}
    assert "latest.json" in served
    return State(served, digest(office.warehouse / "warehouse.duckdb"), ledger_of(office).in_force())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ledger_of(office: Office) -> Ledger:
    return Ledger(f"sqlite:///{office.warehouse / 'ledger.sqlite'}")


def run(office: Office, *more: str, quarter: str = QUARTER, **settings: str) -> subprocess.CompletedProcess[str]:
    """A run of the office with further options or settings."""
    return warm.run(office, quarter, *more, **settings)


def only_error_line(finished: subprocess.CompletedProcess[str]) -> str:
    (line,) = finished.stderr.splitlines()
    assert line.startswith("error: "), line
    return line


@pytest.fixture
def office(small: Office, tmp_path: Path) -> Office:
    """A copy of the small office with 2023Q1 published, to be spoilt."""
    return copied(small, tmp_path)


def retitled(quarter: str, title: str) -> Callable[[Office], Path]:
    def edit(book: Workbook) -> None:
        assert "固定资产投资" in book["投资"]["A1"].value
        book["投资"]["A1"] = title

    return lambda office: edited_workbook(office, quarter, "statistics", edit)


def half_of_the_bytes(office: Office) -> Path:
    content = newest(office, QUARTER, "statistics").read_bytes()
    return redelivered(office, QUARTER, "statistics", content[: len(content) // 2])


def with_a_latin_1_name(office: Office) -> Path:
    export = Contracts(office, QUARTER)
    export.records[4]["买方名称"] = "Société Générale"
    delivered = export.deliver("utf-8")
    delivered.write_bytes(delivered.read_bytes().replace("Société Générale".encode(), "Société Générale".encode("latin-1")))
    return delivered


@dataclass(frozen=True)
class Reject:
    """A delivery that breaks its contract: how it comes about, and what the error line must say of it."""

    feed: str
    deliver: Callable[[Office], Path]
    code: str
    where: str
    found: str
    expected: str
    quarter: str = QUARTER


REJECTS = {
    "wrong period inside the workbook": Reject(
        "statistics",
        retitled("2023Q1", "2023年1-6月固定资产投资完成情况"),
        "period_mismatch",
        "sheet 投资 row 1",
        "2023Q2 in the title '2023年1-6月固定资产投资完成情况'",
        "2023Q1, as the folder 2023Q1 says",
    ),
    "wrong period in a re-delivery of an earlier quarter": Reject(
        "statistics",
        retitled("2022Q2", "2023年1-6月固定资产投资完成情况"),
        "period_mismatch",
        "sheet 投资 row 1",
        "2023Q2 in the title",
        "2022Q2, as the folder 2022Q2 says",
        quarter="2022Q2",
    ),
    "truncated workbook": Reject("statistics", half_of_the_bytes, "unreadable", "", "a workbook that is cut off or damaged", "workbook"),
    "CSV with latin-1 bytes": Reject("contracts", with_a_latin_1_name, "encoding", "line 6 byte ", "bytes e9", "GB18030 to its end"),
}


@pytest.mark.parametrize("reject", REJECTS.values(), ids=REJECTS.keys())
def test_a_delivery_that_breaks_its_contract_is_named_and_recorded_and_changes_nothing(office: Office, reject: Reject) -> None:
    before = state_of(office)
    predecessor = newest(office, reject.quarter, reject.feed)
    broken = reject.deliver(office)

    finished = run(office)

    assert finished.returncode == 20, finished.stdout + finished.stderr
    line = only_error_line(finished)
    place, _, facts = line.partition(": found ")
    found, _, rest = facts.partition("; expected ")
    expected, _, next_step = rest.partition("; next: ")
    assert place.startswith(f"error: {reject.code}: {broken.name} {reject.where}".rstrip()), line
    assert reject.found in found
    assert reject.expected in expected
    assert f"{predecessor.name} stays in force" in next_step
    assert f"take {reject.quarter}/{reject.feed}/{broken.name} out of the drop folder" in next_step
    assert "transform" not in finished.stdout

    assert state_of(office) == before
    assert before.in_force[reject.quarter, reject.feed].file_name == predecessor.name
    ledger = ledger_of(office)
    (recorded,) = [delivery for delivery in ledger.deliveries(reject.quarter) if delivery.file_name == broken.name]
    assert (recorded.accepted, recorded.sha256, recorded.feed) == (False, digest(broken), reject.feed)
    assert recorded.problem is not None
    assert recorded.problem["code"] == reject.code
    assert reject.found in recorded.problem["found"]
    archived = office.warehouse / "archive" / recorded.sha256[:2] / recorded.sha256
    assert archived.read_bytes() == broken.read_bytes(), "what was rejected is kept as it came"
    ledger.verify()


def test_a_rejected_file_taken_out_of_the_drop_folder_lets_the_run_go_on(office: Office) -> None:
    before = state_of(office)
    broken = half_of_the_bytes(office)
    assert run(office).returncode == 20
    assert run(office).returncode == 20, "it stops every run while it lies there"
    assert sum(delivery.file_name == broken.name for delivery in ledger_of(office).deliveries()) == 1, "one rejection, one record"
    broken.unlink()

    finished = run(office)

    assert finished.returncode == 0, finished.stderr
    assert "no new edition" in finished.stdout
    after = state_of(office)
    assert (after.served, after.in_force) == (before.served, before.in_force)


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_tax_database_that_does_not_answer_stops_the_run_without_showing_the_password(office: Office) -> None:
    before = state_of(office)
    address = f"127.0.0.1:{closed_port()}/tax"
    finished = run(office, "--tax-url", f"postgresql+psycopg://reader:{PASSWORD}@{address}")
    assert finished.returncode == 30, finished.stderr
    line = only_error_line(finished)
    assert f"tax database unreachable: postgresql+psycopg://reader:***@{address}: found " in line
    assert "expected a database that answers" in line
    assert "next: check I315_TAX_URL" in line
    assert PASSWORD not in finished.stdout + finished.stderr
    assert state_of(office) == before
    told = [path for path in office.warehouse.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert told == [], "neither logs nor run history keep a password"


def test_a_missing_sqlite_file_stops_the_run_and_is_not_made(office: Office) -> None:
    before = state_of(office)
    missing = office.cwd / "nowhere.sqlite"
    finished = run(office, "--tax-url", f"sqlite:///{missing}")
    assert finished.returncode == 30, finished.stderr
    assert f"tax database unreachable: sqlite:///{missing}: found " in only_error_line(finished)
    assert not missing.exists()
    assert state_of(office) == before


@pytest.mark.parametrize(
    ("quarter", "settings", "named"),
    [
        ("2023Q5", {}, "'2023Q5'; expected the form 2023Q3"),
        ("2099Q1", {}, "not a quarter of this system: found 2099Q1; expected 2019Q1 to "),
        ("2023Q1..2022Q1", {}, "2023Q1..2022Q1; expected the earlier one first"),
        ("2023Q1", {"I315_DATARAW": "/data"}, "unknown setting: found I315_DATARAW; expected one of I315_ACTOR, I315_AUDIT_ADDRESS, "),
    ],
)
def test_what_no_run_can_be_asked_for_is_a_usage_error(small: Office, quarter: str, settings: dict[str, str], named: str) -> None:
    finished = run(small, quarter=quarter, **settings)
    assert finished.returncode == 2
    assert named in only_error_line(finished)


def test_a_misspelt_feed_folder_is_a_usage_error_and_not_a_missing_delivery(office: Office) -> None:
    before, entries = state_of(office), len(ledger_of(office).entries())
    (office.data_raw / QUARTER / "contracts").rename(office.data_raw / QUARTER / "contract")
    finished = run(office)
    assert finished.returncode == 2, finished.stderr
    expected = "expected deliveries in one of the folders statistics, contracts, incubators, ledger; next: "
    assert f"found {office.data_raw / QUARTER / 'contract'}; {expected}" in only_error_line(finished)
    assert (state_of(office), len(ledger_of(office).entries())) == (before, entries)


def test_an_empty_drop_folder_is_a_usage_error_and_no_empty_edition(small: Office, tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    shutil.copyfile(small.data_raw / "tax.sqlite", tmp_path / "drop" / "tax.sqlite")
    empty = Office(tmp_path / "drop", tmp_path / "warehouse", tmp_path)
    finished = run(empty)
    assert finished.returncode == 2, finished.stderr
    line = only_error_line(finished)
    assert f"nothing was delivered: found no accepted delivery for {QUARTER} in {empty.data_raw}" in line
    assert not (empty.warehouse / "editions").exists()


def test_verbose_shows_where_a_rejection_came_from_and_ends(office: Office) -> None:
    """The trace goes through Dagster's frames; rich's rendering of it never ended."""
    newest(office, QUARTER, "contracts").rename(office.data_raw / QUARTER / "contracts" / "nameless.csv")
    finished = run(office, "--verbose")
    assert finished.returncode == 20
    assert "Traceback (most recent call last)" in finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("error: file_name: nameless.csv")


def spoilt_in_every_feed(office: Office) -> list[str]:
    """A fault in each of the five feeds; the codes of their rejections."""
    half_of_the_bytes(office)
    with_a_latin_1_name(office)
    os.mkfifo(office.data_raw / QUARTER / "incubators" / f"{RECEIVED}_孵化.xlsx")
    (office.data_raw / QUARTER / "ledger" / f"{RECEIVED}_台账.xlsx").symlink_to(newest(office, QUARTER, "ledger").name)
    with sqlite3.connect(office.data_raw / "tax.sqlite") as tax:
        tax.execute("drop table sb_yfjjkc")
    tax.close()
    return ["encoding", "not_a_file", "not_a_file", "table_missing", "unreadable"]


def codes_of(finished: subprocess.CompletedProcess[str]) -> list[str]:
    return sorted(line.removeprefix("error: ").split(":")[0] for line in finished.stderr.splitlines())


def test_a_rejection_hides_none_of_the_other_feeds_and_each_gets_its_record_and_receipt(office: Office) -> None:
    before, codes = state_of(office), spoilt_in_every_feed(office)
    finished = run(office)
    assert finished.returncode == 20, finished.stderr
    assert codes_of(finished) == codes
    refused = [each for each in ledger_of(office).deliveries(QUARTER) if not each.accepted]
    assert sorted(each.feed for each in refused) == ["contracts", "incubators", "ledger", "statistics", "tax"]
    assert all(path.exists() for each in refused for path in receipt_files(Warehouse(office.warehouse), each))
    assert state_of(office) == before
    again = run(office)
    assert (again.returncode, codes_of(again)) == (20, codes)
    assert len([each for each in ledger_of(office).deliveries(QUARTER) if not each.accepted]) == len(refused), "recorded once"


def test_a_database_that_does_not_answer_and_a_rejection_are_both_told_and_the_run_ends_as_for_lost_infrastructure(office: Office) -> None:
    with_a_latin_1_name(office)
    finished = run(office, "--tax-url", f"sqlite:///{office.cwd / 'nowhere.sqlite'}")
    assert finished.returncode == 30, finished.stderr
    assert codes_of(finished) == ["encoding", "tax database unreachable"]
    assert [each.feed for each in ledger_of(office).deliveries(QUARTER) if not each.accepted] == ["contracts"]


def test_a_plan_refuses_and_names_what_the_run_would_and_opens_no_pipe(office: Office) -> None:
    os.mkfifo(office.data_raw / QUARTER / "incubators" / f"{RECEIVED}_孵化.xlsx")
    planned = run(office, "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert f"{RECEIVED}_孵化.xlsx" in planned.stdout
    assert "a named pipe" in planned.stdout
    feed = office.data_raw / QUARTER / "contracts"
    feed.rename(office.cwd / "elsewhere")
    feed.symlink_to(office.cwd / "elsewhere")
    for option in ((), ("--dry-run",)):
        finished = run(office, *option)
        assert finished.returncode == 2
        assert f"found {feed}, which is no folder of its own" in finished.stderr
