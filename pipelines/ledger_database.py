"""The ledger's database: its tables, and an engine that reaches them on SQLite or PostgreSQL.

Here: tables, connecting, what each database needs so that lines are appended one after the other. Not here: lines (ledger.py) and
their chain (ledger_chain.py).
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from pipelines.errors import InfrastructureError, UsageError

METADATA = sa.MetaData()
ENTRIES = sa.Table(
    "ledger",
    METADATA,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("quarter", sa.String(6), nullable=False),
    # Names of delivered files are as long as the office likes.
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
# One row, written with every line: whoever takes lines off the end of the chain leaves it pointing to a line that is gone.
END = sa.Table("ledger_end", METADATA, sa.Column("seq", sa.BigInteger, nullable=False), sa.Column("hash", sa.String(64), nullable=False))
CONNECT_SECONDS = 10
_MAKING_TABLES = 315
"""Number of PostgreSQL's advisory lock under which the tables are made."""


def engine_of(address: str, *, is_reader: bool) -> tuple[sa.Engine, bool]:
    """An engine on the ledger's tables, and whether there is a ledger; where a reader finds none, an empty one in memory.

    A writer has the tables made. Raises `UsageError` for an address that is none, `InfrastructureError` if nothing answers there.
    """
    try:
        url = sa.make_url(address)
        engine = _connected(url, is_reader)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise UsageError(
            f"I315_LEDGER_URL: found an address or driver that cannot be used ({type(error).__name__}); expected a SQLAlchemy URL such as "
            "postgresql+psycopg://user:password@host/database; next: correct it"
        ) from error
    try:
        if is_reader and not _is_there(engine):
            engine = sa.create_engine("sqlite://")
            METADATA.create_all(engine)
            return engine, False
        if not is_reader:
            _make_tables(engine)
    except sa.exc.OperationalError as error:
        raise InfrastructureError(
            f"ledger unreachable: found {type(error.orig).__name__} at {url.set(query={}).render_as_string(hide_password=True)}; "
            "expected a database that can be written; next: check I315_LEDGER_URL and the server"
        ) from error
    return engine, True


def lock_for_append(connection: sa.Connection) -> None:
    """Wait until no other writer is between reading the last line and adding the next; SQLite's transactions begin with that lock.

    The lock is on the table of the end, on which a writer has every right; on the lines themselves it needs no more than to insert.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {END.name} IN EXCLUSIVE MODE"))


def _connected(url: sa.URL, is_reader: bool) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        timeout = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
        # A service lives longer than its connections: a server that was restarted since is asked anew.
        return sa.create_engine(url, connect_args=timeout, pool_pre_ping=True)
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite" and not is_reader:
        # pysqlite opens write transactions late; an append reads the last entry first and must already hold the lock.
        sa.event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _is_there(engine: sa.Engine) -> bool:
    """Whether there is a ledger; asking makes no SQLite file, and one that is damaged is there."""
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database or "").is_file()
    return sa.inspect(engine).has_table(ENTRIES.name)


def _make_tables(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two writers that look at once would both make them.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING_TABLES)))
        METADATA.create_all(connection)
