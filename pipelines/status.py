"""Status: what each quarter has, read from the drop folder, the tax database, the ledger and the pointer.

Here: what is in force, missing, rejected, waiting, judged and published. Not here: Dagster, DuckDB, any change of state.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.delivery import Delivery
from pipelines.editions.outdated import newer_deliveries
from pipelines.editions.pointer import read_pointer, withdrawals
from pipelines.feeds import FEEDS, FILE_FEEDS
from pipelines.landing import drop_folder
from pipelines.ledger import Ledger
from pipelines.operation.calendar import load_calendar
from pipelines.operation.lateness import LATE, PARTIAL, Timeliness, Timetable
from pipelines.quarters import Quarter, today_in_beijing
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class QuarterState:
    """A quarter as it stands: deliveries in force by feed, the newest rejected ones, last verdict, edition in force.

    `waiting` names feeds whose drop folder holds a file that the ledger does not know yet; `unpublished` the
    deliveries in force, of this quarter or of one that it rests on, that came after the edition. `verdict` is outcome and day.
    `filed_since` counts the tax returns of the quarter that the database has beyond those landed (None if it was not asked);
    `withdrawn` numbers its withdrawn editions; `timeliness` says how each feed stands by the release calendar, and `released_on` when
    the quarter is published.
    """

    quarter: str
    in_force: dict[str, Delivery]
    rejected: dict[str, Delivery]
    waiting: list[str]
    verdict: str
    edition: str
    unpublished: list[str]
    withdrawn: list[str]
    released_on: dt.date
    timeliness: dict[str, Timeliness]
    filed_since: int | None = None

    @property
    def missing(self) -> list[str]:
        """Feeds without a delivery in force."""
        return [feed for feed in FEEDS if feed not in self.in_force]

    def payload(self) -> dict[str, Any]:
        """The state for machines; days in ISO form."""
        known = asdict(self) | {"missing": self.missing}
        for deliveries in (known["in_force"], known["rejected"]):
            for delivery in deliveries.values():
                delivery["received_on"] = delivery["received_on"].isoformat()
        known["released_on"] = self.released_on.isoformat()
        known["timeliness"] = {
            feed: {"state": each.state, "due": each.due.isoformat(), "waited_until": each.waited_until.isoformat()}
            for feed, each in self.timeliness.items()
        }
        return known


def quarter_states(settings: Settings) -> list[QuarterState]:
    """The state of every quarter that is awaited or has a folder, a delivery or an edition, in order of time."""
    warehouse = Warehouse(settings.warehouse)
    ledger = Ledger(settings.ledger_database_url, is_reader=True)
    deliveries, in_force, pointer = ledger.deliveries(), ledger.in_force(), read_pointer(warehouse)
    verdicts = {entry.quarter: entry for entry in ledger.entries("verdict")}
    gone = sorted(withdrawals(ledger))
    timetable = Timetable(load_calendar(settings.calendar), ledger, settings.data_raw, today_in_beijing())
    dropped = _dropped_files(settings)
    known = {(delivery.quarter, delivery.feed, delivery.file_name) for delivery in deliveries}
    quarters = sorted(
        {quarter for quarter, _ in dropped}
        | {delivery.quarter for delivery in deliveries}
        | set(pointer)
        | {str(quarter) for quarter in timetable.awaited()}
    )
    states = []
    for quarter in quarters:
        current = {feed: delivery for (its_quarter, feed), delivery in in_force.items() if its_quarter == quarter}
        newest = {delivery.feed: delivery for delivery in deliveries if delivery.quarter == quarter}
        waiting = [
            feed
            for (its_quarter, feed), names in sorted(dropped.items())
            if its_quarter == quarter and any((quarter, feed, name) not in known for name in names)
        ]
        rejected = {feed: delivery for feed, delivery in newest.items() if not delivery.accepted}
        verdict, edition = verdicts.get(quarter), pointer.get(quarter)
        unpublished = newer_deliveries(warehouse, edition, quarter, ledger) if edition else []
        judged = f"{verdict.payload['outcome']} {verdict.at[:10]}" if verdict else ""
        withdrawn = [number for its_quarter, number in gone if its_quarter == quarter]
        number = edition.edition if edition else ""
        timely = {each.feed: each for each in timetable.of_quarter(Quarter.parse(quarter))}
        released_on = timetable.calendar.released_on(Quarter.parse(quarter))
        states.append(QuarterState(quarter, current, rejected, waiting, judged, number, unpublished, withdrawn, released_on, timely))
    return states


def with_tax_database(states: list[QuarterState], tax_url: str) -> list[QuarterState]:
    """The same states with the returns counted that the tax office has now and that are not landed, corrections among them."""
    from pipelines.feeds import TAX_TABLES
    from pipelines.landing.tax_extract import snapshot

    counted = []
    with snapshot(tax_url) as database:
        for state in states:
            landed = state.in_force["tax"].rows if "tax" in state.in_force else {}
            quarter = Quarter.parse(state.quarter)
            returns = [table for table in TAX_TABLES if table.period_end]
            since = sum(database.count(table, quarter) - landed.get(table.name, 0) for table in returns)
            counted.append(replace(state, filed_since=since))
    return counted


def _dropped_files(settings: Settings) -> dict[tuple[str, str], list[str]]:
    """Names of what a run would receive or refuse, by quarter and feed."""
    found: dict[tuple[str, str], list[str]] = {}
    for home in sorted(settings.data_raw.glob("20[0-9][0-9]Q[1-4]")):
        for feed in FILE_FEEDS:
            dropped = drop_folder.scan(settings.data_raw, Quarter.parse(home.name), feed)
            paths = [*(file.path for file in dropped.files), *dropped.misnamed, *(each.path for each in dropped.no_files)]
            names = [drop_folder.name_of(path) for path in paths]
            if names:
                found[home.name, feed] = names
    return found


def status_table(states: list[QuarterState]) -> Table:
    """The states as a table for the terminal: a column per feed with the day of receipt of the delivery in force."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    for heading in ("quarter", *FEEDS, "verdict", "release", "edition", "not yet published"):
        table.add_column(heading, no_wrap=True)
    for state in states:
        table.add_row(
            state.quarter,
            *(_feed_cell(state, feed) for feed in FEEDS),
            state.verdict or "-",
            f"{state.released_on}",
            "\n".join([state.edition or "-", *(f"{number} withdrawn" for number in state.withdrawn)]),
            "\n".join(state.unpublished),
        )
    return table


def _feed_cell(state: QuarterState, feed: str) -> str:
    timely = state.timeliness[feed]
    if feed in state.in_force:
        lines = [f"{state.in_force[feed].received_on:%Y-%m-%d}", *([timely.state] if timely.state in (LATE, PARTIAL) else [])]
    elif feed in state.waiting:
        lines = []
    else:
        lines = [timely.state, f"due {timely.due}"]
    if feed in state.rejected:
        lines.append(f"newest rejected: {(state.rejected[feed].problem or {}).get('code', '')}")
    if feed in state.waiting:
        lines.append("new in the drop folder")
    if feed == "tax" and state.filed_since:
        lines.append(f"{state.filed_since:+d} returns since")
    return "\n".join(lines)
