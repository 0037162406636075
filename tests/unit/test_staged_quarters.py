"""What the warehouse holds: a quarter is due until a build of it ended, and again once a delivery, a rule or the code changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.delivery import Delivery
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.rulesets.parameters import Row, no_rows, to_arrow
from pipelines.rulesets.tables import scored_quarters
from pipelines.transform import staged
from pipelines.warehouse import Warehouse

FIRST, SECOND, THIRD = (Quarter(2023, number) for number in (1, 2, 3))
EARLIER, LATER = "a-county/2022.1", "a-county/2023.2"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    deliver(ledger, FIRST, "a")
    deliver(ledger, SECOND, "c")
    return ledger


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path)
    write_rules(warehouse)
    return warehouse


def deliver(ledger: Ledger, quarter: Quarter, content: str, day: int = 1) -> None:
    received = dt.date(2023, 4, day)
    ledger.record_delivery(Delivery(str(quarter), "tax", content * 64, "x.json", received, 1, 1, accepted=True, rows={}), "tester")


def write_rules(warehouse: Warehouse, later: str = "d", rankings: tuple[Row, ...] = ()) -> None:
    """One ruleset for the first quarter, one from the second on with `later` as its hash."""
    rows = no_rows()
    rows["rule_scenario"] = [
        {"ruleset": EARLIER, "sha256": "e", "scenario": "official", "valid_from": "2022Q1", "valid_to": "2023Q1"},
        {"ruleset": LATER, "sha256": later, "scenario": "official", "valid_from": "2023Q2", "valid_to": None},
    ]
    rows["rule_rank"] = list(rankings)
    (warehouse.landing / "rulesets").mkdir(parents=True, exist_ok=True)
    for name in ("rule_scenario", "rule_rank"):
        pq.write_table(to_arrow(rows)[name], warehouse.landing / "rulesets" / f"{name}.parquet")


def build(warehouse: Warehouse, ledger: Ledger, *quarters: Quarter, is_ended: bool = True) -> staged.Due:
    """What a run of `quarters` would build, as if it did."""
    now = staged.contents(ledger, warehouse)
    due = staged.due(quarters[-1:], quarters, warehouse, now)
    staged.forget(due, warehouse)
    if is_ended:
        staged.note(due, warehouse, now)
    return due


def due_of(warehouse: Warehouse, ledger: Ledger, asked: Quarter, *history: Quarter) -> staged.Due:
    return staged.due([asked], history, warehouse, staged.contents(ledger, warehouse))


def test_the_first_build_makes_everything(warehouse: Warehouse, ledger: Ledger):
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND) == staged.Due([FIRST, SECOND], [SECOND], is_whole=True)


def test_after_a_build_that_ended_only_the_asked_quarter_is_made_again(warehouse: Warehouse, ledger: Ledger):
    build(warehouse, ledger, FIRST, SECOND)
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND) == staged.Due([SECOND], [SECOND], is_whole=False)


def test_what_a_build_that_did_not_end_touched_is_made_again(warehouse: Warehouse, ledger: Ledger):
    build(warehouse, ledger, FIRST, SECOND)
    build(warehouse, ledger, FIRST, is_ended=False)
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND) == staged.Due([FIRST, SECOND], [SECOND], is_whole=False)


def test_a_whole_build_that_did_not_end_leaves_nothing_known(warehouse: Warehouse, ledger: Ledger):
    build(warehouse, ledger, FIRST, SECOND, is_ended=False)
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND).is_whole


@pytest.mark.parametrize("content", ["b", "a"], ids=["other bytes", "the same bytes on another day"])
def test_a_delivery_makes_its_quarter_and_all_after_it_due(warehouse: Warehouse, ledger: Ledger, content: str):
    deliver(ledger, THIRD, "f")
    build(warehouse, ledger, FIRST, SECOND, THIRD)
    deliver(ledger, SECOND, content, day=2)
    assert due_of(warehouse, ledger, THIRD, FIRST, SECOND, THIRD) == staged.Due([SECOND, THIRD], [THIRD], is_whole=False)


def test_a_rule_makes_the_quarters_that_it_scores_due_and_no_earlier_one(warehouse: Warehouse, ledger: Ledger):
    build(warehouse, ledger, FIRST, SECOND)
    write_rules(warehouse, later="changed")
    assert due_of(warehouse, ledger, FIRST, FIRST) == staged.Due([FIRST], [FIRST], is_whole=False)
    assert due_of(warehouse, ledger, THIRD, FIRST, SECOND, THIRD) == staged.Due([SECOND, THIRD], [THIRD], is_whole=False)


def test_other_code_makes_everything_due(warehouse: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    build(warehouse, ledger, FIRST, SECOND)
    monkeypatch.setattr(staged, "project_sha256", lambda: "another project")
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND) == staged.Due([FIRST, SECOND], [SECOND], is_whole=True)


def test_a_quarter_without_delivery_is_made_only_if_it_is_asked_for(warehouse: Warehouse, ledger: Ledger):
    build(warehouse, ledger, FIRST, SECOND)
    assert due_of(warehouse, ledger, SECOND, FIRST, SECOND, THIRD).quarters == [SECOND]


def test_a_quarter_compared_under_later_rules_is_scored_with_them(warehouse: Warehouse):
    ranking = {"ruleset": LATER, "rank_id": "moved", "measure": "change", "change_base": "previous_period", "change_rules": "restated"}
    write_rules(warehouse, rankings=(ranking,))
    assert scored_quarters(warehouse.landing, [SECOND]) == [FIRST, SECOND]
    assert scored_quarters(warehouse.landing, [FIRST]) == [FIRST]
