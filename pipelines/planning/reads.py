"""What a run would read for a quarter and feed: the newest file of the drop folder, the extract of the tax database, or nothing new.

Here: names, digests, counts, compared with the ledger. Not here: what follows from it (plan.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.delivery import Delivery
from pipelines.feeds import FILE_FEEDS, TAX, TAX_TABLES
from pipelines.landing import drop_folder, parquet
from pipelines.landing.archive import sha256_of
from pipelines.landing.tax_extract import Snapshot
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

ARRIVING = ("new", "changed")
READ_AGAIN, MISSING = "read again", "missing"


@dataclass(frozen=True)
class Read:
    """One quarter and feed, and how it stands.

    `in force` nothing new · `new` a delivery that the ledger does not know · `changed` a known name with other bytes ·
    `read again` in force, landed by other code · `rejected` the newest file is, and stops the run · `misnamed` likewise ·
    `missing` nothing delivered.
    """

    quarter: str
    feed: str
    state: str
    file: str = ""
    note: str = ""


class Reader:
    """Looks into the drop folder and the tax database; changes nothing."""

    def __init__(self, data_raw: Path, warehouse: Warehouse, ledger: Ledger) -> None:
        self._data_raw, self._warehouse = data_raw, warehouse
        self._in_force = ledger.in_force()
        self._outcomes: dict[tuple[str, str, str, str], Delivery] = {}
        for delivery in ledger.deliveries():
            self._outcomes[delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256] = delivery

    def read(self, quarter: Quarter, tax: Snapshot | None) -> list[Read]:
        """What a run would find for each feed of a quarter; the tax database is left out if there is no snapshot of it."""
        found = [self._file(quarter, feed) for feed in FILE_FEEDS]
        return [*found, self._tax(quarter, tax)]

    def has_extract(self, quarter: Quarter) -> bool:
        """Whether an extract of the tax database is in force for the quarter."""
        return (str(quarter), TAX.name) in self._in_force

    def _file(self, quarter: Quarter, feed: str) -> Read:
        dropped = drop_folder.scan(self._data_raw, quarter, feed)
        if dropped.misnamed:
            return Read(str(quarter), feed, "misnamed", drop_folder.name_of(dropped.misnamed[0]), "the run would reject it")
        if dropped.no_files:
            return Read(str(quarter), feed, "rejected", dropped.no_files[0].name, dropped.no_files[0].problem.found)
        current = self._in_force.get((str(quarter), feed))
        if not dropped.files:
            return self._known(quarter, feed, current)
        newest = dropped.files[-1]
        name = newest.name
        known = self._outcomes.get((str(quarter), feed, name, sha256_of(newest.path)))
        if known is not None and not known.accepted:
            return Read(
                str(quarter), feed, "rejected", name, f"{(known.problem or {}).get('code', '')}, unless the code that reads changed"
            )
        if known is not None:
            return self._known(quarter, feed, current)
        is_older = current is not None and (newest.received_on, newest.received_no) < (current.received_on, current.received_no)
        note = f"received {newest.received_on}" + (f", before {current.file_name}, which stays in force" if current and is_older else "")
        is_other = any(key[:3] == (str(quarter), feed, name) for key in self._outcomes)
        return Read(str(quarter), feed, "changed" if is_other else "new", name, note)

    def _known(self, quarter: Quarter, feed: str, current: Delivery | None) -> Read:
        if current is None:
            return Read(str(quarter), feed, MISSING)
        is_landed = parquet.landed_notes(self._warehouse, current) is not None
        return Read(str(quarter), feed, "in force" if is_landed else READ_AGAIN, current.file_name)

    def _tax(self, quarter: Quarter, tax: Snapshot | None) -> Read:
        current = self._in_force.get((str(quarter), TAX.name))
        known = self._known(quarter, TAX.name, current)
        if tax is None:
            return known
        counts = {table.name: tax.count(table, quarter) for table in TAX_TABLES if table.period_end}
        if not current:
            return Read(str(quarter), TAX.name, "new", "", f"{sum(counts.values())} returns") if any(counts.values()) else known
        since = sum(counts.values()) - sum(current.rows.get(table, 0) for table in counts)
        return Read(str(quarter), TAX.name, "new", "", f"{since:+d} returns since {current.received_on}") if since else known
