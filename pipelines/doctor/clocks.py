"""Clocks: this machine's against the ledger's last moment and the files of the warehouse, and the time zones."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path

from pipelines.doctor.answer import Answer, fail, ok, warn

ZONE = "Asia/Shanghai"
_SLACK = dt.timedelta(seconds=5)


def against_ledger(now: dt.datetime, last: dt.datetime | None) -> Answer:
    """Moments in the ledger never go back: with a clock behind its last line they stand still."""
    check = "clock"
    if last and now < last - _SLACK:
        step = "set the clock (timedatectl set-ntp true); until then new lines repeat the last moment"
        return fail(check, f"{now:%Y-%m-%d %H:%M:%S} UTC, {last - now} behind the ledger's last line", step)
    return ok(check, f"{now:%Y-%m-%d %H:%M:%S} UTC, {f'after the last line of {last:%Y-%m-%d %H:%M}' if last else 'no line in the ledger'}")


def against_files(now: dt.datetime, files: list[Path]) -> Answer:
    """Files from the future tell of a clock that was set back, or of a disk with a clock of its own."""
    late = [path for path in files if dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) > now + _SLACK]
    if late:
        step = "compare the clocks of this machine and of its disk; set both by NTP"
        return warn("clock of the disk", f"{late[0].name} was written in the future", step)
    return ok("clock of the disk", "no file from the future")


def time_zones() -> Answer:
    """The zone in which days of delivery and release are meant."""
    try:
        zoneinfo.ZoneInfo(ZONE)
    except zoneinfo.ZoneInfoNotFoundError:
        return fail("time zones", f"no {ZONE}", "apt-get install tzdata")
    return ok("time zones", ZONE)
