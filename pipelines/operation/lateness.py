"""How the feeds of a quarter stand by the release calendar: expected, overdue, missing, partial, late or in time.

Here: judging days. Not here: what is in a delivery (landing, staging and the gate judge that), who is told (notices.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pipelines.delivery import Delivery
from pipelines.feeds import FEEDS, TAX
from pipelines.landing.drop_folder import closing_markers
from pipelines.ledger import Ledger
from pipelines.operation.calendar import Calendar
from pipelines.quarters import Quarter

IN_TIME, LATE, PARTIAL, EXPECTED, OVERDUE, MISSING = "in time", "late", "partial", "expected", "overdue", "missing"
#: What keeps a quarter from being whole.
WANTING = (PARTIAL, EXPECTED, OVERDUE, MISSING)
#: Quarters are awaited until so many days after they were to be released.
AWAITED_DAYS = 60


@dataclass(frozen=True)
class Timeliness:
    """One feed of a quarter on a day.

    `in time` and `late` by the day on which it was there whole · `partial` there, but taken before the quarter could be whole, or
    before the tax office's closing marker · `expected` not due yet · `overdue` waited for · `missing` waited for in vain.
    """

    quarter: str
    feed: str
    state: str
    due: dt.date
    waited_until: dt.date
    received: dt.date | None = None

    @property
    def is_wanting(self) -> bool:
        """Whether the quarter is not whole for want of this feed."""
        return self.state in WANTING


class Timetable:
    """The calendar with what the ledger and the drop folder know on a day."""

    def __init__(self, calendar: Calendar, ledger: Ledger, data_raw: Path, today: dt.date) -> None:
        self.calendar, self.today, self._data_raw = calendar, today, data_raw
        self._in_force = ledger.in_force()
        self._accepted: dict[tuple[str, str], list[Delivery]] = {}
        for delivery in ledger.deliveries():
            if delivery.accepted:
                self._accepted.setdefault((delivery.quarter, delivery.feed), []).append(delivery)

    def awaited(self) -> list[Quarter]:
        """Quarters that have ended and are delivered or published about now, if anything was delivered in the year before them."""
        latest = Quarter.of(self.today).plus(-1)
        recent = [latest.plus(-back) for back in range(4)]
        delivered = {quarter for quarter, _ in self._in_force}
        return sorted(
            quarter
            for quarter in recent
            if self.today <= self.calendar.released_on(quarter) + dt.timedelta(days=AWAITED_DAYS)
            and any(str(quarter.plus(-back)) in delivered for back in range(5))
        )

    def of_quarter(self, quarter: Quarter) -> list[Timeliness]:
        """Each feed of a quarter, in the order of the contract."""
        return [self.of_feed(feed, quarter) for feed in FEEDS]

    def of_feed(self, feed: str, quarter: Quarter) -> Timeliness:
        """One feed of a quarter."""
        current = self._in_force.get((str(quarter), feed))
        due, waited_until = self.calendar.due_on(feed, quarter), self.calendar.waited_until(feed, quarter)
        state = self._state_of_delivered(feed, quarter, current) if current else self._state_of_awaited(due, waited_until)
        return Timeliness(str(quarter), feed, state, due, waited_until, current.received_on if current else None)

    def _state_of_awaited(self, due: dt.date, waited_until: dt.date) -> str:
        if self.today <= due:
            return EXPECTED
        return OVERDUE if self.today <= waited_until else MISSING

    def _state_of_delivered(self, feed: str, quarter: Quarter, current: Delivery) -> str:
        whole_from = self.calendar.whole_from(feed, quarter)
        if feed == TAX.name:
            closed = [marker.received_on for marker in closing_markers(self._data_raw, quarter)]
            if current.received_on < (max(closed) if closed else whole_from):
                return PARTIAL
            # We read the database when we like: the office is late by its marker only.
            return LATE if closed and min(closed) > self.calendar.due_on(feed, quarter) else IN_TIME
        whole = [each.received_on for each in self._accepted[str(quarter), feed] if each.received_on >= whole_from]
        if current.received_on < whole_from:
            return PARTIAL
        return LATE if min(whole) > self.calendar.due_on(feed, quarter) else IN_TIME
