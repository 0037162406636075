"""What staging holds: a quarter is stale until a build of it ended, and again once a delivery or the code changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipelines.ledger import Delivery, Ledger
from pipelines.quarters import Quarter
from pipelines.transform.staged import forget, made_from, note, stale_quarters
from pipelines.warehouse import Warehouse

FIRST, SECOND = Quarter(2023, 1), Quarter(2023, 2)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    deliver(ledger, FIRST, "a")
    return ledger


def deliver(ledger: Ledger, quarter: Quarter, content: str, day: int = 1) -> None:
    received = dt.date(2023, 4, day)
    ledger.record_delivery(Delivery(str(quarter), "tax", content * 64, "x.json", received, 1, 1, accepted=True, rows={}), "tester")


def test_only_quarters_with_a_delivery_are_ever_stale(tmp_path: Path, ledger: Ledger):
    assert stale_quarters([FIRST, SECOND], Warehouse(tmp_path), made_from(ledger, "parser")) == [FIRST]


def test_a_build_that_ended_leaves_nothing_stale_and_one_that_did_not_does(tmp_path: Path, ledger: Ledger):
    warehouse, now = Warehouse(tmp_path), made_from(ledger, "parser")
    forget([FIRST], warehouse)
    assert stale_quarters([FIRST], warehouse, now) == [FIRST]
    note([FIRST, SECOND], warehouse, now)
    assert stale_quarters([FIRST, SECOND], warehouse, now) == []
    forget([FIRST], warehouse)
    assert stale_quarters([FIRST], warehouse, now) == [FIRST]


@pytest.mark.parametrize("change", ["another delivery", "the same bytes on another day", "another parser"])
def test_what_changes_the_rows_makes_the_quarter_and_all_after_it_stale(tmp_path: Path, ledger: Ledger, change: str):
    warehouse = Warehouse(tmp_path)
    deliver(ledger, SECOND, "c")
    forget([FIRST], warehouse)
    note([FIRST, SECOND], warehouse, made_from(ledger, "parser"))
    if change != "another parser":
        deliver(ledger, FIRST, "b" if change == "another delivery" else "a", day=2)
    now = made_from(ledger, change if change == "another parser" else "parser")
    assert stale_quarters([FIRST, SECOND], warehouse, now) == [FIRST, SECOND]


def test_a_later_quarter_leaves_the_ones_before_as_they_are(tmp_path: Path, ledger: Ledger):
    warehouse = Warehouse(tmp_path)
    forget([FIRST], warehouse)
    note([FIRST], warehouse, made_from(ledger, "parser"))
    deliver(ledger, SECOND, "c")
    assert stale_quarters([FIRST, SECOND], warehouse, made_from(ledger, "parser")) == [SECOND]
