"""Receipts after landing: whether the file is what the contract says.

Here: one receipt for every delivery that has none yet, and for every rejection. Not here: its rows, which nobody has judged yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipelines.delivery import Delivery
from pipelines.errors import Problem
from pipelines.landing.words import in_chinese
from pipelines.ledger import Ledger
from pipelines.receipts.content import Fault, Receipt, TableCount
from pipelines.receipts.keeping import Drawer
from pipelines.warehouse import Warehouse


def issue_structure(feed: str, quarters: Iterable[object], warehouse: Warehouse, ledger: Ledger, actor: str) -> int:
    """Issue what is missing among the receipts of these quarters' deliveries; returns how many were issued.

    A delivery that was accepted keeps the receipt of its content if it has one.
    """
    drawer = Drawer(warehouse, ledger, actor)
    asked = {str(quarter) for quarter in quarters}
    newest = {
        (each.quarter, each.file_name, each.sha256): each for each in ledger.deliveries() if each.feed == feed and each.quarter in asked
    }
    return sum(
        drawer.put(receipt_of(delivery)) for delivery in newest.values() if not (delivery.accepted and drawer.has_accepted(delivery))
    )


def receipt_of(delivery: Delivery) -> Receipt:
    """What can be said once the file was read: rejected for one reason, or landed with so many rows per table."""
    if delivery.problem is not None:
        fields: dict[str, Any] = dict(delivery.problem)
        words = in_chinese(Problem(**fields))
        fault = Fault("退回", delivery.problem.get("sheet", ""), words.where, words.what, words.found, words.expected, words.next_step)
        return Receipt(delivery, "structure", "rejected", (fault,))
    counts = tuple(TableCount(table, rows, rows, 0, 0) for table, rows in delivery.rows.items())
    return Receipt(delivery, "structure", "received", counts=counts)
