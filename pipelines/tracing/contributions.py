"""The contributions behind a cell, from the parts that are kept with its edition.

Here: sums and rows of a term, what was excluded, what was quarantined. Not here: what the rows looked like as delivered (landed.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.editions.lineage import COLUMNS, QUARANTINED, part_path, unchanged
from pipelines.tracing.published import Edition
from pipelines.tracing.recipes import Recipe, Share, Term

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_LARGEST_FIRST = "amount desc nulls last, region_code, source_table, delivery_id, source_row"


@dataclass(frozen=True)
class Contribution:
    """One row: where it counts, how much (None if it does not count), where it was delivered, why it is excluded (empty if it is not)."""

    quarter: str
    region: str
    role: str
    amount: Decimal | None
    delivery_id: str
    source_table: str
    row: int
    column: str | None
    excluded_because: str

    @property
    def place(self) -> tuple[str, str, int]:
        """What finds the delivered row again: delivery, table, row."""
        return self.delivery_id, self.source_table, self.row


@dataclass(frozen=True)
class Counted:
    """A term added up: the sum (None if it has no value), how many rows gave it, the rows that are shown, what the others add up to."""

    term: Term
    total: Decimal | None
    rows: int
    shown: list[Contribution]
    rest: Decimal


@dataclass(frozen=True)
class Excluded:
    """Rows of the region that do not count, by reason: how many, and the first of them."""

    reason: str
    rows: int
    shown: list[Contribution] = field(default_factory=list)


class Contributions:
    """What the lineage of an edition holds about one recipe, read once into memory."""

    def __init__(self, edition: Edition, recipe: Recipe) -> None:
        import duckdb

        self._edition = edition
        self.connection = duckdb.connect(":memory:")
        self.connection.execute(_EMPTY)
        wanted: dict[tuple[str, str], set[str]] = {}
        for term in recipe.terms.values():
            for share in term.shares:
                wanted.setdefault((share.quarter, term.indicator), set()).update(share.regions)
        for (quarter, indicator), regions in sorted(wanted.items()):
            self._read(quarter, indicator, regions)

    def _read(self, quarter: str, indicator: str, regions: Iterable[str]) -> None:
        if quarter in self._edition.lineage.parts:
            self.connection.execute(
                f"insert into traced select ?, {', '.join(_TRACED)} from read_parquet(?) "
                f"where indicator = ? and region_code in ({', '.join('?' * len(named := sorted(regions))) or 'null'})",
                [quarter, str(part_of(self._edition, quarter)), indicator, *named],
            )

    def counted(self, term: Term, limit: int | None) -> Counted:
        """The term's sum and its largest rows; all of them without a limit."""
        totals = [self._total(term, share) for share in term.shares]
        where, parameters = _of_term(term)
        told = self.connection.execute(f"select count(*) from traced where {where} and excluded_because is null", parameters).fetchone()
        query = f"select * from traced where {where} and excluded_because is null order by {_LARGEST_FIRST}"
        shown = self._rows(query, parameters, limit)
        total = None if None in totals else sum((each for each in totals if each is not None), Decimal(0))
        rest = (total or Decimal(0)) - sum((row.amount or Decimal(0) for row in shown), Decimal(0))
        return Counted(term, total, int(told[0]) if told else 0, shown, rest)

    def _total(self, term: Term, share: Share) -> Decimal | None:
        """The sum of a quarter's share, by the same rules as the models."""
        where, parameters = _of_share(term, share)
        (found,) = self.connection.execute(
            f"select sum(amount) from traced where {where} and excluded_because is null", parameters
        ).fetchone() or (None,)
        if not share.regions:
            return None
        if found is None and term.is_counted and (share.quarter, term.feed) in self._edition.staged:
            return Decimal(0)
        return found

    def excluded(self, recipe: Recipe, limit: int | None) -> list[Excluded]:
        """Rows of the cell's regions that do not count, by reason, the most frequent first."""
        wheres, parameters = [], []
        for term in recipe.terms.values():
            for share in term.shares:
                where, more = _of_share(term, share, any_role=True)
                wheres.append(f"({where})")
                parameters += more
        rows = f"from traced where ({' or '.join(wheres)}) and excluded_because is not null"
        reasons = self.connection.execute(
            f"select excluded_because, count(*) {rows} group by excluded_because order by count(*) desc, excluded_because", parameters
        ).fetchall()
        order = "order by quarter desc, source_table, delivery_id, source_row"
        return [
            Excluded(reason, count, self._rows(f"select * {rows} and excluded_because = ? {order}", [*parameters, reason], limit))
            for reason, count in reasons
        ]

    def _rows(self, query: str, parameters: list[str], limit: int | None) -> list[Contribution]:
        found = self.connection.execute(query + ("" if limit is None else f" limit {limit}"), parameters).fetchall()
        return [
            Contribution(quarter, region, role, amount, delivery, table, row, column, excluded or "")
            for quarter, region, _, _, role, amount, delivery, table, row, column, excluded in found
        ]


_TRACED = tuple(name for name in COLUMNS if name != "contributor")
_EMPTY = """
    create temp table traced (
        quarter varchar, region_code varchar, indicator varchar, period varchar, role varchar, amount decimal(28, 6),
        delivery_id varchar, source_table varchar, source_row bigint, source_column varchar, excluded_because varchar
    )
"""


def part_of(edition: Edition, quarter: str) -> Path:
    """The part of a quarter, if its bytes are those that the manifest names."""
    return unchanged(part_path(edition.warehouse, edition.lineage.parts[quarter]))


def quarantined(edition: Edition, quarter: str, connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, str, str]]:
    """Quarantined rows of a quarter: delivery, table, row, field, reason."""
    if quarter not in edition.lineage.parts:
        return []
    query = (
        f"select delivery_id, source_table, source_row, source_column, excluded_because from read_parquet(?) "
        f"where indicator is null and role = '{QUARANTINED}' order by all"
    )
    return connection.execute(query, [str(part_of(edition, quarter))]).fetchall()


def _of_share(term: Term, share: Share, *, any_role: bool = False) -> tuple[str, list[str]]:
    regions = sorted(share.regions)
    where = f"quarter = ? and indicator = ? and region_code in ({', '.join('?' * len(regions)) or 'null'}) and period = ?"
    parameters = [share.quarter, term.indicator, *regions, term.period or share.quarter]
    return (where, parameters) if any_role else (f"{where} and role = ?", [*parameters, term.role])


def _of_term(term: Term) -> tuple[str, list[str]]:
    shares = [_of_share(term, share) for share in term.shares]
    return "(" + " or ".join(f"({where})" for where, _ in shares) + ")", [each for _, parameters in shares for each in parameters]
