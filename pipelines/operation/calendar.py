"""The release calendar as people write it: the day on which each delivery of a quarter is due, and the day of its release.

Here: reading and checking `calendar.yml`, days. Not here: what was delivered (lateness.py), publishing.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, ValidationError, model_validator

from pipelines.errors import UsageError
from pipelines.feeds import FEEDS
from pipelines.quarters import BEIJING, Quarter

OFFICIAL = Path(__file__).with_name("calendar.yml")
RELEASE = "release"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


QuarterKey = Annotated[Quarter, BeforeValidator(lambda text: Quarter.parse(str(text)))]


class FeedDays(_Strict):
    """Days after the quarter's end: expected by, waited for beyond that, and the first on which the quarter can be whole."""

    due: NonNegativeInt
    grace: NonNegativeInt
    whole_from: NonNegativeInt


class Words(_Strict):
    """A text in both languages."""

    zh: str
    en: str


class Hour(_Strict):
    """A time of day in Beijing."""

    hour: int = Field(ge=0, le=23)
    minute: int = Field(ge=0, le=59)


class Section(_Strict):
    """What holds for quarters from one on."""

    valid_from: QuarterKey = Field(alias="from")
    feeds: dict[str, FeedDays]
    release: NonNegativeInt
    warn_before: NonNegativeInt
    publishes: dict[int, Words]

    @model_validator(mode="after")
    def _is_complete(self) -> Section:
        if set(self.feeds) != set(FEEDS):
            raise ValueError(f"found days for {', '.join(sorted(self.feeds))}; expected them for {', '.join(sorted(FEEDS))}")
        if set(self.publishes) != {1, 2, 3, 4}:
            raise ValueError(f"found what quarters {sorted(self.publishes)} publish; expected all four")
        latest = max(days.due for days in self.feeds.values())
        if self.release < latest:
            raise ValueError(f"found a release on day {self.release}; expected none before the last delivery is due on day {latest}")
        return self


class Deviation(_Strict):
    """A day that differs from the section's, with the reason that everyone reads."""

    quarter: QuarterKey
    what: str
    day: dt.date
    reason_zh: str = Field(min_length=1)
    reason_en: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_of_something(self) -> Deviation:
        if self.what not in (*FEEDS, RELEASE):
            raise ValueError(f"found {self.what}; expected {RELEASE} or one of {', '.join(FEEDS)}")
        if self.day <= self.quarter.last_day:
            raise ValueError(f"found {self.day}; expected a day after {self.quarter} has ended")
        return self


class Calendar(_Strict):
    """The release calendar; days are dates in Beijing."""

    released_at: Hour
    sections: list[Section] = Field(min_length=1)
    exceptions: list[Deviation] = []

    @model_validator(mode="after")
    def _is_in_order(self) -> Calendar:
        begin = [section.valid_from for section in self.sections]
        if begin != sorted(set(begin)):
            raise ValueError("found sections out of order or twice; expected each `from` after the one before")
        named = [(each.quarter, each.what) for each in self.exceptions]
        if len(named) != len(set(named)):
            raise ValueError("found two exceptions for one day; expected one")
        return self

    def last_look(self, moment: dt.datetime) -> dt.datetime:
        """The last time until `moment` at which the schedule had to look what is to be released."""
        here = moment.astimezone(BEIJING)
        today = here.replace(hour=self.released_at.hour, minute=self.released_at.minute, second=0, microsecond=0)
        return today if today <= here else today - dt.timedelta(days=1)

    def due_on(self, feed: str, quarter: Quarter) -> dt.date:
        """The day by which a feed's delivery is expected."""
        return self._exception(quarter, feed) or _days_after(quarter, self.section(quarter).feeds[feed].due)

    def waited_until(self, feed: str, quarter: Quarter) -> dt.date:
        """The last day on which a delivery that is due is waited for."""
        return self.due_on(feed, quarter) + dt.timedelta(days=self.section(quarter).feeds[feed].grace)

    def whole_from(self, feed: str, quarter: Quarter) -> dt.date:
        """The first day on which a delivery can hold the whole quarter."""
        return _days_after(quarter, self.section(quarter).feeds[feed].whole_from)

    def released_on(self, quarter: Quarter) -> dt.date:
        """The day on which the quarter's edition is published."""
        return self._exception(quarter, RELEASE) or _days_after(quarter, self.section(quarter).release)

    def warned_from(self, quarter: Quarter) -> dt.date:
        """The day from which the operator is told what is missing for the release."""
        return self.released_on(quarter) - dt.timedelta(days=self.section(quarter).warn_before)

    def publishes(self, quarter: Quarter) -> Words:
        """What the quarter's edition holds."""
        return self.section(quarter).publishes[quarter.number]

    def section(self, quarter: Quarter) -> Section:
        """The section that holds for a quarter; `UsageError` if none does yet."""
        current = [section for section in self.sections if section.valid_from <= quarter]
        if not current:
            raise UsageError(f"release calendar: found no section for {quarter}; expected one from {self.sections[0].valid_from} or before")
        return current[-1]

    def reason_of(self, what: str, quarter: Quarter) -> Words | None:
        """Why a day differs from the section's, if it does."""
        named = [each for each in self.exceptions if (each.quarter, each.what) == (quarter, what)]
        return Words(zh=named[0].reason_zh, en=named[0].reason_en) if named else None

    def _exception(self, quarter: Quarter, what: str) -> dt.date | None:
        return next((each.day for each in self.exceptions if (each.quarter, each.what) == (quarter, what)), None)


@lru_cache
def load_calendar(path: Path = OFFICIAL) -> Calendar:
    """The calendar of a file; `UsageError` names what is wrong in it."""
    try:
        return Calendar.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as gone:
        raise UsageError(f"release calendar: found nothing at {path}; expected a calendar; next: check I315_CALENDAR") from gone
    except (ValidationError, yaml.YAMLError) as wrong:
        found = " ".join(str(wrong).split())
        raise UsageError(f"release calendar {path.name}: found {found}; expected the form of {OFFICIAL.name}; next: correct it") from wrong


def _days_after(quarter: Quarter, days: int) -> dt.date:
    return quarter.last_day + dt.timedelta(days=days)
