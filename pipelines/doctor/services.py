"""What systemd runs of this system, if it is installed there, and how old the newest backup is."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable
from pathlib import Path

from pipelines.backup.inventory import read_inventory
from pipelines.doctor.answer import Answer, fail, ok, warn
from pipelines.errors import Failure

UNITS = Path("/etc/systemd/system")
_TIMER, _SERVICE = ".timer", ".service"
_OLDEST = dt.timedelta(hours=48)


def state_of(unit: str) -> str:
    """What systemd says of a unit: `active`, `inactive`, `failed`, …; empty if it does not answer."""
    try:
        done = subprocess.run(["systemctl", "show", "--property=ActiveState", "--value", unit], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def units(folder: Path = UNITS, state: Callable[[str], str] = state_of) -> list[Answer]:
    """Every installed unit of this system; one that a timer starts may rest."""
    names = sorted(path.name for path in folder.glob("i315-*") if path.suffix in (_TIMER, _SERVICE))
    if not names:
        return [ok("services", f"none installed in {folder}")]
    return [_unit(name, state(name), names) for name in names]


def _unit(name: str, found: str, names: list[str]) -> Answer:
    may_rest = name.replace(_SERVICE, _TIMER) in names and name.endswith(_SERVICE)
    if found == "failed":
        return fail(name, found, f"journalctl -u {name}; mend what it names; systemctl restart {name}")
    if found in ("active", "activating") or (may_rest and found == "inactive"):
        return ok(name, found)
    return warn(name, found or "systemd does not answer", f"systemctl enable --now {name}")


def automation(silences: list[str]) -> list[Answer]:
    """Whether sensor and schedule still look; `silences` as `operation.heartbeat` finds them."""
    if not silences:
        return [ok("automation", "no look missed")]
    return [warn("automation", silence, "journalctl -u i315-daemon -u i315-code") for silence in silences]


def backup(folder: Path, now: dt.datetime) -> Answer:
    """How old the backup in a folder is."""
    try:
        inventory = read_inventory(folder)
    except Failure as failure:
        return fail("backup", str(failure), "see above")
    if inventory is None:
        return fail("backup", f"none in {folder}", f"i315 backup {folder}")
    made_at = dt.datetime.fromisoformat(inventory.made_at)
    said = f"{inventory.line} ledger lines, {len(inventory.files)} files of {made_at:%Y-%m-%d %H:%M} UTC"
    if now - made_at > _OLDEST:
        return warn("backup", said, f"i315 backup {folder}; see why the timer did not (journalctl -u i315-backup)")
    return ok("backup", said)
