"""Which quarter each row of the tax office's database belongs to, counted over the whole table.

Here: periods' ends in whatever form, rows without one, and the account of a table. Not here: reading the rows themselves (tax_extract.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.landing.tax_columns import day_of
from pipelines.quarters import Quarter, today_in_beijing

OLDEST = Quarter(1994, 1)
"""The tax system of today began in 1994; a period before it is a slip of the pen."""


@dataclass
class Account:
    """Every row of a table, by the quarter that it belongs to.

    `ends` counts rows whose period's end says the quarter, `spellings` are the forms in which the database has those ends. `placed`
    counts rows without such an end, by the quarter that their period's start or their filing speaks of; `unplaced` those that no
    quarter's extract can claim, so that every one shows them. `rows` is the table's own count.
    """

    rows: int
    ends: Counter[Quarter] = field(default_factory=Counter)
    placed: Counter[Quarter] = field(default_factory=Counter)
    unplaced: int = 0
    spellings: dict[str, Quarter] = field(default_factory=dict)

    def of(self, quarter: Quarter) -> int:
        """Rows in the extract of a quarter; rows of no quarter make no extract alone."""
        own = self.ends[quarter] + self.placed[quarter]
        return own + self.unplaced if own else 0

    @property
    def parts(self) -> int:
        """All rows that were found, which must be as many as the table has."""
        return self.ends.total() + self.placed.total() + self.unplaced

    def payload(self) -> dict[str, Any]:
        """The account for the ledger: parts and total."""
        return {"rows": self.rows, "ends": _by_name(self.ends), "placed": _by_name(self.placed), "unplaced": self.unplaced}


def _by_name(counts: Mapping[Quarter, int]) -> dict[str, int]:
    return {str(quarter): counts[quarter] for quarter in sorted(counts)}


def quarter_ended(cell: Any) -> Quarter | None:
    """The quarter in which a period ends; None of no day, and of a day in no period that anyone can have filed for."""
    day = day_of(cell)
    quarter = Quarter.of(day) if day else None
    return quarter if quarter and OLDEST <= quarter <= Quarter.of(today_in_beijing()) else None


def quarter_placed(start: Any, filed: Any, *, starts_with_year: bool) -> Quarter | None:
    """The quarter of a row whose period's end is none: that of its start, or the one before its filing.

    A start says nothing where every period starts with the year.
    """
    if not starts_with_year and (begun := quarter_ended(start)):
        return begun
    filed_in = quarter_ended(filed)
    return filed_in.plus(-1) if filed_in else None
