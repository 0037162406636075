"""Keeping receipts: two files per delivery beside the archive, and a line in the ledger with the outcome.

Here: names, private files, when there is nothing new to say. Not here: what a receipt says.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines import durable
from pipelines.delivery import Delivery
from pipelines.ledger import Ledger
from pipelines.receipts.content import Receipt
from pipelines.receipts.page import receipt_html
from pipelines.receipts.workbook import receipt_xlsx
from pipelines.warehouse import Warehouse

Key = tuple[str, str, str, str]


def receipt_files(warehouse: Warehouse, delivery: Delivery) -> tuple[Path, Path]:
    """Page and workbook of a delivery: `receipts/<quarter>/<feed>/<file name>_<delivery>.html` and `.xlsx`."""
    stem = f"{Path(delivery.file_name).stem}_{delivery.delivery_id}"
    folder = warehouse.receipts / delivery.quarter / delivery.feed
    return folder / f"{stem}.html", folder / f"{stem}.xlsx"


class Drawer:
    """Puts receipts away during one call."""

    def __init__(self, warehouse: Warehouse, ledger: Ledger, actor: str) -> None:
        self._warehouse, self._ledger, self._actor = warehouse, ledger, actor
        self._last = {
            (entry.quarter, entry.payload["feed"], entry.payload["file_name"], entry.payload["delivery_sha256"]): entry.payload
            for entry in ledger.entries("receipt")
        }

    def has_accepted(self, delivery: Delivery) -> bool:
        """Whether the delivery's newest receipt says that it was accepted, and lies there."""
        last = self._last.get(_key(delivery))
        return (
            last is not None and last["outcome"] != "rejected" and all(path.exists() for path in receipt_files(self._warehouse, delivery))
        )

    def put(self, receipt: Receipt) -> bool:
        """Write both files and the ledger's line unless exactly that was issued last; whether anything was new."""
        contents = (receipt_html(receipt), receipt_xlsx(receipt))
        files = receipt_files(self._warehouse, receipt.delivery)
        payload = {
            "feed": receipt.delivery.feed,
            "file_name": receipt.delivery.file_name,
            "delivery_sha256": receipt.delivery.sha256,
            "stage": receipt.stage,
            "outcome": receipt.outcome,
            "faults": receipt.tally,
            "rows_not_counted": sum(count.quarantined for count in receipt.counts),
            **{f"{path.suffix[1:]}_sha256": hashlib.sha256(content).hexdigest() for path, content in zip(files, contents, strict=True)},
        }
        if self._last.get(_key(receipt.delivery)) == payload and all(path.exists() for path in files):
            return False
        for path, content in zip(files, contents, strict=True):
            durable.write_bytes(path, content, is_private=True)
        subject = f"{receipt.delivery.feed}/{receipt.delivery.file_name}"
        self._ledger.append("receipt", quarter=receipt.delivery.quarter, subject=subject, payload=payload, actor=self._actor)
        self._last[_key(receipt.delivery)] = payload
        return True


def _key(delivery: Delivery) -> Key:
    return delivery.quarter, delivery.feed, delivery.file_name, delivery.sha256
