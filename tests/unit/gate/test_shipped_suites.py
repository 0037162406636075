"""The suites of `expectations/`: each rule passes at its bound and fails just beyond it, in Great Expectations itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipelines.gate import adapter, load_suites
from pipelines.gate.adapter import Task
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import Expectation, Suite

QUARTERS = {number: f"2023Q{number}" for number in (1, 2, 3, 4)}
RULES = {expectation.rule: expectation for suite in load_suites() for expectation in suite.expectations}
TEXTS = {"^33[0-9]{4}$": ("330108", "310108"), "^20[0-9]{2}(?:Q[1-4])?$": ("2023Q3", "2023Q5")}


def columns(expectation: Expectation) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Values of the judged columns that just pass, and that just do not."""
    kwargs = expectation.kwargs
    lower, upper = kwargs.get("min_value"), kwargs.get("max_value")
    match expectation.type.removeprefix("expect_"):
        case "column_values_to_be_between":
            bounds = [bound for bound in (lower, upper) if bound is not None]
            beyond = [*([lower - 1e-6] if lower is not None else []), *([upper + 1e-6] if upper is not None else [])]
            return {kwargs["column"]: bounds}, {kwargs["column"]: beyond}
        case "column_values_to_be_in_set":
            return {kwargs["column"]: kwargs["value_set"]}, {kwargs["column"]: ["x" if isinstance(kwargs["value_set"][0], str) else 0]}
        case "column_values_to_not_be_null":
            return {kwargs["column"]: [0, 1]}, {kwargs["column"]: [None, 1]}
        case "column_values_to_match_regex":
            right, wrong = TEXTS[kwargs["regex"]]
            return {kwargs["column"]: [right]}, {kwargs["column"]: [wrong]}
        case "compound_columns_to_be_unique":
            first, *rest = kwargs["column_list"]
            others: dict[str, list[Any]] = {column: ["a", "a"] for column in rest}
            return {first: ["a", "b"], **others}, {first: ["a", "a"], **others}
        case "column_unique_value_count_to_be_between":
            return {kwargs["column"]: list(range(lower))}, {kwargs["column"]: list(range(lower - 1))}
        case "table_row_count_to_be_between":
            return {"region_code": ["a"] * lower}, {"region_code": ["a"] * (lower - 1)}
    raise AssertionError(f"no data set for {expectation.type}")


def judged(expectation: Expectation, values: dict[str, list[Any]]) -> tuple[Suite, JudgedData]:
    frame = pd.DataFrame(values)
    for column, admitted in expectation.rows:
        if column not in frame:
            frame[column] = admitted[0]
    suite = Suite(expectation.table, ("region_code", "indicator"), (expectation,))
    return suite, JudgedData("", "", {expectation.table: frame}, ())


@pytest.fixture(scope="module")
def outcomes():
    """All rules on both data sets in one go of Great Expectations: rule -> (just passing, just failing) findings."""
    cases = {(rule, side): judged(expectation, columns(expectation)[side]) for rule, expectation in RULES.items() for side in (0, 1)}
    tasks: dict[tuple[str, int], Task] = {}
    for (rule, side), (suite, data) in cases.items():
        (task,) = tasks_of(QUARTERS[RULES[rule].quarters[0]], [suite], data)
        tasks[rule, side] = Task(f"{rule} {side}", task.frame, task.expectations)
    results = adapter.evaluate(tasks.values())
    found: dict[str, list[Any]] = {rule: [None, None] for rule in RULES}
    for (rule, side), (suite, data) in cases.items():
        quarter = QUARTERS[RULES[rule].quarters[0]]
        (named,) = tasks_of(quarter, [suite], data)
        found[rule][side] = judge_data(quarter, [suite], data, {named.name: results[f"{rule} {side}"]}, [], dt.date(2023, 10, 31))
    return found


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_passes_at_its_bound_and_fails_just_beyond(outcomes, rule: str):
    passing, failing = outcomes[rule]
    assert [finding.passed for finding in passing] == [True]
    assert {(finding.passed, finding.severity) for finding in failing} == {(False, RULES[rule].severity)}
    assert all("未能评估" not in finding.observed for finding in failing)


def test_there_are_enough_rules_for_staging_indicators_and_scoring():
    tables = [expectation.table for expectation in RULES.values()]
    assert len(RULES) >= 40
    assert sum(table in ("chk_indicators", "ed_indicators", "ind_values") for table in tables) >= 15
    assert sum(table in ("chk_scores", "ed_ranking", "ed_scores") for table in tables) >= 15


def test_an_expectation_without_result_holds():
    expectation = RULES["DEL-001"]
    suite, data = judged(expectation, {"excess": [0.0]})
    (finding,) = judge_data("2023Q3", [suite], data, {}, [], dt.date(2023, 10, 31))
    assert finding.holds
    assert not finding.waivable
