"""All checks over the settings of this machine.

Here: which checks, and what each is given. Not here: what they look at.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from pipelines.dagster_home import checked_url
from pipelines.doctor import clocks, databases, installation, keys, locks, places, record, services
from pipelines.doctor.answer import Answer, fail, ok
from pipelines.editions.code import code_version
from pipelines.errors import Failure
from pipelines.ledger import Ledger
from pipelines.operation.calendar import load_calendar
from pipelines.operation.heartbeat import silences
from pipelines.settings import PROJECT, Settings, sqlite_url
from pipelines.warehouse import Warehouse

_NGINX_PATH = "/usr/sbin"


def examine(settings: Settings, backup: Path | None = None) -> list[Answer]:
    """What every check says, in the order in which it helps to read them; `backup` is the folder of a backup, if one is to be looked at."""
    warehouse, now = Warehouse(settings.warehouse), dt.datetime.now(dt.UTC)
    kept = [services.backup(backup, now)] if backup else []
    return [
        *_installation(),
        *_places(settings, warehouse),
        *_clocks(settings, warehouse, now),
        *_record(settings, warehouse),
        record.workshop(warehouse),
        databases.tax(settings.tax_database_url),
        *_history(settings, warehouse),
        locks.writer(warehouse),
        locks.scratch([warehouse.root, Path(tempfile.gettempdir()) / f"i315-scratch-{os.getuid()}"]),
        keys.signing(settings.signing_key, settings.public_key),
        keys.newest_signature(warehouse, settings.public_key),
        *keys.door(settings, os.pathsep.join([os.environ.get("PATH", os.defpath), _NGINX_PATH])),
        keys.notify(settings.notify),
        *services.units(),
        *_automation(settings, warehouse, now),
        *kept,
    ]


def _installation() -> list[Answer]:
    return [
        installation.python_version(sys.version_info[:2]),
        installation.interpreter(Path(sys.executable), lambda file: os.access(file, os.X_OK)),
        installation.packages((PROJECT / "requirements.lock").read_text(encoding="utf-8")),
        *installation.tools(shutil.which),
        installation.code(code_version()),
    ]


def _places(settings: Settings, warehouse: Warehouse) -> list[Answer]:
    needed = places.needed_bytes(warehouse, settings.data_raw)
    mounts = Path("/proc/mounts").read_text(encoding="utf-8")
    disks = {place: places.free_at(place) for place in (warehouse.root, Path(tempfile.gettempdir()))}
    return [
        places.drop_folder(settings.data_raw),
        *places.warehouse_folder(warehouse.root),
        places.private_files(warehouse),
        places.disk_kind(warehouse.root, mounts),
        *(places.room(place, free, needed, files_free) for place, (free, files_free) in disks.items()),
    ]


def _record(settings: Settings, warehouse: Warehouse) -> list[Answer]:
    answers = databases.ledger(settings.ledger_database_url)
    if any(answer.state == "fail" for answer in answers):
        return answers
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    return record.lost_ledger(warehouse, ledger) or [*answers, record.archive(warehouse, ledger), record.pointer(warehouse, ledger)]


def _clocks(settings: Settings, warehouse: Warehouse, now: dt.datetime) -> list[Answer]:
    files = [path for path in warehouse.root.iterdir() if path.is_file()] if warehouse.root.is_dir() else []
    return [
        clocks.against_ledger(now, _last_moment(settings.ledger_database_url)),
        clocks.against_files(now, files),
        clocks.time_zones(),
    ]


def _last_moment(ledger_url: str) -> dt.datetime | None:
    """The moment of the ledger's last line; none if it cannot be read, which the ledger's own check tells."""
    try:
        lines = Ledger(ledger_url, is_reader=True).lines()
    except (Failure, sa.exc.DatabaseError):
        return None
    return dt.datetime.fromisoformat(lines[-1]["at"]) if lines else None


def _automation(settings: Settings, warehouse: Warehouse, now: dt.datetime) -> list[Answer]:
    try:
        return services.automation(silences(warehouse, load_calendar(settings.calendar), now))
    except Failure as failure:
        return [fail("automation", str(failure), "see above")]


def _history(settings: Settings, warehouse: Warehouse) -> list[Answer]:
    file = warehouse.dagster_home / "history" / "runs.db"
    if settings.dagster_url is None:
        if not file.is_file():
            return [ok("history of runs", "none yet: the first start makes it")]
        address = f"{sqlite_url(Path(f'file:{quote(str(file))}'))}?mode=ro&uri=true"
    else:
        try:
            checked_url(settings.dagster_url)
        except Failure as failure:
            return [fail("history of runs", str(failure), "see above")]
        address = settings.dagster_url
    reached = databases.history(address)
    return [reached] if reached.state == "fail" else [reached, locks.unfinished_runs(address)]
