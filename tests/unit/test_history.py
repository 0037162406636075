"""How the run history's SQLite files are kept open, and that no other file is touched by it."""

from pathlib import Path

import sqlalchemy as sa

from pipelines.history import kept_open
from pipelines.ledger import Ledger

FULL, NORMAL = 2, 1


def store_events(path: Path, events: int) -> int:
    """Write as Dagster does, an engine and a connection per event; which writes SQLite waits for."""
    path.parent.mkdir(exist_ok=True)
    for number in range(events):
        engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("create table if not exists event (number integer)"))
            connection.execute(sa.text("insert into event values (:number)"), {"number": number})
            synchronous = connection.execute(sa.text("pragma synchronous")).scalar_one()
    return int(synchronous)


def in_wal_mode(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    with sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool).connect() as connection:
        connection.execute(sa.text("pragma journal_mode = wal"))
    return path


def rows(path: Path) -> int:
    with sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool).connect() as connection:
        return int(connection.execute(sa.text("select count(*) from event")).scalar_one())


def test_a_history_file_stays_open_between_events_and_is_whole_afterwards(tmp_path: Path) -> None:
    history = in_wal_mode(tmp_path / "home" / "index.db")
    with kept_open(tmp_path / "home"):
        assert store_events(history, 5) == NORMAL
        assert history.with_name("index.db-wal").exists()
    assert not history.with_name("index.db-wal").exists()
    assert rows(history) == 5
    assert store_events(history, 1) == FULL


def test_files_outside_the_history_keep_their_durability(tmp_path: Path) -> None:
    elsewhere = in_wal_mode(tmp_path / "elsewhere" / "other.db")
    with kept_open(tmp_path / "home"):
        assert store_events(elsewhere, 2) == FULL
        ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
        ledger.append("verdict", quarter="2023Q3", subject="s", payload={}, actor="tester")
        assert ledger.verify() == 1


def test_a_history_file_without_a_write_ahead_log_keeps_its_durability(tmp_path: Path) -> None:
    with kept_open(tmp_path / "home"):
        assert store_events(tmp_path / "home" / "old.db", 2) == FULL
