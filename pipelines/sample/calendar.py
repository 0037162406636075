"""The days on which the sample's deliveries are received and exported.

Here: which deliveries a quarter has, and when. Not here: what is in them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipelines.quarters import Quarter


@dataclass(frozen=True)
class Received:
    """One delivery: the day it came, its number on that day, and whether a later one of the quarter supersedes it."""

    day: dt.date
    number: int = 1
    is_superseded: bool = False

    @property
    def prefix(self) -> str:
        """How the file name begins."""
        return f"{self.day:%Y%m%d}" + (f"-{self.number}" if self.number > 1 else "")


_FIRST_DAY = {"statistics": 24, "contracts": 11, "incubators": 9, "ledger": 12}
_AGAIN = {"statistics": (0, 3, 13), "contracts": (1, 2, 8), "incubators": (1, 1, 6), "ledger": (1, 2, 0)}
"""Feed: parity of the years and the quarter of the year with a second delivery, and how many days later it comes."""


def deliveries(feed: str, quarter: Quarter) -> list[Received]:
    """The deliveries of a feed for a quarter, in the order in which they are received."""
    day = quarter.last_day + dt.timedelta(days=_FIRST_DAY[feed] + quarter.number % 2)
    parity, number, later = _AGAIN[feed]
    if (quarter.year % 2, quarter.number) != (parity, number):
        return [Received(day)]
    again = Received(day + dt.timedelta(days=later), number=2 if later == 0 else 1)
    return [Received(day, is_superseded=True), again]


def export_day(quarter: Quarter) -> dt.date:
    """The day of the contract registry's export that is in force for a quarter."""
    return deliveries("contracts", quarter)[-1].day
