"""The ledger: an append-only, hash-chained record of deliveries, receipts, verdicts, waivers, publications and withdrawals.

Here: appending, reading and verifying entries, and which delivery is in force. Not here: deciding verdicts or publishing.
It lives in any database that SQLAlchemy reaches (a SQLite file in the warehouse, or PostgreSQL by setting).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipelines.delivery import Delivery
from pipelines.errors import LedgerBroken, UsageError
from pipelines.ledger_chain import GENESIS, Line, chain_faults, digest_of
from pipelines.ledger_database import END, ENTRIES, engine_of, lock_for_append

KINDS = ("delivery", "account", "receipt", "verdict", "waiver", "publication", "withdrawal")


@dataclass(frozen=True)
class Entry:
    """One line of the ledger; `payload` is what the kind records, `at` is UTC in ISO form."""

    seq: int
    at: str
    actor: str
    kind: str
    quarter: str
    subject: str
    payload: dict[str, Any]
    previous_hash: str
    hash: str


class Ledger:
    """The ledger at a SQLAlchemy URL; the table is made on first use.

    A reader makes nothing and takes no writer's lock: where there is no ledger it reads an empty one (`is_there` is false).
    """

    def __init__(self, url: str, *, is_reader: bool = False) -> None:
        self._engine, self.is_there = engine_of(url, is_reader=is_reader)

    def append(self, kind: str, *, quarter: str, subject: str, payload: dict[str, Any], actor: str, at: dt.datetime | None = None) -> Entry:
        """Add one entry to the end of the chain and return it; moments in the ledger never go back, whatever the clock does."""
        if kind not in KINDS:
            raise ValueError(f"unknown ledger kind {kind!r}; expected one of {KINDS}")
        moment = (at or dt.datetime.now(dt.UTC)).isoformat(timespec="microseconds")
        with self._engine.begin() as connection:
            lock_for_append(connection)
            newest = sa.select(ENTRIES.c.seq, ENTRIES.c.hash, ENTRIES.c.at).order_by(ENTRIES.c.seq.desc()).limit(1)
            last = connection.execute(newest).first()
            fields = {
                "seq": (last.seq if last else 0) + 1,
                "at": max(moment, last.at) if last else moment,
                "actor": actor,
                "kind": kind,
                "quarter": quarter,
                "subject": subject,
                "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True),
                "previous_hash": last.hash if last else GENESIS,
            }
            row = fields | {"hash": digest_of(fields)}
            connection.execute(ENTRIES.insert().values(row))
            connection.execute(END.delete())
            connection.execute(END.insert().values(seq=row["seq"], hash=row["hash"]))
        return _entry(row)

    def entries(self, kind: str | None = None, quarter: str | None = None) -> list[Entry]:
        """Entries in order, of one kind or quarter if given."""
        query = sa.select(ENTRIES).order_by(ENTRIES.c.seq)
        if kind:
            query = query.where(ENTRIES.c.kind == kind)
        if quarter:
            query = query.where(ENTRIES.c.quarter == quarter)
        with self._engine.begin() as connection:
            return [_entry(dict(row)) for row in connection.execute(query).mappings()]

    def end(self) -> tuple[int, str]:
        """Number and hash of the last line; line 0 of an empty ledger."""
        with self._engine.begin() as connection:
            last = connection.execute(sa.select(ENTRIES.c.seq, ENTRIES.c.hash).order_by(ENTRIES.c.seq.desc()).limit(1)).first()
        return (last.seq, last.hash) if last else (0, GENESIS)

    def lines(self) -> list[Line]:
        """Every line as the database holds it, in order: all that it takes to put this ledger into another database."""
        with self._engine.begin() as connection:
            return [dict(row) for row in connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq)).mappings()]

    def refill(self, lines: list[Line]) -> None:
        """Put lines back into an empty ledger, all or none; `UsageError` if it holds any, `LedgerBroken` if they are no whole chain."""
        end = {"seq": lines[-1]["seq"], "hash": lines[-1]["hash"]} if lines else None
        if faults := chain_faults(lines, end):
            raise LedgerBroken(faults[0])
        with self._engine.begin() as connection:
            lock_for_append(connection)
            if connection.execute(sa.select(ENTRIES.c.seq).limit(1)).first():
                raise UsageError("ledger: found lines in it; expected an empty one to restore into; next: name another I315_LEDGER_URL")
            if end:
                connection.execute(ENTRIES.insert(), lines)
                connection.execute(END.insert().values(end))

    def faults(self) -> list[str]:
        """Every line that was changed, removed, moved or back-dated, one text each."""
        try:
            with self._engine.begin() as connection:
                numbers: list[int] = list(connection.execute(sa.select(ENTRIES.c.seq).order_by(ENTRIES.c.seq)).scalars())
                end = connection.execute(sa.select(END)).mappings().first() if sa.inspect(connection).has_table(END.name) else None
                return _read_faults(connection, numbers, dict(end) if end else None)
        except sa.exc.DatabaseError as error:
            return [f"ledger: found a database that cannot be read ({type(error.orig).__name__}); expected the ledger as it was written"]

    def verify(self) -> int:
        """Check the whole chain and return the number of entries; `LedgerBroken` names the first line at fault."""
        faults = self.faults()
        if faults:
            raise LedgerBroken(faults[0])
        return self.end()[0]

    def record_delivery(self, delivery: Delivery, actor: str) -> None:
        """Record a received delivery and its outcome."""
        payload = {
            "feed": delivery.feed,
            "sha256": delivery.sha256,
            "file_name": delivery.file_name,
            "received_on": delivery.received_on.isoformat(),
            "received_no": delivery.received_no,
            "size": delivery.size,
            "accepted": delivery.accepted,
            "rows": delivery.rows,
            "problem": delivery.problem,
        }
        self.append("delivery", quarter=delivery.quarter, subject=f"{delivery.feed}/{delivery.file_name}", payload=payload, actor=actor)

    def deliveries(self, quarter: str | None = None, until: int | None = None) -> list[Delivery]:
        """Every recorded delivery, in the order of recording, up to a line of the ledger if one is given."""
        return [
            Delivery(quarter=entry.quarter, **entry.payload | {"received_on": dt.date.fromisoformat(entry.payload["received_on"])})
            for entry in self.entries("delivery", quarter)
            if until is None or entry.seq <= until
        ]

    def in_force(self, as_of: dt.date | None = None, until: int | None = None) -> dict[tuple[str, str], Delivery]:
        """The newest accepted delivery per (quarter, feed), among those received until `as_of`, recorded until a line, if given.

        A delivery is judged by its last recorded outcome; the newest is the latest day, then the larger number of the day,
        then the one recorded last.
        """
        outcome: dict[tuple[str, str, str, str], Delivery] = {}
        for delivery in self.deliveries(until=until):
            key = (delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256)
            outcome.pop(key, None)
            outcome[key] = delivery
        newest: dict[tuple[str, str], Delivery] = {}
        for delivery in sorted(outcome.values(), key=lambda d: (d.received_on, d.received_no)):
            if delivery.accepted and (as_of is None or delivery.received_on <= as_of):
                newest[delivery.quarter, delivery.feed] = delivery
        return dict(sorted(newest.items()))


def _read_faults(connection: sa.Connection, numbers: list[int], end: dict[str, Any] | None) -> list[str]:
    try:
        rows = connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq)).mappings()
        return chain_faults([dict(row) for row in rows], end)
    except sa.exc.DatabaseError:
        # SQLite gives no row at all if one of them holds bytes that are no text: ask for each.
        unread = [seq for seq in numbers if not _is_text(connection, seq)]
        if not unread:
            raise
        return [f"ledger line {seq}: found bytes that are no text; expected the line as it was appended" for seq in unread]


def _is_text(connection: sa.Connection, seq: int) -> bool:
    try:
        connection.execute(sa.select(ENTRIES).where(ENTRIES.c.seq == seq)).all()
    except sa.exc.DatabaseError:
        return False
    return True


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**row | {"payload": json.loads(row["payload"])})
