"""Withdrawing an edition: it stays where it is, marked in the ledger, and the pointer goes back to the one before.

Here: refusals, the ledger's line, the pointer after it. Not here: deleting anything; publishing the next edition.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.editions.pointer import published, withdrawals, write_pointer
from pipelines.editions.publishing import mend
from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse


@dataclass(frozen=True)
class Withdrawn:
    """The editions in force before and after a withdrawal; None if there is none."""

    before: str | None
    after: str | None


def withdraw(quarter: str, edition: str, reason: str, warehouse: Warehouse, ledger: Ledger, actor: str) -> Withdrawn:
    """Withdraw a published edition; a usage error if there is none of that number, it is withdrawn already, or no reason is given."""
    why = " ".join(reason.split())
    if not why:
        raise UsageError("--reason: found nothing; expected why the edition is withdrawn")
    warehouse.hold_writer_lock()
    mend(quarter, warehouse, ledger, actor)
    numbers = sorted(published(ledger, quarter).get(quarter, {}), key=int)
    if edition not in numbers:
        raise UsageError(f"no such edition: found {', '.join(numbers) or 'none'} of {quarter}; expected {edition}")
    gone = withdrawals(ledger, quarter)
    if (quarter, edition) in gone:
        entry = gone[quarter, edition]
        raise UsageError(f"{quarter}/{edition}: found it withdrawn by {entry.actor} at {entry.at[:16]} UTC (ledger line {entry.seq})")
    standing = [number for number in numbers if (quarter, number) not in gone]
    change = Withdrawn(standing[-1], max((number for number in standing if number != edition), key=int, default=None))
    payload = {"edition": edition, "reason": why, "before": change.before, "after": change.after}
    ledger.append("withdrawal", quarter=quarter, subject=f"{quarter}/{edition}", payload=payload, actor=actor)
    write_pointer(warehouse, ledger)
    return change
