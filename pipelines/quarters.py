"""Quarters: the partition keys `2023Q3` and the arithmetic on them.

Here: parsing, ranges, neighbours, the last day. Not here: what a feed delivers when (operation/calendar.py).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import total_ordering

from pipelines.errors import UsageError

#: Offices' days are days in Beijing, wherever the server stands.
BEIJING = dt.timezone(dt.timedelta(hours=8))
FIRST_YEAR = 2019
QUARTERS_AHEAD = 4


@total_ordering
@dataclass(frozen=True)
class Quarter:
    """A calendar quarter; `str()` gives the key that people see everywhere, such as `2023Q3`."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """The quarter written `2023Q3`; anything else is a usage error."""
        if not re.fullmatch(r"(19|20)\d\dQ[1-4]", text):
            raise UsageError(f"not a quarter: found {text!r}; expected the form 2023Q3")
        return cls(int(text[:4]), int(text[5]))

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        """The quarter that `day` falls in."""
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    def __lt__(self, other: Quarter) -> bool:
        return (self.year, self.number) < (other.year, other.number)

    def plus(self, quarters: int) -> Quarter:
        """The quarter so many later (earlier, if negative)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)

    @property
    def first_day(self) -> dt.date:
        """The first day of the quarter itself (not of its year)."""
        return dt.date(self.year, self.number * 3 - 2, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day, which every 'at the quarter's end' means."""
        return self.plus(1).first_day - dt.timedelta(days=1)

    def inputs(self) -> list[Quarter]:
        """The quarters whose deliveries this quarter's indicators rest on: from the first of the year before to itself.

        Year-to-date sums need the year's earlier quarters, growth the same quarter a year before with its own, the annual
        indicators the third quarters of both years (indicators.md).
        """
        return span(Quarter(self.year - 1, 1), self)

    def history(self) -> list[Quarter]:
        """Every quarter that this one's edition rests on: its inputs and all before them.

        Ranks of the quarter before, carried values and the gate's histories reach back without a bound.
        """
        return span(min(Quarter(FIRST_YEAR, 1), self.inputs()[0]), self)


def span(first: Quarter, last: Quarter) -> list[Quarter]:
    """All quarters from `first` to `last`, both included; a usage error if they are in the wrong order."""
    if last < first:
        raise UsageError(f"an empty range of quarters: found {first}..{last}; expected the earlier one first")
    quarters = [first]
    while quarters[-1] < last:
        quarters.append(quarters[-1].plus(1))
    return quarters


def parse_range(text: str) -> list[Quarter]:
    """`2023Q3` or `2022Q1..2023Q4` as a list of quarters in order of time."""
    first, _, last = text.partition("..")
    return span(Quarter.parse(first), Quarter.parse(last or first))


def today_in_beijing() -> dt.date:
    """The day that it is for the offices."""
    return dt.datetime.now(BEIJING).date()


def partition_keys(today: dt.date) -> list[str]:
    """The static partition keys: 2019Q1 to four quarters after the one that `today` falls in."""
    return [str(quarter) for quarter in span(Quarter(FIRST_YEAR, 1), Quarter.of(today).plus(QUARTERS_AHEAD))]
