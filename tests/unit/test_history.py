"""How the run history's SQLite files are kept open, and that no other file is touched by it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from pipelines.history import kept_open
from pipelines.ledger import Ledger

FULL, NORMAL = 2, 1


def store_rows(path: Path, rows: int, create_engine: Callable[..., sa.Engine]) -> int:
    """Write as Dagster does, an engine and a connection per row; which writes SQLite waits for."""
    for number in range(rows):
        engine = create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
        with engine.connect() as connection, connection.begin():
            connection.execute(sa.text("create table if not exists event (number integer)"))
            connection.execute(sa.text("insert into event values (:number)"), {"number": number})
            synchronous: Any = connection.execute(sa.text("pragma synchronous")).scalar_one()
        engine.dispose()
    return int(synchronous)


@contextmanager
def connections_counted() -> Iterator[list[str]]:
    """The files that SQLAlchemy opens meanwhile, one for each time."""
    opened: list[str] = []

    def count(connection: Any, _record: object) -> None:
        opened.append(Path(connection.execute("pragma database_list").fetchone()[2]).name)

    sa.event.listen(sa.Engine, "connect", count)
    try:
        yield opened
    finally:
        sa.event.remove(sa.Engine, "connect", count)


def rows_of(path: Path) -> int:
    with sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool).connect() as connection:
        return int(connection.execute(sa.text("select count(*) from event")).scalar_one())


def test_a_history_file_stays_open_between_events_and_is_whole_afterwards(tmp_path: Path) -> None:
    history = tmp_path / "index.db"
    with sa.create_engine(f"sqlite:///{history}", poolclass=sa.NullPool).connect() as connection:
        connection.execute(sa.text("pragma journal_mode = wal"))
    with kept_open(), connections_counted() as opened:
        assert store_rows(history, 5, sqlite_event_log.create_engine) == NORMAL
        assert opened == ["index.db"]
        assert history.with_name("index.db-wal").exists()
    assert not history.with_name("index.db-wal").exists()
    assert rows_of(history) == 5
    assert store_rows(history, 1, sqlite_event_log.create_engine) == FULL


@dg.op
def say_much(context: dg.OpExecutionContext) -> None:
    """An event for each of many lines."""
    for line in range(50):
        context.log.info(str(line))


@dg.job
def much_to_say() -> None:
    """A run with more events than files."""
    say_much()


def test_a_run_of_dagster_opens_no_file_anew_for_each_event_and_its_events_are_there_afterwards(tmp_path: Path) -> None:
    tmp_path.joinpath("dagster.yaml").touch()
    with kept_open(), connections_counted() as opened, dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run_id = much_to_say.execute_in_process(instance=instance).run_id
    assert f"{run_id}.db" in opened
    assert all(opened.count(name) <= 2 for name in opened), "a file is open twice where Dagster reads one while it writes it"
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        said = [record.event_log_entry.user_message for record in instance.get_records_for_run(run_id).records]
    assert {str(line) for line in range(50)} <= set(said)
    assert list(tmp_path.rglob("*-wal")) == []


def test_files_outside_the_history_keep_their_durability(tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.db"
    with kept_open():
        assert store_rows(elsewhere, 2, sa.create_engine) == FULL
        ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
        ledger.append("verdict", quarter="2023Q3", subject="s", payload={}, actor="tester")
        assert ledger.verify() == 1
