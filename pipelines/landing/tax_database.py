"""The tax office's database: how it is reached, its address without secrets, and what is said of it where it is not as agreed.

Here: one read-only transaction on SQLite or PostgreSQL, and its errors. Not here: what is read in it (tax_extract.py).
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from pipelines.errors import Code, DeliveryRejected, InfrastructureError, Problem

CONNECT_SECONDS, STATEMENT_MILLISECONDS = 10, 30 * 60 * 1000
_TIMEOUTS = {
    "statement_timeout": STATEMENT_MILLISECONDS,
    "lock_timeout": 60 * 1000,
    "idle_in_transaction_session_timeout": STATEMENT_MILLISECONDS,
}
_STEP = "ask the tax office for the table as the contract says"


def shown(url: sa.URL) -> str:
    """The database's address without anything secret: no password, no query."""
    return url.set(query={}).render_as_string(hide_password=True)


def rejected(
    code: Code, url: sa.URL, table: str, found: str, expected: str, place: str = "", next_step: str = _STEP, value: str = ""
) -> DeliveryRejected:
    """Build the rejection of what the database holds."""
    return DeliveryRejected(Problem(code, shown(url), found, expected, next_step, sheet=table, place=place, value=value))


def _unreachable(url: sa.URL, error: BaseException, secret: str | None) -> InfrastructureError:
    first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if secret:
        first_line = first_line.replace(secret, "***")
    return InfrastructureError(
        f"tax database unreachable: {shown(url)}: found {type(error).__name__}: {first_line}; expected a database that answers and may be "
        "read; next: check I315_TAX_URL (or --tax-url), the server, the network, the user's password and right to read"
    )


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(f"sqlite+{url.get_dialect().driver}://", creator=lambda: _sqlite_read_only(url), poolclass=sa.NullPool)
        # pysqlite begins no transaction before a select; without one every select would see another moment.
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    timeout = {"connect_timeout": CONNECT_SECONDS} if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query else {}
    return sa.create_engine(url, connect_args=timeout, poolclass=sa.NullPool)


def _sqlite_read_only(url: sa.URL) -> sqlite3.Connection:
    name = url.database or ""
    name = name.removeprefix("file:").partition("?")[0] if name.startswith("file:") else name
    connection = sqlite3.connect(f"file:{quote(str(Path(name).absolute()))}?mode=ro", uri=True, isolation_level=None)
    # Bytes that are no text are the fault of one cell, not of the database.
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="surrogateescape")
    return connection


@contextmanager
def connected(tax_url: str) -> Iterator[tuple[sa.Connection, sa.URL]]:
    """One read transaction of the database, for the length of a block; `InfrastructureError` if it cannot be reached or read."""
    try:
        url = sa.make_url(tax_url)
        engine = _engine(url)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise InfrastructureError(
            f"tax database: found a URL or driver that cannot be used ({type(error).__name__}); expected a SQLAlchemy URL such as "
            "postgresql+psycopg://user:password@host/database; next: correct I315_TAX_URL (or --tax-url)"
        ) from error
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                for setting, milliseconds in _TIMEOUTS.items():
                    connection.execute(sa.text(f"SET LOCAL {setting} = {milliseconds}"))
                # Days and moments are read as text, of which there are many styles.
                connection.execute(sa.text("SET LOCAL datestyle = 'ISO, YMD'"))
            yield connection, url
    except sa.exc.DBAPIError as error:
        raise _unreachable(url, error.orig or error, url.password) from error
    finally:
        engine.dispose()
