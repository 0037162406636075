"""Nothing is published, and no byte of an edition changes, when a rule or a suite is not what it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.gate import adapter
from tests.unit.gate.conftest import rule
from tests.unit.gate.worlds import ABSENT, ADD_ROW, HELD, USAGE, Trap, World, assert_nothing_is_published, changed_after


def judged_by(*rules: dict) -> Callable[[World], object]:
    return lambda world: (world.suite(*rules), world.judge())


def judged_after(*statements: str) -> Callable[[World], object]:
    return lambda world: (world.sql(*statements), world.judge())


def suite_file(world: World) -> Path:
    return world.expectations / "chk_sums.yml"


TRAPS: dict[str, Trap] = {
    # expectations
    "an expectation crashed": (judged_by(ABSENT), HELD, "未能评估"),
    "a warning crashed": (judged_by(rule(), rule("T-002", **ABSENT | {"rule": "T-002", "severity": "warning"})), HELD, "未能评估"),
    "a column has no value": (judged_after("update chk_sums set excess = null"), HELD, "没有可审核的记录"),
    "the selected rows do not exist": (judged_by(rule(rows={"check_name": "renamed"})), HELD, "没有可审核的记录"),
    "the selecting column does not exist": (judged_by(rule(rows={"check": "sums"})), HELD, "没有可审核的记录"),
    "the selected value is of another type": (judged_by(rule(rows={"check_name": 1})), HELD, "没有可审核的记录"),
    "the table is empty": (judged_after("delete from chk_sums"), HELD, "GATE-002"),
    "the table holds another quarter only": (judged_after("update chk_sums set quarter = '2023Q2'"), HELD, "GATE-002"),
    "the table is gone": (judged_after("drop table chk_sums"), HELD, "GATE-001"),
    # rows that would pass unseen
    "one excess is empty": (judged_after(ADD_ROW % "null"), HELD, "T-001 330109/GDP: 1"),
    "one excess is NaN": (judged_after(ADD_ROW % "'nan'"), HELD, "T-001 330109/GDP: 1"),
    "a failing row has an empty whole-number bound": (
        judged_after(
            "alter table chk_sums alter lower type integer", ADD_ROW % "2", "update chk_sums set lower = null where region_code = '330109'"
        ),
        HELD,
        r"T-001 330109/GDP: 1 \(expected ≤ 1\)",
    ),
    "a check is judged by no rule": (
        lambda world: (
            world.suite(rule(rows={"check_name": "sums"})),
            world.sql((ADD_ROW % "0").replace("'sums'", "'new'")),
            world.judge(),
        ),
        HELD,
        "GATE-003 new",
    ),
    "a row names no check": (
        lambda world: (world.suite(rule(rows={"check_name": "sums"})), world.sql((ADD_ROW % "9").replace("'sums'", "null")), world.judge()),
        HELD,
        "GATE-003 —",
    ),
    "a flag is empty": (
        lambda world: (
            world.sql("alter table chk_sums add column is_right boolean", ADD_ROW % "0, true"),
            world.suite(rule(type="expect_column_values_to_be_in_set", kwargs={"column": "is_right", "value_set": [True]})),
            world.judge(),
        ),
        HELD,
        "T-001 330108/GDP",
    ),
    "counted values are all empty": (
        lambda world: (
            world.sql("update chk_sums set region_code = null"),
            world.suite(rule(type="expect_column_unique_value_count_to_be_between", kwargs={"column": "region_code", "max_value": 9})),
            world.judge(),
        ),
        HELD,
        "1 条空值",
    ),
    # suites
    "a suite file is empty": (changed_after(lambda world: suite_file(world).write_text("")), USAGE, "chk_sums.yml: found NoneType"),
    "a suite has no expectation": (changed_after(lambda world: world.suite()), USAGE, "expected at least one"),
    "a suite file is renamed": (
        changed_after(lambda world: suite_file(world).rename(world.expectations / "chk_sum.yml")),
        USAGE,
        "found 'chk_sums'; expected 'chk_sum'",
    ),
    "a suite file has another ending": (
        changed_after(lambda world: suite_file(world).rename(world.expectations / "chk_sums.yaml")),
        USAGE,
        "found chk_sums.yaml",
    ),
    "a suite is renamed with its table": (
        changed_after(lambda world: (suite_file(world).unlink(), world.suite(rule(), table="chk_other"))),
        USAGE,
        "found 'chk_other'; expected a model",
    ),
    "a suite is deleted": (changed_after(lambda world: suite_file(world).unlink()), USAGE, "found no suite for chk_sums"),
    "the suite of a published table is deleted": (
        changed_after(lambda world: (world.expectations / "rob_intervals.yml").unlink()),
        USAGE,
        "found no suite for rob_intervals",
    ),
    "a suite is no YAML": (changed_after(lambda world: suite_file(world).write_text("table: [")), USAGE, "expected YAML"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_is_published_when(world: World, trap: str):
    assert_nothing_is_published(world, TRAPS[trap])


def test_nothing_is_published_when_an_expectation_is_missing_from_the_results(world: World, monkeypatch: pytest.MonkeyPatch):
    evaluate = adapter.evaluate
    monkeypatch.setattr(adapter, "evaluate", lambda tasks: {name: {} for name in evaluate(tasks)})
    assert_nothing_is_published(world, (World.judge, HELD, "没有结果"))


def test_nothing_is_published_when_a_suite_changed_while_it_was_judged(world: World, monkeypatch: pytest.MonkeyPatch):
    evaluate = adapter.evaluate

    def meanwhile(tasks):
        found = evaluate(tasks)
        world.suite(rule(kwargs={"column": "excess", "max_value": 9}))
        return found

    monkeypatch.setattr(adapter, "evaluate", meanwhile)
    assert_nothing_is_published(world, (World.judge, HELD, "other suites"))
