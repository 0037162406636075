"""The tax office's database as SQLite: taxpayers, VAT returns, R&D super-deduction returns, corrections among them.

Here: the three tables of the contract and a notice. Not here: who the firms are and what they really spent.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.figures import Figures
from pipelines.sample.firms import Firms
from pipelines.sample.geography import OWN
from pipelines.sample.identities import with_wrong_check
from pipelines.sample.streams import Flags, Floats, skewed, stream
from pipelines.sample.workbooks import NOTICE

_SCHEMA = """
create table dj_nsrxx (djxh bigint not null primary key, nsrsbh varchar(20), nsrmc varchar(200), xzqh_dm char(6), hy_dm char(4),
    djrq date, nsrzt_dm char(2), xgrq timestamp) without rowid;
create table sb_zzs (sbxh bigint not null primary key, djxh bigint, skssq_q date, skssq_z date, xse numeric(18,2), ynse numeric(18,2),
    ms_jsxse numeric(18,2), sbrq timestamp) without rowid;
create table sb_yfjjkc (sbxh bigint not null primary key, djxh bigint, skssq_q date, skssq_z date, sblx_dm char(2), xmsl int,
    yffy_gj numeric(18,2), jjkc_je numeric(18,2), sbrq timestamp) without rowid;
create table sample_notice (notice text);
"""
_FIRST_ID = 10_000_001
Row = tuple[object, ...]


class TaxSample:
    """Writes the database quarter by quarter; return numbers are kept apart by year, so the range written does not move them."""

    def __init__(self, path: Path, firms: Firms, seed: int) -> None:
        self.firms, self.seed = firms, seed
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript("pragma journal_mode = off; pragma synchronous = off; pragma page_size = 4096;" + _SCHEMA)
        self.connection.execute("begin")
        self._insert("sample_notice", 1, [(NOTICE,)])
        self._insert("dj_nsrxx", 8, self._taxpayers())

    def add_quarter(self, quarter: Quarter, figures: list[Figures], sellers_known: Flags) -> None:
        """Add the returns whose period ends in `quarter`; `sellers_known` marks firms with a counted contract in the year to date."""
        self._insert("sb_zzs", 8, self._vat(quarter, figures, sellers_known))
        if quarter.number > 1:
            self._insert("sb_yfjjkc", 9, self._research(quarter, figures))

    def close(self) -> None:
        """Commit and close."""
        self.connection.execute("commit")
        self.connection.close()

    def _insert(self, table: str, width: int, rows: Iterable[Row]) -> None:
        self.connection.executemany(f"insert into {table} values ({', '.join('?' * width)})", rows)

    def _taxpayers(self) -> Iterator[Row]:
        firms = self.firms
        registered = dt.date(2005, 1, 4).toordinal() + stream(self.seed, "tax_registered").integers(0, 5200, firms.size)
        other_class = stream(self.seed, "tax_class").random(firms.size) < 0.04
        for at in range(firms.size):
            cancelled = firms.role[at] == "cancelled"
            changed = dt.datetime(2021, 12, 1, 9, 0) - dt.timedelta(days=at % 400, minutes=at % 480)
            yield (
                _FIRST_ID + at, str(firms.uscc[at]), str(firms.name[at]), str(firms.division[at]),
                "6510" if other_class[at] else str(firms.industry[at]), dt.date.fromordinal(int(registered[at])).isoformat(),
                "05" if cancelled else "03", str(changed),
            )  # fmt: skip
        for extra in range(min(2, firms.size // 400)):
            wrong = with_wrong_check(str(firms.uscc[extra]))
            yield (
                _FIRST_ID + firms.size + extra,
                wrong,
                str(firms.name[extra]),
                str(firms.division[extra]),
                "6510",
                "2015-06-01",
                "03",
                "2021-12-01 09:00:00",
            )

    def _sales(self, quarter: Quarter, figures: list[Figures]) -> Floats:
        """The quarter's own sales in yuan by firm."""
        firms = self.firms
        now = figures[quarter.number - 1].revenue
        before = figures[quarter.number - 2].revenue if quarter.number > 1 else np.zeros_like(now)
        sales = np.empty(firms.size)
        sales[: firms.above] = (
            np.maximum(now - before, 0) * 1000.0 * stream(self.seed, "tax_sales", quarter).uniform(0.96, 1.03, firms.above)
        )
        small = skewed(stream(self.seed, "tax_small"), firms.size - firms.above, 0.6) * 900_000
        growing = stream(self.seed, "tax_growing").uniform(3.2e6, 8e6, firms.size - firms.above)
        sales[firms.above :] = np.where(firms.role[firms.above :] == "growing", growing, small)
        sales[firms.above :] *= stream(self.seed, "tax_others", quarter).uniform(0.95, 1.06, firms.size - firms.above)
        return np.where(firms.role == "cancelled", 0.0, sales).round(2)

    def _vat(self, quarter: Quarter, figures: list[Figures], sellers_known: Flags) -> Iterator[Row]:
        firms = self.firms
        sales = self._sales(quarter, figures)
        gap = stream(self.seed, "tax_gap").random(firms.size) < 0.012
        exempt_share = stream(self.seed, "tax_exempt").uniform(0.02, 0.2, firms.size)
        exempt = np.where(firms.is_seller & sellers_known | gap & (firms.region < OWN), np.round(sales * exempt_share, 2), 0.0)
        due = np.round((sales - exempt) * 0.03, 2)
        first, last = quarter.first_day.isoformat(), quarter.last_day.isoformat()
        filed = _filed(stream(self.seed, "tax_filed", quarter), quarter.last_day, firms.size, 15)
        corrected = stream(self.seed, "tax_corrected", quarter).random(firms.size)
        number = (quarter.year * 10 + quarter.number) * 10_000_000
        for at in np.flatnonzero(firms.role != "cancelled").tolist():
            number += 1
            amounts = (float(sales[at]), float(due[at]), float(exempt[at]))
            if corrected[at] < 0.02:
                before = tuple(round(amount * 0.93, 2) for amount in amounts)
                yield number, _FIRST_ID + at, first, last, *before, str(filed[at])
                number += 1
                late = dt.timedelta(days=0 if corrected[at] < 0.003 else 5 + at % 160)
                yield number, _FIRST_ID + at, first, last, *amounts, str(filed[at] + late)
            else:
                yield number, _FIRST_ID + at, first, last, *amounts, str(filed[at])

    def _research(self, quarter: Quarter, figures: list[Figures]) -> Iterator[Row]:
        """Prepayments (YJ) of the second and third quarter, the annual settlement (HS) with the year's last quarter."""
        firms = self.firms
        is_annual = quarter.number == 4
        spent = np.zeros(firms.size)
        ratio = stream(self.seed, "tax_ratio").uniform(0.72, 1.05, firms.size)
        spent[: firms.above] = figures[quarter.number - 1].rd_true * 1000.0 * ratio[: firms.above]
        small = skewed(stream(self.seed, "tax_research"), firms.size, 0.7) * 1.1e6 * quarter.number / 4
        spent = np.where(firms.role == "research", small, spent).round(2)
        claims = stream(self.seed, "tax_claims", quarter.year).random(firms.size) < (0.96 if is_annual else 0.8)
        first, last = dt.date(quarter.year, 1, 1).isoformat(), quarter.last_day.isoformat()
        filed = _filed(stream(self.seed, "tax_rd_filed", quarter), quarter.last_day, firms.size, 120 if is_annual else 15)
        corrected = stream(self.seed, "tax_rd_corrected", quarter).random(firms.size) < 0.015
        number = (quarter.year * 10 + quarter.number) * 10_000_000
        for at in np.flatnonzero((spent > 0) & claims).tolist():
            tries = ((0.9, 0), (1.0, 9 + at % 150)) if corrected[at] else ((1.0, 0),)
            for share, later in tries:
                number += 1
                amount = round(float(spent[at]) * share, 2)
                yield (
                    number, _FIRST_ID + at, first, last, "HS" if is_annual else "YJ", 1 + at % 9, amount, amount,
                    str(filed[at] + dt.timedelta(days=later)),
                )  # fmt: skip


def _filed(rng: np.random.Generator, end: dt.date, size: int, within: int) -> list[dt.datetime]:
    """Moments of filing in the days after a period's end."""
    minutes = rng.integers(0, within * 600, size).tolist()
    start = dt.datetime(end.year, end.month, end.day) + dt.timedelta(days=1)
    return [start + dt.timedelta(days=minute // 600, hours=8, minutes=minute % 600) for minute in minutes]
