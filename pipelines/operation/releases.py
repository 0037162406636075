"""Which quarters the release calendar has published now.

Here: choosing them from calendar, ledger and verdicts. Not here: publishing them (a run does, and the gate may hold it).
"""

from __future__ import annotations

import datetime as dt

from pipelines.editions.outdated import is_judged_on, outdated_quarters
from pipelines.editions.pointer import published
from pipelines.ledger import Ledger
from pipelines.operation.calendar import Calendar
from pipelines.quarters import Quarter

#: A first edition that is later than this is a decision of people, not of the calendar.
LATEST_FIRST_EDITION = dt.timedelta(days=120)


def due_releases(calendar: Calendar, ledger: Ledger, today: dt.date) -> list[Quarter]:
    """Quarters to be brought to an edition today, in order of time.

    Those whose day has come, with anything delivered and no edition, unless the gate holds them on exactly these deliveries: a person
    has to look, and running them again would hold them again. A quarter all of whose editions were withdrawn waits for a person too. And
    the published ones that a newer delivery has overtaken.
    """
    deliveries = ledger.in_force()
    verdicts = {entry.quarter: entry for entry in ledger.entries("verdict")}
    due = set(outdated_quarters(ledger))
    for key in sorted({quarter for quarter, _ in deliveries} - set(published(ledger))):
        quarter = Quarter.parse(key)
        released_on = calendar.released_on(quarter)
        if not released_on <= today <= released_on + LATEST_FIRST_EDITION:
            continue
        verdict = verdicts.get(key)
        is_held = verdict is not None and verdict.payload["outcome"] == "held" and is_judged_on(deliveries, key, verdict)
        if not is_held:
            due.add(quarter)
    return sorted(due)
