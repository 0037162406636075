"""Landing of the tax feed: an extract per quarter, frozen as Parquet in the archive; the extract is the delivery.

Here: what makes an extract a new delivery, recording it, landing it from the archive. Not here: reading the database (tax_extract.py).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.delivery import Delivery
from pipelines.errors import DeliveryRejected, InfrastructureError, Problem
from pipelines.feeds import TAX, TAX_TABLES, DatabaseTable
from pipelines.landing import archive, parquet
from pipelines.landing.files import Landed, raise_if_any
from pipelines.landing.tax_database import rejected
from pipelines.landing.tax_extract import Snapshot, snapshot
from pipelines.landing.tax_part import notes_beside
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

REGISTER, *RETURNS = TAX_TABLES
QUARTERS_AT_ONCE = 8


@dataclass(frozen=True)
class _Part:
    """One archived table of an extract; `notes` names what is noted of its cells, of one that has any to note."""

    sha256: str
    rows: int
    notes: str = ""

    def payload(self) -> dict[str, object]:
        """The part as the extract's index names it."""
        return {"sha256": self.sha256, "rows": self.rows} | ({"notes": self.notes} if self.notes else {})


def land_tax(
    quarters: list[Quarter], tax_url: str, warehouse: Warehouse, ledger: Ledger, actor: str, *, history: list[Quarter] | None = None
) -> list[Landed]:
    """Extract `quarters`, and those of their `history` that have no extract yet, in one read transaction.

    Returns the extracts in force, one per quarter (of the history) that has one. A quarter in which no return's period ends has no
    extract. `InfrastructureError` if the database cannot be read, `DeliveryRejected` if it is not what the contract says.
    """
    office = _Office(warehouse, ledger, actor)
    history = history or quarters
    office.bring_up_to_date(history)
    day = dt.datetime.now(dt.UTC).date()
    problems: list[Problem] = []
    source_notes: list[str] = []
    try:
        with snapshot(tax_url) as source:
            source_notes = source.notes()
            wanted = [*_never_extracted(source, office, quarters, history), *quarters]
            frozen = [_freeze_quarters(source, table, wanted, warehouse) for table in RETURNS]
            register: _Part | None = None
            for quarter in wanted:
                try:
                    returns = {table.name: _accepted(parts[quarter]) for table, parts in zip(RETURNS, frozen, strict=True)}
                    if any(part.rows for part in returns.values()):
                        register = register or _freeze_register(source, warehouse)
                    office.receive(quarter, register, returns, day, source.url)
                except DeliveryRejected as error:
                    problems.append(office.refuse(quarter, error.problem, day))
            office.settle()
            office.note_account({table.name: source.account(table).payload() for table in RETURNS}, max(quarters))
    except DeliveryRejected as error:
        # The schema is wrong, which is one problem however many quarters were asked for.
        problems = [office.refuse(quarter, error.problem, day) for quarter in quarters][:1]
    except InfrastructureError as lost:
        raise_if_any([lost, *map(DeliveryRejected, problems)])
    finally:
        office.settle()
    raise_if_any([*map(DeliveryRejected, problems)])
    in_force = ledger.in_force()
    return [
        Landed(delivery, str(quarter) in office.new, delivery.rows, (*source_notes, *(parquet.landed_notes(warehouse, delivery) or ())))
        for quarter in history
        if (delivery := in_force.get((str(quarter), TAX.name)))
    ]


def _never_extracted(source: Snapshot, office: _Office, quarters: list[Quarter], history: list[Quarter]) -> list[Quarter]:
    earlier = [quarter for quarter in history if quarter not in quarters and not office.has_extract(quarter)]
    return [quarter for quarter in earlier if any(source.count(table, quarter) for table in RETURNS)]


def archived_parts(warehouse: Warehouse, sha256: str) -> dict[str, str]:
    """Table -> SHA-256 of its archived rows, for an extract of this digest; `<table> notes` -> that of what is noted of them."""
    parts = json.loads(archive.verified(warehouse, sha256).read_bytes())["tables"]
    notes = {f"{name} notes": part["notes"] for name, part in parts.items() if "notes" in part}
    return {name: part["sha256"] for name, part in parts.items()} | notes


def land_archived(
    quarter: str, sha256: str, file_name: str, received_on: dt.date, warehouse: Warehouse, ledger: Ledger, actor: str
) -> None:
    """Land and record an extract that the archive holds, without the tax office's database."""
    content = archive.verified(warehouse, sha256).read_bytes()
    rows = {name: part["rows"] for name, part in json.loads(content)["tables"].items()}
    office = _Office(warehouse, ledger, actor)
    office.receive_again(Delivery(quarter, TAX.name, sha256, file_name, received_on, 1, len(content), accepted=True, rows=rows))


def _freeze_register(source: Snapshot, warehouse: Warehouse) -> _Part:
    scratch = archive.new_scratch(warehouse)
    try:
        return _kept(warehouse, scratch, source.extract(REGISTER, scratch))
    finally:
        _clear(scratch)


def _kept(warehouse: Warehouse, scratch: Path, rows: int) -> _Part:
    notes = notes_beside(scratch)
    kept = archive.keep_scratch(warehouse, notes) if notes.exists() else ""
    return _Part(archive.keep_scratch(warehouse, scratch), rows, kept)


def _clear(scratch: Path) -> None:
    for path in (scratch, notes_beside(scratch)):
        path.unlink(missing_ok=True)


def _freeze_quarters(
    source: Snapshot, table: DatabaseTable, quarters: list[Quarter], warehouse: Warehouse
) -> dict[Quarter, _Part | DeliveryRejected]:
    """Archive each quarter's rows of a table, or say why they are refused; so many quarters at once as their rows may be in memory."""
    parts: dict[Quarter, _Part | DeliveryRejected] = {}
    for together in (quarters[first : first + QUARTERS_AT_ONCE] for first in range(0, len(quarters), QUARTERS_AT_ONCE)):
        scratch = {quarter: archive.new_scratch(warehouse) for quarter in together}
        try:
            for quarter, rows in source.extract_quarters(table, scratch).items():
                parts[quarter] = rows if isinstance(rows, DeliveryRejected) else _kept(warehouse, scratch[quarter], rows)
        finally:
            for path in scratch.values():
                _clear(path)
    return parts


def _accepted(part: _Part | DeliveryRejected) -> _Part:
    if isinstance(part, DeliveryRejected):
        raise part
    return part


class _Office:
    """Receives extracts during one call."""

    def __init__(self, warehouse: Warehouse, ledger: Ledger, actor: str) -> None:
        self._warehouse, self._ledger, self._actor = warehouse, ledger, actor
        self._in_force = ledger.in_force()
        self._recorded = [delivery for delivery in ledger.deliveries() if delivery.feed == TAX.name]
        self.new: set[str] = set()
        self._clerks = ThreadPoolExecutor(os.cpu_count())
        self._being_landed: list[tuple[Delivery, Future[None]]] = []

    def bring_up_to_date(self, quarters: list[Quarter]) -> None:
        """Land extracts again that another parser landed, or whose landing files are gone."""
        for delivery in self._recorded:
            if (
                Quarter.parse(delivery.quarter) in quarters
                and delivery.accepted
                and parquet.landed_notes(self._warehouse, delivery) is None
            ):
                self._land(delivery)

    def note_account(self, account: dict[str, dict[str, Any]], quarter: Quarter) -> None:
        """Record which quarter every row of the tables of returns belongs to, unless the last record says the same."""
        known = self._ledger.entries("account")
        if not known or known[-1].payload != account:
            self._ledger.append("account", quarter=str(quarter), subject=TAX.name, payload=account, actor=self._actor)

    def has_extract(self, quarter: Quarter) -> bool:
        """Whether an extract of the quarter is in force."""
        return (str(quarter), TAX.name) in self._in_force

    def receive(self, quarter: Quarter, register: _Part | None, returns: dict[str, _Part], day: dt.date, url: sa.URL) -> None:
        """Make the extract the quarter's delivery unless it is that already; `DeliveryRejected` if it is empty.

        It is landed beside the next ones, and recorded when it has been (`settle`).
        """
        before = self._in_force.get((str(quarter), TAX.name))
        has_returns = any(part.rows for part in returns.values())
        if not has_returns and before is None:
            return
        parts = ({REGISTER.name: register} if register else {}) | returns
        if not has_returns or (register and not register.rows):
            empty = REGISTER.name if has_returns else ", ".join(returns)
            expected = (
                "taxpayers for the returns" if has_returns else f"returns, as in the extract of {before.received_on if before else day}"
            )
            step = "ask the tax office whether the table was emptied by mistake"
            raise rejected("body_empty", url, empty, f"no row for {quarter}", expected, "", step, str(quarter))
        index = _index(quarter, parts)
        sha256 = archive.keep_bytes(self._warehouse, index)
        if before and before.sha256 == sha256:
            return
        delivery = self._numbered(quarter, sha256, day, len(index), {name: part.rows for name, part in parts.items()})
        self._being_landed.append((delivery, self._clerks.submit(self._land, delivery)))

    def settle(self) -> None:
        """Wait until the extracts that are being landed have been, and record them in their order."""
        waiting, self._being_landed = self._being_landed, []
        for delivery, landing in waiting:
            landing.result()
            self._record(delivery)

    def receive_again(self, delivery: Delivery) -> None:
        """Make an extract of the archive the quarter's delivery."""
        self._land(delivery)
        self._record(delivery)

    def refuse(self, quarter: Quarter, problem: Problem, day: dt.date) -> Problem:
        """Record a refused extract once; the problem with what stays in force."""
        self.settle()
        fields = dataclasses.asdict(problem)
        mine = [delivery for delivery in self._recorded if delivery.quarter == str(quarter)]
        if not mine or mine[-1].problem != fields:
            index = _index(quarter, {}, fields)
            sha256 = archive.keep_bytes(self._warehouse, index)
            self._record(dataclasses.replace(self._numbered(quarter, sha256, day, len(index), {}), accepted=False, problem=fields))
        before = self._in_force.get((str(quarter), TAX.name))
        way_out = f"the extract of {before.received_on} stays in force" if before else "no extract is in force"
        return dataclasses.replace(problem, next_step=f"{problem.next_step}; {way_out}")

    def _numbered(self, quarter: Quarter, sha256: str, day: dt.date, size: int, rows: dict[str, int]) -> Delivery:
        """A delivery named like a file of the drop folder: its day and its number among the day's extracts of the quarter."""
        number = 1 + sum(delivery.quarter == str(quarter) and delivery.received_on == day for delivery in self._recorded)
        name = f"{day:%Y%m%d}{f'-{number}' if number > 1 else ''}_{_source_name(str(quarter))}"
        return Delivery(str(quarter), TAX.name, sha256, name, day, number, size, accepted=True, rows=rows)

    def _record(self, delivery: Delivery) -> None:
        self._ledger.record_delivery(delivery, self._actor)
        self._recorded.append(delivery)
        if delivery.accepted:
            self._in_force[delivery.quarter, TAX.name] = delivery
            self.new.add(delivery.quarter)

    def _land(self, delivery: Delivery) -> None:
        """Write the landing files of an extract from the archive alone."""
        index = json.loads(archive.verified(self._warehouse, delivery.sha256).read_bytes())
        for table in TAX_TABLES:
            entry = index["tables"][table.name]
            part, noted = archive.verified(self._warehouse, entry["sha256"]), _noted(self._warehouse, entry.get("notes"))
            target = parquet.landing_path(self._warehouse, TAX.name, table.name, delivery.quarter, delivery.delivery_id)
            schema = parquet.typed_schema(table)
            with parquet.writer(self._warehouse, target, schema, []) as sink, pq.ParquetFile(part) as rows:
                for batch in rows.iter_batches(batch_size=parquet.ROW_GROUP):
                    notes = next(noted, None) or _nothing_noted(batch.num_rows)
                    lineage = parquet.lineage_columns(delivery, table.name, _source_name(delivery.quarter), batch.column(table.primary_key))
                    sink.write_batch(pa.record_batch([*batch.columns, *notes.columns, *lineage], schema=schema))


def _noted(warehouse: Warehouse, sha256: str | None) -> Iterator[pa.RecordBatch]:
    """What is noted of a part's rows, in the same batches; nothing if nothing is."""
    return pq.ParquetFile(archive.verified(warehouse, sha256)).iter_batches(batch_size=parquet.ROW_GROUP) if sha256 else iter(())


def _nothing_noted(rows: int) -> pa.RecordBatch:
    return pa.record_batch([pa.array([0] * rows, pa.int32()), pa.nulls(rows, pa.string()), pa.nulls(rows, pa.string())], parquet.NOTES)


def _source_name(quarter: str) -> str:
    """What landed rows name as their file: the same on every day, so that equal extracts land as equal bytes."""
    return f"tax_{quarter}.json"


def _index(quarter: Quarter, parts: dict[str, _Part], problem: dict[str, str] | None = None) -> bytes:
    """The extract's identity: which parts it has, in canonical JSON."""
    content: dict[str, object] = {"quarter": str(quarter), "tables": {name: part.payload() for name, part in parts.items()}}
    if problem:
        content["problem"] = problem
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
