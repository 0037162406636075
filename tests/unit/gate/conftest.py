"""A warehouse made by hand: a small check table and the published tables, with suites and a ledger beside it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipelines.gate import Verdict, judge, require_verdict
from pipelines.gate.suites import Expectation
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from tests.unit.gate.worlds import World

TODAY = dt.date(2023, 10, 31)
QUARTER = "2023Q3"
WORDS = {"reason_zh": "残差超出舍入范围", "reason_en": "residual beyond rounding", "source": "feeds.md 2", "next_step_zh": "请报送单位核对"}
CHECK_TABLE = (
    "create table chk_sums (quarter varchar, check_name varchar, region_code varchar, indicator varchar, "
    "observed double, lower double, upper double, excess double)"
)


def rule(name: str = "T-001", **changes: Any) -> dict[str, Any]:
    between = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "excess", "max_value": 0}}
    return {"rule": name, **between, "severity": "error", **WORDS, **changes}


def waiver(**changes: Any) -> dict[str, Any]:
    days = {"date": dt.date(2023, 10, 30), "expires": dt.date(2023, 12, 31)}
    people = {"proposed_by": "张三", "approved_by": "李四"}
    return {"rule": "T-001", "region": "330108", "indicator": "GDP", "reason": "统计局已书面确认", **people, **days, **changes}


def expectation(rule: str = "T-001", **changes: Any) -> Expectation:
    """The same rule as loaded."""
    made = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "excess", "max_value": 0}, "severity": "error"}
    made |= {"rows": (), "quarters": (1, 2, 3, 4), "nulls": False, "waivable": True, "observed": "excess", "table": "chk_sums"}
    return Expectation(rule=rule, **made | WORDS | changes)


@dataclass
class Shelf:
    """Suites and waivers that a test writes."""

    root: Path

    @property
    def expectations(self) -> Path:
        return self.root / "expectations"

    def suite(self, *rules: dict[str, Any], table: str = "chk_sums", subject: tuple[str, ...] = ("region_code", "indicator")) -> None:
        content = {"table": table, "subject": list(subject), "expectations": list(rules)}
        self.expectations.mkdir(exist_ok=True)
        (self.expectations / f"{table}.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def waive(self, *waivers: dict[str, Any]) -> None:
        (self.expectations / "waivers").mkdir(exist_ok=True)
        content = yaml.safe_dump({"waivers": list(waivers)}, allow_unicode=True)
        (self.expectations / "waivers" / f"{QUARTER}.yml").write_text(content, encoding="utf-8")


@dataclass
class Bench(Shelf):
    """Suites beside a warehouse and a ledger: what a test changes before it judges."""

    warehouse: Warehouse
    ledger: Ledger

    def sql(self, *statements: str) -> None:
        with self.warehouse.connect(read_only=False) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, *rows: tuple[str, str, float | None]) -> None:
        """Rows of `chk_sums`: region, indicator, excess; bounds are -1 and 1, observed is the excess beyond 1."""
        self.sql("delete from chk_sums")
        with self.warehouse.connect(read_only=False) as connection:
            for region, indicator, excess in rows:
                observed = None if excess is None else 1 + excess
                connection.execute(
                    "insert into chk_sums values (?, 'sums', ?, ?, ?, -1, 1, ?)", [QUARTER, region, indicator, observed, excess]
                )

    def failing(self) -> Bench:
        """One failing row."""
        self.rows(("330108", "GDP", 0.5))
        return self

    def judge(self, today: dt.date | None = TODAY) -> Verdict:
        return judge(QUARTER, self.warehouse, self.ledger, "tester", today=today, expectations=self.expectations, models=None)

    def require(self, today: dt.date | None = TODAY) -> Verdict:
        return require_verdict(QUARTER, self.warehouse, self.ledger, today=today, expectations=self.expectations, models=None)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """One suite of one rule."""
    made = Shelf(tmp_path)
    made.suite(rule())
    return made


def bench_in(folder: Path) -> Bench:
    root = folder / "warehouse"
    root.mkdir(exist_ok=True)
    return Bench(folder, Warehouse(root), Ledger(f"sqlite:///{root / 'ledger.sqlite'}"))


@pytest.fixture(scope="session")
def bench_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bench; tests copy it, which is faster than making one."""
    folder = tmp_path_factory.mktemp("bench")
    made = bench_in(folder)
    made.sql(
        CHECK_TABLE,
        *(
            f"create table {table} as select '{QUARTER}' as quarter, '330108' as region_code, 1.5 as value"
            for table in ("ed_indicators", "ed_scores", "ed_ranking", "ed_targets")
        ),
    )
    made.suite(rule())
    made.rows(("330108", "GDP", 0.0))
    return folder


@pytest.fixture
def bench(bench_once: Path, tmp_path: Path) -> Bench:
    """One passing rule about one passing row."""
    return bench_in(shutil.copytree(bench_once, tmp_path / "bench"))


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world with edition 001; tests copy it."""
    from tests.unit.gate.worlds import published_world

    folder = tmp_path_factory.mktemp("world")
    published_world(folder)
    return folder


@pytest.fixture
def world(published_once: Path, tmp_path: Path) -> World:
    """An edition in force and a correction that waits to be judged and published."""
    from tests.unit.gate.worlds import corrected_copy

    return corrected_copy(published_once, tmp_path / "copy")
