"""The bench on which a fault is tried: an office with an edition published, one spoilt delivery, and everything put back afterwards.

Here: delivering, landing, staging and judging in this process, by the very functions that a run calls. Not here: faults, assertions.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.delivery import Delivery
from pipelines.errors import DeliveryRejected
from pipelines.gate import adapter, load_suites
from pipelines.gate.findings import Finding
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import Suite
from pipelines.landing import Landed, export_in_force, land_files, land_tax
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse
from tests.conftest import Office
from tests.integration.broken_deliveries import RECEIVED, newest

QUARTER = "2023Q1"
FEED_MODELS = {
    "statistics": ("industry", "investment", "gdp", "research", "enterprises"),
    "contracts": ("contracts",),
    "incubators": ("carriers", "tenants"),
    "ledger": ("entries", "targets"),
    "tax": ("taxpayers", "vat_returns", "rd_returns"),
}
MODEL_OF = {"dj_nsrxx": "taxpayers", "sb_zzs": "vat_returns", "sb_yfjjkc": "rd_returns"}
#: Models that read another model of their feed.
DEPENDENT_MODELS = {"carriers": ("tenants",), "taxpayers": ("vat_returns", "rd_returns")}
ALWAYS_JUDGED = ("chk_deliveries",)
LINEAGE = ("delivery_id", "source_file", "source_sheet", "source_row", "coercions")


@dataclass(frozen=True)
class Staged:
    """What staging and the check models made of a delivery: rows kept aside by (table, row), coercions by table, kept rows by model.

    `rows` are the kept rows by model and source row.
    """

    quarantined: dict[tuple[str, int], tuple[str, str]]
    coercions: dict[str, int]
    kept: dict[str, list[tuple[Any, ...]]]
    checks: dict[str, pd.DataFrame]
    rows: dict[str, dict[int, tuple[Any, ...]]]

    def out_of_bounds(self) -> dict[str, set[str]]:
        """Rules of the shipped suites whose bounds the check tables break, by severity: quick, without Great Expectations."""
        found: dict[str, set[str]] = {"error": set(), "warning": set()}
        for suite in suites():
            frame = self.checks.get(suite.table)
            for expectation in suite.expectations if frame is not None else ():
                name = dict(expectation.rows).get("check_name")
                if not name or int(QUARTER[-1]) not in expectation.quarters:
                    continue
                values = frame[frame["check_name"].isin(name)][expectation.kwargs["column"]]
                low, high = expectation.kwargs.get("min_value", float("-inf")), expectation.kwargs.get("max_value", float("inf"))
                if not values.between(low, high).all():
                    found[expectation.severity].add(expectation.rule)
        return found

    def findings(self, *tables: str) -> list[Finding]:
        """The gate's findings on these check tables, by Great Expectations itself: it costs a tenth of a second an expectation."""
        data = JudgedData("", "", {table: self.checks[table] for table in tables}, ())
        asked = [suite for suite in suites() if suite.table in tables]
        outcomes = adapter.evaluate(tasks_of(QUARTER, asked, data))
        return judge_data(QUARTER, asked, data, outcomes, [], dt.date(2023, 12, 20))


@functools.cache
def suites() -> list[Suite]:
    """The shipped suites."""
    return load_suites()


@dataclass
class Bench:
    """An office whose deliveries may be spoilt one at a time; the SQL of its models, and of the steps that follow some, by model."""

    office: Office
    compiled: dict[str, str] = field(repr=False)
    steps_after: dict[str, str] = field(repr=False)
    _clean: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    _baseline: dict[str, Staged] = field(default_factory=dict, repr=False)

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.office.warehouse)

    @property
    def tax(self) -> Path:
        return self.office.data_raw / "tax.sqlite"

    def ledger(self) -> Ledger:
        return Ledger(f"sqlite:///{self.office.warehouse / 'ledger.sqlite'}")

    def clean(self, feed: str, quarter: str = QUARTER) -> bytes:
        """The newest sound delivery of a feed."""
        key = feed, quarter
        if key not in self._clean:
            self._clean[key] = newest(self.office, quarter, feed).read_bytes()
        return self._clean[key]

    def served(self) -> dict[str, str]:
        """Digests of everything that readers are served."""
        editions = self.office.warehouse / "editions"
        return {
            str(path.relative_to(editions)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(editions.rglob("*"))
            if path.is_file()
        }

    @contextmanager
    def delivered(self, feed: str, content: bytes, *, quarter: str = QUARTER, name: str = "") -> Iterator[Path]:
        """A further delivery in the drop folder for the length of a block; the ledger is then as it was."""
        before = newest(self.office, quarter, feed)
        path = before.with_name(name or f"{RECEIVED}_更正{before.suffix}")
        with self._ledger_put_back():
            path.write_bytes(content)
            try:
                yield path
            finally:
                path.unlink()

    @contextmanager
    def falsified_tax(self, *statements: str) -> Iterator[str]:
        """The tax office's database after some statements, by its URL."""
        copy = self.office.cwd / "falsified.sqlite"
        shutil.copyfile(self.tax, copy)
        with self._ledger_put_back():
            connection = sqlite3.connect(copy)
            with connection:
                for statement in statements:
                    connection.execute(statement)
            connection.close()
            try:
                yield f"sqlite:///{copy}"
            finally:
                copy.unlink()

    @contextmanager
    def _ledger_put_back(self) -> Iterator[None]:
        ledger = self.office.warehouse / "ledger.sqlite"
        content = ledger.read_bytes()
        try:
            yield
        finally:
            ledger.write_bytes(content)

    def land(self, feed: str, quarter: str = QUARTER) -> Landed:
        (landed,) = land_files(feed, [Quarter.parse(quarter)], self.office.data_raw, self.warehouse, self.ledger(), "tester")
        return landed

    def land_tax(self, url: str) -> Landed:
        (landed,) = land_tax([Quarter.parse(QUARTER)], url, self.warehouse, self.ledger(), "tester")
        return landed

    def rejection(self, feed: str, quarter: str = QUARTER) -> DeliveryRejected | None:
        try:
            self.land(feed, quarter)
        except DeliveryRejected as rejected:
            return rejected
        return None

    def recorded(self, sha256: str, feed: str) -> Delivery:
        """The ledger's newest entry on these bytes."""
        return [delivery for delivery in self.ledger().deliveries() if (delivery.sha256, delivery.feed) == (sha256, feed)][-1]

    def baseline(self, feed: str) -> Staged:
        """What staging and the gate make of the sound delivery."""
        if feed not in self._baseline:
            self._baseline[feed] = self.staged(feed)
        return self._baseline[feed]

    def staged(self, feed: str, table: str = "", checks: tuple[str, ...] = ()) -> Staged:
        """Stage a table of the delivery in force anew (or all) and compute check tables; the warehouse is then as it was."""
        model = MODEL_OF.get(table, table)
        models = (model, *DEPENDENT_MODELS.get(model, ())) if table else FEED_MODELS[feed]
        export_in_force(self.warehouse, self.ledger())
        with self.warehouse.connect(read_only=False) as connection:
            # Planning these long statements well takes five times what running them takes on so few rows.
            connection.execute("pragma disable_optimizer")
            connection.execute("begin")
            try:
                return self._staged(connection, feed, models, tuple(dict.fromkeys((*ALWAYS_JUDGED, *checks))))
            finally:
                connection.execute("rollback")

    def _staged(self, connection: duckdb.DuckDBPyConnection, feed: str, models: tuple[str, ...], checks: tuple[str, ...]) -> Staged:
        for model in models:
            self._made_anew(connection, f"base_{feed}__{model}")
        # The checks of the regional sheets' cells read a table of them.
        between = ("int_statistics_cells",) if any(check.startswith("chk_statistics") for check in checks) else ()
        for model in ("stg_row_counts", *between, *checks):
            self._made_anew(connection, model)
        quarantined = connection.execute(
            "select source_table, source_row, reason, field from stg_quarantine where quarter = ? and feed = ?", [QUARTER, feed]
        ).fetchall()
        counts = connection.execute("select source_table, coercions from stg_row_counts where quarter = ? and feed = ?", [QUARTER, feed])
        coercions = {table.split("/")[1]: coerced or 0 for table, coerced in counts.fetchall()}
        kept = {model: _values(connection, f"base_{feed}__{model}") for model in models}
        frames = {check: connection.execute(f'select * from "{check}" where quarter = ? order by all', [QUARTER]).df() for check in checks}
        rows = {model: _rows(connection, f"base_{feed}__{model}") for model in models}
        aside = {(table.split("/")[1], row): (reason, which) for table, row, reason, which in quarantined}
        return Staged(aside, coercions, kept, frames, rows)

    def _made_anew(self, connection: duckdb.DuckDBPyConnection, model: str) -> None:
        """The quarter's rows of a table, as a run makes them (macros/by_quarter.sql)."""
        connection.execute(f"delete from {model} where quarter = '{QUARTER}'")
        connection.execute(f"insert into {model} by name select * from ({self.compiled[model]}) as built where quarter = '{QUARTER}'")
        if model in self.steps_after:
            connection.execute(self.steps_after[model])


def _rows(connection: duckdb.DuckDBPyConnection, model: str) -> dict[int, tuple[Any, ...]]:
    """The kept rows of the quarter by their places."""
    names = [name for (name, *_) in connection.execute(f"describe {model}").fetchall()]
    shown = ", ".join(["source_row", *(name for name in names if name not in (*LINEAGE, "quarantined_because", "quarantined_field"))])
    query = f"select {shown} from {model} where quarter = '{QUARTER}' and quarantined_because is null order by source_row"
    return {row: tuple(values) for row, *values in connection.execute(query).fetchall()}


def _values(connection: duckdb.DuckDBPyConnection, model: str) -> list[tuple[Any, ...]]:
    """The kept rows of the quarter without their places: what later models see."""
    names = [name for (name, *_) in connection.execute(f"describe {model}").fetchall()]
    shown = ", ".join(name for name in names if name not in (*LINEAGE, "quarantined_because", "quarantined_field"))
    query = f"select {shown} from {model} where quarter = '{QUARTER}' and quarantined_because is null order by all"
    return connection.execute(query).fetchall()
