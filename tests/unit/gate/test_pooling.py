"""Pooling: what is asked of many rows together is found as if each task were asked alone."""

from __future__ import annotations

import random

import pandas as pd

from pipelines.gate.adapter import evaluate
from pipelines.gate.pooling import ORIGIN, Task, pooled
from tests.unit.gate.conftest import expectation

BOUND = {"kwargs": {"column": "excess", "max_value": 0}}
KEY = {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["region_code", "indicator"]}}
COUNT = {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "region_code", "min_value": 2, "max_value": 3}}


def task(name: str, *excess: float | None, regions: str = "") -> Task:
    frame = pd.DataFrame({"region_code": list(regions or "a" * len(excess)), "indicator": "GDP", "excess": pd.Series(excess, dtype=float)})
    return Task(
        name, frame, (expectation(f"{name}-bound", **BOUND), expectation(f"{name}-key", **KEY), expectation(f"{name}-count", **COUNT))
    )


def test_the_same_question_is_asked_once_whatever_the_rule_and_the_table():
    pools, left = pooled([task("first", 0.0), task("second", 1.0, 0.0)])
    assert [[part.rule for part in pool.parts] for pool in pools] == [["first-bound", "second-bound"], ["first-key", "second-key"]]
    assert [[each.rule for each in one.expectations] for one in left] == [["first-count"], ["second-count"]]


def test_another_bound_or_another_kind_of_column_is_another_question():
    other = Task("other", task("x", 0.0).frame, (expectation("other", kwargs={"column": "excess", "max_value": 1}),))
    whole = Task("whole", task("x", 0.0).frame.astype({"excess": int}), (expectation("whole", **BOUND),))
    pools, left = pooled([Task("one", task("x", 0.0).frame, (expectation("one", **BOUND),)), other, whole])
    assert pools == []
    assert {one.name for one in left} == {"one", "other", "whole"}


def test_a_column_without_any_value_and_an_absent_one_are_left_alone():
    absent = Task("absent", task("x", 0.0).frame.drop(columns="excess"), (expectation("absent", **BOUND),))
    taken = Task("taken", task("x", 0.0).frame.assign(**{ORIGIN: 1}), (expectation("taken", **BOUND),))
    _, left = pooled([task("first", 0.0), task("second", 0.0), task("empty", None, None), absent, taken])
    assert {one.name for one in left if one.expectations[0].rule.endswith(("bound", "absent", "taken"))} == {"empty", "absent", "taken"}


def test_rows_asked_together_give_each_task_what_it_finds_alone():
    chance = random.Random(315)
    tasks = []
    for number in range(12):
        rows = chance.randint(1, 6)
        excess = [chance.choice([None, -1.0, 0.0, 0.5]) for _ in range(rows)]
        tasks.append(task(f"{number}", *excess, regions="".join(chance.choice("abc") for _ in range(rows))))
    pools, _ = pooled(tasks)
    assert any(len(pool.parts) > 5 for pool in pools)
    alone = {}
    for one in tasks:
        for asked in one.expectations:
            alone[one.name, asked.rule] = evaluate([Task(one.name, one.frame, (asked,))])[one.name][asked.rule]
    together = {(name, rule): found for name, by_rule in evaluate(tasks).items() for rule, found in by_rule.items()}
    assert together == alone


def test_rows_that_cannot_be_judged_crash_only_their_own_rule():
    def objects(name: str, *excess: object) -> Task:
        return Task(name, pd.DataFrame({"excess": pd.Series(excess, dtype=object)}), (expectation(name, **BOUND),))

    found = evaluate([objects("numbers", 0.0, 1.0), objects("words", "many", "few")])
    assert found["numbers"]["numbers"].failing == (1,)
    assert found["words"]["words"].crashed
