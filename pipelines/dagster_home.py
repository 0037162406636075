"""Dagster's home in a warehouse: its configuration, and in which database the history of runs lies.

Here: `dagster.yaml` put in place, the PostgreSQL that a setting asks for. Not here: the instance and its runs (runs.py), how the
SQLite files of the history are treated (history.py).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from pipelines.durable import write_bytes
from pipelines.errors import InfrastructureError, UsageError
from pipelines.settings import PREFIX, PROJECT
from pipelines.warehouse import Warehouse

VARIABLE = f"{PREFIX}DAGSTER_URL"
_DRIVER = "postgresql+psycopg2"
# The address has a password in it: Dagster reads it from the environment, and the file names the variable only.
_STORAGE = f"""\
storage:
  postgres:
    postgres_url:
      env: {VARIABLE}
"""


def prepare_home(warehouse: Warehouse, dagster_url: str | None = None) -> Path:
    """The Dagster home of a warehouse with the project's configuration in it; the history is in PostgreSQL if a URL is given.

    Raises `UsageError` for a URL that Dagster cannot use.
    """
    content = (PROJECT / "pipelines" / "dagster.yaml").read_text(encoding="utf-8")
    if dagster_url:
        checked_url(dagster_url)
        os.environ[VARIABLE] = dagster_url
        content += _STORAGE
    write_bytes(warehouse.dagster_home / "dagster.yaml", content.encode())
    return warehouse.dagster_home


def checked_url(dagster_url: str) -> sa.URL:
    """The address of the history's database; `UsageError` unless it names PostgreSQL and the driver that Dagster is written for.

    SQLAlchemy 2.1 takes a bare `postgresql://` for psycopg 3, whose `with connection` closes what psycopg2's only commits, so that
    Dagster's webserver would lose every connection as it opens it.
    """
    expected = f"expected {_DRIVER}://user:password@host/database; next: correct {VARIABLE}"
    try:
        url = sa.make_url(dagster_url)
    except sa.exc.ArgumentError as error:
        raise UsageError(f"{VARIABLE}: found no database URL; {expected}") from error
    if url.drivername != _DRIVER:
        raise UsageError(f"{VARIABLE}: found {url.drivername}://…; {expected}")
    return url


@contextlib.contextmanager
def history_reachable(dagster_url: str | None) -> Iterator[None]:
    """Tell a history on PostgreSQL that is lost (`InfrastructureError`, without password) from an error of our own."""
    if not dagster_url:
        yield
        return
    from dagster_postgres.utils import DagsterPostgresException

    try:
        yield
    except DagsterPostgresException as lost:
        shown = checked_url(dagster_url).set(query={}).render_as_string(hide_password=True)
        raise InfrastructureError(
            f"history of runs unreachable: found no answer at {shown}; expected a PostgreSQL that can be written; "
            f"next: check {VARIABLE}, the server, the user's password and rights (i315 doctor)"
        ) from lost
