"""A delivery, as landing, the ledger and those who read it speak of it.

Here: what is known of one. Not here: recording it and which one is in force (ledger.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Delivery:
    """One received delivery as the ledger records it.

    `delivery_id` is the first 16 hex digits of `sha256` and names its landing files; `received_no` orders deliveries of one
    day; `rows` counts landed rows per table; `problem` holds the fields of `errors.Problem` if it was rejected.
    """

    quarter: str
    feed: str
    sha256: str
    file_name: str
    received_on: dt.date
    received_no: int
    size: int
    accepted: bool
    rows: dict[str, int]
    problem: dict[str, str] | None = None

    @property
    def delivery_id(self) -> str:
        """The short name used in landing paths and in every row's lineage."""
        return delivery_id_of(self.sha256)


def delivery_id_of(sha256: str) -> str:
    """The short name of delivered bytes."""
    return sha256[:16]
