"""Databases: ledger, tax office, history of runs; reachable, of the right form, writable where they must be and not where not."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

import sqlalchemy as sa

from pipelines.doctor.answer import Answer, fail, ok, warn
from pipelines.errors import Failure
from pipelines.ledger import Ledger
from pipelines.ledger_database import CONNECT_SECONDS, END, ENTRIES

_REVISION = re.compile(r'^(?P<name>revision|down_revision)\b[^=]*= *"(?P<id>\w+)"', re.MULTILINE)
_CHECK_RIGHTS = "docs/deploying.md says which rights it needs"


def ledger(address: str) -> list[Answer]:
    """The chain, and that this account can add to it."""
    try:
        found = Ledger(address, is_reader=True)
        if not found.is_there:
            return [ok("ledger", "none yet: the first run makes it")]
        if faults := found.faults():
            return [fail("ledger", faults[0], "i315 verify --all names every fault; restore the newest backup of the ledger")]
        return [ok("ledger", f"{found.end()[0]} lines in order"), _rights_on_ledger(sa.make_url(address))]
    except Failure as failure:
        return [fail("ledger", str(failure), "see above")]


def _rights_on_ledger(url: sa.URL) -> Answer:
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
            return fail("rights on the ledger", f"{file} and its folder may not be written", f"run as the owner of {file}")
        return ok("rights on the ledger", "may be written")
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            has = {
                (table, right): bool(connection.execute(sa.select(sa.func.has_table_privilege(table, right))).scalar_one())
                for table in (ENTRIES.name, END.name)
                for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
            }
    finally:
        engine.dispose()
    needed = [(ENTRIES.name, right) for right in ("SELECT", "INSERT")] + [(END.name, right) for right in ("SELECT", "INSERT", "DELETE")]
    if lacking := [f"{right} on {table}" for table, right in needed if not has[table, right]]:
        return fail("rights on the ledger", f"no {', '.join(lacking)}", f"grant them; {_CHECK_RIGHTS}")
    if excess := [right for right in ("UPDATE", "DELETE", "TRUNCATE") if has[ENTRIES.name, right]]:
        return warn("rights on the ledger", f"this account may {', '.join(excess)} lines", f"use one that only adds; {_CHECK_RIGHTS}")
    return ok("rights on the ledger", "may add lines and change none")


def tax(address: str) -> Answer:
    """The tax office's database: there, of the contract's form, and only to be read."""
    from pipelines.landing.tax_extract import snapshot

    try:
        with snapshot(address) as source:
            notes = source.notes()
    except Failure as failure:
        return fail("tax database", str(failure), "see above")
    if notes:
        return warn("tax database", notes[0], "ask the tax office for an account that may only read")
    return ok("tax database", "answers, and has the tables of the contract")


def history(address: str) -> Answer:
    """The history of runs: reachable, and of the form that the installed Dagster writes."""
    name = "history of runs"
    engine = _engine(sa.make_url(address))
    try:
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            has_form = "alembic_version" in tables
            forms: list[str] = list(connection.execute(sa.text("select version_num from alembic_version")).scalars()) if has_form else []
    except sa.exc.DBAPIError as error:
        shown = engine.url.set(query={}).render_as_string(hide_password=True)
        return fail(
            name, f"no use of {shown} ({type(error.orig).__name__})", "check I315_DAGSTER_URL, the server, the password and the rights"
        )
    finally:
        engine.dispose()
    if "runs" not in tables:
        return ok(name, "none yet: the first start makes it")
    wanted = newest_form()
    if wanted not in forms:
        return fail(
            name, f"form {', '.join(forms) or 'unknown'}; expected {wanted}", "stop all services; back up; dagster instance migrate"
        )
    return ok(name, f"answers, form {wanted}")


def newest_form() -> str:
    """The revision of its tables that the installed Dagster writes: the one that no other follows."""
    spec = importlib.util.find_spec("dagster")
    assert spec is not None
    assert spec.origin is not None
    texts = [path.read_text(encoding="utf-8") for path in (Path(spec.origin).parent / "_core/storage/alembic/versions").glob("*.py")]
    ids = [(match["name"], match["id"]) for text in texts for match in _REVISION.finditer(text)]
    (newest,) = {each for name, each in ids if name == "revision"} - {each for name, each in ids if name == "down_revision"}
    return newest


def _engine(url: sa.URL) -> sa.Engine:
    waits = {"connect_timeout": CONNECT_SECONDS} if url.get_backend_name() == "postgresql" else {}
    return sa.create_engine(url, poolclass=sa.NullPool, connect_args=waits)
