"""The system's own state on a real PostgreSQL: the ledger keeps its promises there, and Dagster's history of runs lies there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster import DagsterRunStatus

from pipelines.doctor import databases, locks
from pipelines.errors import InfrastructureError, LedgerBroken, UsageError
from pipelines.ledger import Ledger
from pipelines.processes import PROCESS_TAG
from pipelines.runs import end_orphaned_runs, instance_of
from pipelines.warehouse import Warehouse
from tests import postgresql
from tests.postgresql import PASSWORD

GONE = "1/1/another-boot"
pytestmark = postgresql.NEEDED


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A fresh server's URL."""
    with postgresql.server("i315") as url:
        yield url


@pytest.fixture
def address(server: str) -> str:
    """The server without a ledger."""
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists ledger, ledger_end")
    engine.dispose()
    return server


def append(ledger: Ledger, subject: str) -> None:
    ledger.append("verdict", quarter="2023Q3", subject=subject, payload={"说": subject}, actor="tester")


def execute(address: str, statement: str) -> None:
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_two_writers_at_once_that_both_make_the_tables_keep_one_chain(address: str) -> None:
    def write(writer: int) -> None:
        ledger = Ledger(address)
        for number in range(25):
            append(ledger, f"{writer}-{number}")

    with ThreadPoolExecutor(2) as two:
        list(two.map(write, range(2)))
    reader = Ledger(address, is_reader=True)
    assert reader.verify() == 50
    assert {entry.subject for entry in reader.entries()} == {f"{writer}-{number}" for writer in range(2) for number in range(25)}


def test_names_as_long_as_a_disk_allows_are_recorded(address: str) -> None:
    ledger = Ledger(address)
    append(ledger, "contracts/" + "x" * 255)
    assert ledger.verify() == 1


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("update ledger set payload = '{}' where seq = 2", "ledger line 2: found content that does not give its hash"),
        ("delete from ledger where seq = 2", "ledger line 2: found no such line"),
        ("delete from ledger where seq = 3", "ledger line 3: found no such line; expected one before the end"),
    ],
)
def test_what_is_changed_on_the_server_is_named(address: str, statement: str, fault: str) -> None:
    ledger = Ledger(address)
    for subject in "abc":
        append(ledger, subject)
    execute(address, statement)
    with pytest.raises(LedgerBroken, match=fault):
        Ledger(address, is_reader=True).verify()


def test_an_account_that_may_only_add_lines_is_enough_to_write(address: str) -> None:
    """With the rights of docs/deploying.md the server itself refuses what the chain would only notice."""
    append(Ledger(address), "first")
    execute(address, "drop role if exists writer")
    execute(address, "create role writer login password 'writer'")
    execute(address, "grant select, insert on ledger to writer; grant select, insert, delete on ledger_end to writer")
    restricted = address.replace(f"i315:{PASSWORD}", "writer:writer")
    append(Ledger(restricted), "second")
    assert [answer.state for answer in databases.ledger(restricted)] == ["ok", "ok"]
    assert databases.ledger(address)[1].state == "warn"
    assert Ledger(restricted, is_reader=True).verify() == 2
    for statement in ("update ledger set actor = 'x'", "delete from ledger", "truncate ledger"):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            execute(restricted, statement)


def test_a_reader_makes_nothing_and_reads_an_empty_ledger_where_there_is_none(address: str) -> None:
    reader = Ledger(address, is_reader=True)
    assert (reader.is_there, reader.entries(), reader.verify()) == (False, [], 0)
    engine = sa.create_engine(address)
    assert not sa.inspect(engine).has_table("ledger")
    engine.dispose()


def test_a_ledger_out_of_reach_is_told_without_its_password(address: str) -> None:
    for is_reader in (True, False):
        with pytest.raises(InfrastructureError, match="ledger unreachable") as caught:
            Ledger(address.replace(PASSWORD, "falsch-und-geheim"), is_reader=is_reader)
        assert "falsch" not in str(caught.value)
    with pytest.raises(UsageError, match="expected a SQLAlchemy URL"):
        Ledger("kein-url")


def test_the_lines_go_from_one_database_to_another_unchanged(address: str, tmp_path: Path) -> None:
    ledger = Ledger(address)
    for subject in ("a", "乙"):
        append(ledger, subject)
    other = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    other.refill(ledger.lines())
    assert (other.verify(), other.lines()) == (2, ledger.lines())
    with pytest.raises(UsageError, match="found lines in it"):
        other.refill(ledger.lines())
    append(other, "c")
    assert other.verify() == 3


@dg.op
def work() -> None:
    pass


@dg.job
def job() -> None:
    work()


def test_runs_are_recorded_on_the_server_and_those_of_dead_processes_are_ended_there(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = server.replace("+psycopg:", "+psycopg2:")
    monkeypatch.setenv("I315_DAGSTER_URL", history)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with instance_of(Warehouse(tmp_path), history) as instance:
        assert job.execute_in_process(instance=instance).success
        orphan = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags={PROCESS_TAG: GONE})
        assert (databases.history(history).state, locks.unfinished_runs(history).state) == ("ok", "warn")
        shown = instance.info_str()
    assert not list((tmp_path / "dagster_home").rglob("*.db"))
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("select count(*) from runs").scalar_one() == 2
        assert connection.exec_driver_sql("select count(*) from event_logs").scalar_one() > 5
    engine.dispose()
    # The instance's configuration can be read by whoever reaches the webserver.
    assert PASSWORD not in shown + (tmp_path / "dagster_home" / "dagster.yaml").read_text()
    with instance_of(Warehouse(tmp_path), history) as instance:
        assert instance.get_run_by_id(orphan.run_id).status is DagsterRunStatus.FAILURE
        assert end_orphaned_runs(instance) == []


def test_a_history_of_runs_with_another_driver_is_refused(server: str, tmp_path: Path) -> None:
    for address in (server, server.replace("+psycopg", ""), "sqlite:///history.db", "kein-url"):
        with pytest.raises(UsageError, match=r"expected postgresql\+psycopg2://"), instance_of(Warehouse(tmp_path), address):
            pass
