"""The sample's eight editions as they are traced, and the sums of their lineage read without the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pytest

from pipelines.editions.lineage import part_path
from pipelines.ledger import Ledger
from pipelines.tracing.published import Edition, all_in_force
from pipelines.tracing.recipes import Term
from pipelines.warehouse import Warehouse
from tests.conftest import Office

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Editions:
    """The editions in force, the ledger, and per quarter the sums of what counts, by indicator, role, period and region."""

    ledger: Ledger
    of: dict[str, Edition]
    sums: dict[Key, Decimal]

    def keys_of(self, term: Term) -> list[Key]:
        """Where a term's contributions lie, whether there are any or not."""
        return [
            (share.quarter, term.indicator, term.role, term.period or share.quarter, region)
            for share in term.shares
            for region in sorted(share.regions)
        ]

    def total(self, term: Term, edition: Edition) -> Decimal | None:
        """A term's sum from nothing but its traced rows."""
        total = Decimal(0)
        for share in term.shares:
            known = [self.sums[key] for key in self.keys_of(term) if key[0] == share.quarter and key in self.sums]
            is_zero = term.is_counted and (share.quarter, term.feed) in edition.staged
            if not share.regions or not (known or is_zero):
                return None
            total += sum(known, Decimal(0))
        return total


@pytest.fixture(scope="session")
def editions(sample: Office) -> Editions:
    warehouse = Warehouse(sample.warehouse)
    ledger = Ledger(f"sqlite:///{sample.warehouse / 'ledger.sqlite'}", is_reader=True)
    of = {edition.quarter: edition for edition in all_in_force(warehouse, ledger)}
    last = of[max(of)]
    sums: dict[Key, Decimal] = {}
    for quarter, part in last.lineage.parts.items():
        # An edition shares the parts of the quarters before it with the one that came first.
        assert all(edition.lineage.parts.get(quarter, part) == part for edition in of.values())
        rows = duckdb.execute(
            "select indicator, role, period, region_code, sum(amount::decimal(28, 6)) from read_parquet(?) "
            "where excluded_because is null group by all",
            [str(part_path(warehouse, part))],
        ).fetchall()
        sums |= {(quarter, *row[:4]): row[4] for row in rows}
    return Editions(ledger, of, sums)
