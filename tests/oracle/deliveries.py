"""Which file of the drop folder is in force: the newest received that can be read (`feeds.md`, section 1)."""

from __future__ import annotations

import calendar
import datetime as dt
import gc
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

NAME = re.compile(r"(\d{8})(?:-(\d+))?_.+\.(\w+)")
ENDINGS = {"statistics": "xlsx", "contracts": "csv", "incubators": "xlsx", "ledger": "xlsx"}
Feed = TypeVar("Feed")
_already_read: dict[tuple[str, str, int, int], object] = {}


class Rejected(Exception):
    """The delivery cannot be used; the last good one of its quarter stays in force."""


@dataclass(frozen=True, order=True)
class Quarter:
    """One quarter, `2023Q3`."""

    year: int
    number: int

    @classmethod
    def of(cls, text: str) -> Quarter:
        """The quarter that a folder or a ledger row names."""
        found = re.fullmatch(r"(\d{4})Q([1-4])", text)
        if not found:
            raise ValueError(f"{text!r} is no quarter such as 2023Q3")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first_day(self) -> dt.date:
        """The quarter's first day."""
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> dt.date:
        """The quarter's last day."""
        return _last_day(self.year, 3 * self.number)

    @property
    def year_before(self) -> Quarter:
        """The same quarter of the year before."""
        return Quarter(self.year - 1, self.number)


@lru_cache
def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def received(data_raw: Path, quarter: Quarter, feed: str) -> list[Path]:
    """The deliveries of a quarter and feed, newest first; the number of a day's later ones is compared as a number."""
    found = []
    folder = data_raw / str(quarter) / feed
    for path in folder.iterdir() if folder.is_dir() else []:
        name = NAME.fullmatch(path.name)
        if name and name[3].lower() == ENDINGS[feed]:
            found.append((name[1], int(name[2] or 1), path))
    return [path for *_, path in sorted(found, reverse=True)]


def in_force(data_raw: Path, quarter: Quarter, feed: str, read: Callable[[Path, Quarter], Feed]) -> Feed | None:
    """What the newest readable delivery holds, or None where there is none."""
    for path in received(data_raw, quarter, feed):
        stat = path.stat()
        key = (str(path.resolve()), str(quarter), stat.st_mtime_ns, stat.st_size)
        if key not in _already_read:
            collects = gc.isenabled()
            gc.disable()  # rows that all stay, walked again and again, are a third of the time
            try:
                _already_read[key] = read(path, quarter)
            except Rejected as reason:
                _already_read[key] = reason
            finally:
                if collects:
                    gc.enable()
        if not isinstance(_already_read[key], Rejected):
            return _already_read[key]  # type: ignore[return-value]  # what this reader returned for this very file
    return None
