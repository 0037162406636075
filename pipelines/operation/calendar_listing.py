"""The release calendar as a list: a row per quarter and thing that has a day.

Here: rows and table. Not here: days (calendar.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.feeds import FEEDS
from pipelines.operation.calendar import RELEASE, Calendar
from pipelines.quarters import Quarter

if TYPE_CHECKING:
    from rich.table import Table


def calendar_rows(calendar: Calendar, quarters: list[Quarter]) -> list[dict[str, str]]:
    """`quarter, what, day, waited_until, note`; `what` is a feed or the release, `note` what is published or why the day differs."""
    rows = []
    for quarter in quarters:
        for feed in FEEDS:
            reason = calendar.reason_of(feed, quarter)
            row = {"quarter": str(quarter), "what": feed, "day": f"{calendar.due_on(feed, quarter)}"}
            rows.append(row | {"waited_until": f"{calendar.waited_until(feed, quarter)}", "note": reason.zh if reason else ""})
        reason = calendar.reason_of(RELEASE, quarter)
        note = calendar.publishes(quarter).zh + (f"（{reason.zh}）" if reason else "")
        rows.append({"quarter": str(quarter), "what": RELEASE, "day": f"{calendar.released_on(quarter)}", "waited_until": "", "note": note})
    return rows


def calendar_table(rows: list[dict[str, str]]) -> Table:
    """The rows for the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for heading in ("quarter", "what", "day", "waited until", "note"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row.values())
    return table
