"""Keeping receipts: two files per delivery beside the archive, and a line in the ledger with the outcome.

Here: names, private files, when there is nothing new to say, whether files are the recorded ones. Not here: what a receipt says.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines import durable
from pipelines.delivery import Delivery, delivery_id_of
from pipelines.editions.recorded_files import is_behind_link
from pipelines.landing.archive import sha256_of
from pipelines.ledger import Ledger
from pipelines.receipts.content import Receipt
from pipelines.receipts.page import receipt_html
from pipelines.receipts.workbook import receipt_xlsx
from pipelines.warehouse import Warehouse

#: Bytes of a delivered file's name in the name of its receipt; a disk takes 255 in all, the mark of unfinished files among them.
LONGEST_NAME = 190
Key = tuple[str, str, str, str]


def receipt_files(warehouse: Warehouse, delivery: Delivery) -> tuple[Path, Path]:
    """Page and workbook of a delivery: `receipts/<quarter>/<feed>/<file name>_<delivery>.html` and `.xlsx`; long names are cut."""
    return _files(warehouse, delivery.quarter, delivery.feed, delivery.file_name, delivery.delivery_id)


def _files(warehouse: Warehouse, quarter: str, feed: str, file_name: str, delivery_id: str) -> tuple[Path, Path]:
    name = Path(file_name).stem.encode()[:LONGEST_NAME].decode(errors="ignore")
    stem, folder = f"{name}_{delivery_id}", warehouse.receipts / quarter / feed
    return folder / f"{stem}.html", folder / f"{stem}.xlsx"


def receipt_faults(warehouse: Warehouse, ledger: Ledger) -> list[str]:
    """Receipts that are not the newest that the ledger records, a line each. One that is gone is no fault: the next run writes it."""
    newest: dict[Path, tuple[str, int]] = {}
    for entry in ledger.entries("receipt"):
        told = entry.payload
        files = _files(warehouse, entry.quarter, told["feed"], told["file_name"], delivery_id_of(told["delivery_sha256"]))
        newest |= {path: (told[f"{path.suffix[1:]}_sha256"], entry.seq) for path in files}
    faults = []
    for path, (recorded, line) in sorted(newest.items()):
        name = path.relative_to(warehouse.root).as_posix()
        if is_behind_link(warehouse, path):
            faults.append(f"{name}: found a link; expected the file itself")
        elif path.is_file() and sha256_of(path) != recorded:
            faults.append(f"{name}: found other bytes; expected the receipt that ledger line {line} records")
    return faults


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
