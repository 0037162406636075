"""Whether what should look at the drop folder and the calendar by itself still does.

Here: noting each look, and telling looks that did not happen. Not here: Dagster; who has this told also when its daemon is dead.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from pipelines.durable import write_bytes
from pipelines.operation.calendar import Calendar
from pipelines.warehouse import Warehouse

SENSOR, SCHEDULE = "arrivals", "releases"
_SENSOR_SILENT = dt.timedelta(minutes=15)
_SCHEDULE_LATE = dt.timedelta(minutes=15)
_NEXT = "next: see whether Dagster's daemon runs and what its last ticks say (Automation in the UI)"


def beat(warehouse: Warehouse, what: str, now: dt.datetime) -> None:
    """Note that `what` looked just now."""
    write_bytes(_note(warehouse, what), json.dumps({"at": now.isoformat(timespec="seconds")}).encode())


def last_beat(warehouse: Warehouse, what: str) -> dt.datetime | None:
    """When `what` last looked; None if it never did in this warehouse."""
    note = _note(warehouse, what)
    return dt.datetime.fromisoformat(json.loads(note.read_bytes())["at"]) if note.is_file() else None


def silences(warehouse: Warehouse, calendar: Calendar, now: dt.datetime) -> list[str]:
    """What should have looked by `now` and did not, one text each; nothing where automation was never on."""
    found = []
    watched, released = last_beat(warehouse, SENSOR), last_beat(warehouse, SCHEDULE)
    if watched and now - watched > _SENSOR_SILENT:
        found.append(f"drop folder: found the last look at {_shown(watched)}; expected one every half minute; {_NEXT}")
    expected = calendar.last_look(now - _SCHEDULE_LATE)
    if released and released < expected:
        found.append(f"release schedule: found the last look at {_shown(released)}; expected one at {_shown(expected)}; {_NEXT}")
    return found


def _note(warehouse: Warehouse, what: str) -> Path:
    return warehouse.operation / f"{what}.json"


def _shown(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
