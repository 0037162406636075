"""Judging: from outcomes and rows to findings. The outcomes are given, so nothing here needs Great Expectations."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipelines.gate.adapter import Outcome
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import Suite
from tests.unit.gate.conftest import QUARTER, TODAY, expectation
from tests.unit.gate.given import PASSED, SUBJECT, failing, frame, judged, suite

# --- what the adapter is asked


def test_rows_are_selected_once_for_all_rules_about_them():
    rows = frame(0.0, 1.0, 2.0, check_name=["a", "b", "a"])
    first, second, all_rows = (
        expectation("T-1", rows=(("check_name", ("a",)),)),
        expectation("T-2", rows=(("check_name", ("a",)),)),
        expectation(),
    )
    tasks = tasks_of(QUARTER, [suite(first, all_rows, second)], JudgedData("", "", {"chk_sums": rows}, ()))
    assert [task.expectations for task in tasks] == [(first, second), (all_rows,)]
    assert [list(task.frame["excess"]) for task in tasks] == [[0.0, 2.0], [0.0, 1.0, 2.0]]
    assert list(tasks[0].frame.index) == [0, 1]
    assert list(tasks[0].frame.columns) == list(rows.columns)
    assert len({task.name for task in tasks}) == 2


def test_rows_must_have_every_value_that_a_rule_selects_by():
    rows = frame(0.0, 1.0, 2.0, check_name=["a", "a", "b"], indicator=["GDP", "RD", "GDP"])
    both = expectation(rows=(("check_name", ("a", "b")), ("indicator", ("GDP",))))
    (task,) = tasks_of(QUARTER, [suite(both)], JudgedData("", "", {"chk_sums": rows}, ()))
    assert list(task.frame["excess"]) == [0.0, 2.0]


def test_nothing_is_asked_without_rows_table_or_column_and_the_next_table_still_is():
    gone = Suite("chk_gone", SUBJECT, (expectation("T-9"),))
    unknown_column, no_row = expectation("T-1", rows=(("check", ("a",)),)), expectation("T-2", rows=(("check_name", ("b",)),))
    tasks = tasks_of(QUARTER, [gone, suite(unknown_column, no_row, expectation())], JudgedData("", "", {"chk_sums": frame(0.0)}, ()))
    assert [task.expectations for task in tasks] == [(expectation(),)]


def test_a_rule_is_asked_in_its_quarters_only():
    data = JudgedData("", "", {"chk_sums": frame(0.0)}, ())
    third = suite(expectation(quarters=(3,)))
    assert [len(tasks_of(quarter, [third], data)) for quarter in ("2023Q2", "2023Q3")] == [0, 1]
    assert judge_data("2023Q2", [third], data, {}, [], TODAY) == []


def test_tasks_of_quarters_and_tables_have_names_of_their_own():
    other = Suite("chk_other", SUBJECT, (expectation("T-9"),))
    data = JudgedData("", "", {"chk_sums": frame(0.0), "chk_other": frame(0.0)}, ())
    names = {task.name for quarter in ("2023Q2", "2023Q3") for task in tasks_of(quarter, [suite(), other], data)}
    assert len(names) == 4


# --- findings of one expectation


def test_a_passed_rule_says_on_how_many_rows():
    (found,) = judged(frame(0.0, -1.0), PASSED)
    assert (found.passed, found.subject, found.observed, found.expected, found.count) == (True, "chk_sums", "2 项", "≤ 0", 0)


def test_each_failing_row_is_named_with_observed_bound_and_key():
    found = judged(frame(1.5, 0.0, 2.5), failing(2, 0))
    assert [(f.passed, f.subject, f.observed, f.expected, f.count) for f in found] == [
        (False, "330100/GDP", "1.5", "≤ 0", 2),
        (False, "330102/GDP", "2.5", "≤ 0", 2),
    ]
    assert [(f.region, f.indicator, f.rule) for f in found] == [("330100", "GDP", "T-001"), ("330102", "GDP", "T-001")]


def test_a_row_that_failed_fails_whatever_the_outcome_says():
    (found,) = judged(frame(1.5), Outcome("T-001", success=True, failing=(0,)))
    assert found.holds


@pytest.mark.parametrize("empty", [None, float("nan"), pd.NA])
def test_an_empty_value_fails_its_row_unless_the_rule_admits_it(empty: Any):
    rows = frame(0.0, 0.0).assign(excess=pd.array([0, empty], dtype="Int64"))
    (found,) = judged(rows, PASSED)
    assert (found.holds, found.subject, found.observed, found.count) == (True, "330101/GDP", "—", 1)
    (admitted,) = judged(rows, PASSED, by=suite(expectation(nulls=True)))
    assert admitted.passed


def test_an_empty_value_in_any_judged_column_fails():
    pair = expectation(type="expect_column_pair_values_to_be_equal", kwargs={"column_A": "excess", "column_B": "limit"})
    compound = expectation("T-002", type="expect_compound_columns_to_be_unique", kwargs={"column_list": ["region_code", "limit"]})
    found = judged(frame(0.0, 0.0, limit=[0.0, None]), PASSED, Outcome("T-002", success=True), by=suite(pair, compound))
    assert [(f.rule, f.subject) for f in found if f.holds] == [("T-001", "330101/GDP"), ("T-002", "330101/GDP")]


def test_a_failure_without_a_failing_row_is_no_evaluation():
    (found,) = judged(frame(0.0), Outcome("T-001", success=False))
    assert (found.holds, found.observed) == (True, "未能评估: 未通过但没有给出记录")


@pytest.mark.parametrize(("outcomes", "why"), [((), "没有结果"), ((Outcome("T-001", success=True, crashed="KeyError"),), "KeyError")])
def test_a_crash_and_a_missing_result_are_no_evaluation(outcomes: tuple[Outcome, ...], why: str):
    (found,) = judged(frame(0.0), *outcomes)
    assert (found.holds, found.waivable, found.observed) == (True, False, f"未能评估: {why}")


@pytest.mark.parametrize("rows", [(("check_name", ("renamed",)),), (("check", ("sums",)),)])
def test_a_selection_of_nothing_is_no_evaluation(rows: Any):
    found = judged(frame(0.0), PASSED, by=suite(expectation(rows=rows), expectation("T-002")))
    assert [f.observed for f in found if f.rule == "T-001"] == ["未能评估: 没有可审核的记录"]


COUNT = {"type": "expect_column_unique_value_count_to_be_between", "kwargs": {"column": "region_code", "min_value": 2}}


def test_a_rule_about_the_whole_table_gives_one_finding_with_what_was_observed():
    (passed,) = judged(frame(0.0, 0.0), Outcome("T-001", success=True, observed=2), by=suite(expectation(**COUNT)))
    assert (passed.passed, passed.subject, passed.observed, passed.expected, passed.count) == (True, "chk_sums", "2", "≥ 2", 0)
    (failed,) = judged(frame(0.0), Outcome("T-001", success=False, observed=1), by=suite(expectation(**COUNT)))
    assert (failed.passed, failed.observed, failed.count) == (False, "1", 1)


def test_a_count_that_passes_over_empty_values_fails():
    rows = frame(0.0, 0.0, 0.0, region_code=["330100", None, None])
    (found,) = judged(rows, Outcome("T-001", success=True, observed=2), by=suite(expectation(**COUNT)))
    assert (found.holds, found.observed, found.count) == (True, "2,另有 2 条空值", 1)


# --- what a finding shows


def test_the_rows_own_bounds_are_shown_where_it_has_them():
    rows = frame(1.0, 1.0, 1.0, 1.0, lower=[-1.0, None, -1.0, None], upper=[1.0, 1.0, None, None])
    assert [f.expected for f in judged(rows, failing(0, 1, 2, 3))] == ["-1 至 1", "≤ 1", "≥ -1", "≤ 0"]


def test_bounds_of_whole_numbers_may_be_empty_too():
    rows = frame(1.0, 1.0).assign(lower=pd.array([None, 5], dtype="Int64"), upper=pd.array([7, 9], dtype="Int64"))
    assert [f.expected for f in judged(rows, failing(0, 1))] == ["≤ 7", "5 至 9"]


def test_what_was_observed_is_shown_instead_of_the_excess():
    rows = frame(1.0, observed=[8.0])
    for column, shown in (("excess", "8"), ("observed", "8"), ("", "8"), ("limit", "—")):
        (found,) = judged(rows, failing(0), by=suite(expectation(observed=column)))
        assert found.observed == shown
    (found,) = judged(frame(1.0), failing(0), by=suite(expectation(observed="excess")))
    assert found.observed == "1"


def test_text_is_shown_only_of_columns_that_hold_our_codes():
    rows = frame(1.0, status=["withheld"], firm_name=["某某公司"])
    for column, shown in (("status", "withheld"), ("firm_name", "—")):
        (found,) = judged(rows, failing(0), by=suite(expectation(observed=column)))
        assert found.observed == shown


def test_a_flag_is_shown_as_a_word():
    (found,) = judged(frame(1.0, is_right=[False]), failing(0), by=suite(expectation(observed="is_right")))
    assert found.observed == "否"


def test_a_subject_leaves_out_what_is_empty_and_is_the_table_if_all_is():
    rows = frame(1.0, 1.0, region_code=["330100", None], indicator=[None, None], level=["", ""])
    found = judged(rows, failing(0, 1), by=suite(subject=("region_code", "indicator", "level", "ruleset")))
    assert [f.subject for f in found] == ["330100", "chk_sums"]
    assert [(f.region, f.indicator) for f in found] == [("330100", ""), ("", "")]


def test_a_finding_about_a_feed_is_waived_by_the_feed():
    (found,) = judged(frame(1.0, indicator=[None], feed=["tax"]), failing(0))
    assert found.indicator == "tax"
    (found,) = judged(frame(1.0, feed=["tax"]), failing(0))
    assert found.indicator == "GDP"


# --- what the gate finds about itself


def test_missing_and_empty_tables_hold_with_all_their_rules():
    empty, gone = (
        suite(expectation("T-001"), expectation("T-002", quarters=(1,))),
        Suite("chk_gone", SUBJECT, (expectation("T-003", table="chk_gone"),)),
    )
    found = judge_data(QUARTER, [empty, gone], JudgedData("", "", {"chk_sums": frame()}, ("chk_gone", "ed_targets")), {}, [], TODAY)
    assert [(f.rule, f.subject, f.observed, f.expected) for f in found] == [
        ("GATE-001", "chk_gone", "无此表", "存在"),
        ("GATE-001", "ed_targets", "无此表", "存在"),
        ("GATE-002", "chk_sums", "0", "≥ 1"),
        ("T-001", "chk_sums", "未能评估: 没有可审核的表或记录", "≤ 0"),
        ("T-003", "chk_gone", "未能评估: 没有可审核的表或记录", "≤ 0"),
    ]
    assert all(f.holds for f in found)


def test_tables_after_a_missing_one_are_judged():
    gone = Suite("chk_gone", SUBJECT, (expectation("T-003"),))
    data = JudgedData("", "", {"chk_sums": frame(0.0)}, ("chk_gone",))
    (task,) = tasks_of(QUARTER, [suite()], data)
    found = judge_data(QUARTER, [gone, suite()], data, {task.name: {"T-001": PASSED}}, [], TODAY)
    assert [f.rule for f in found if f.passed] == ["T-001"]


def test_a_check_that_no_rule_names_holds_with_or_without_a_name():
    rows = frame(0.0, 0.0, 0.0, 0.0, check_name=["sums", "new", None, "older"])
    named = suite(
        expectation(rows=(("check_name", ("sums",)),)),
        expectation("T-002"),
        expectation("T-003", quarters=(1,), rows=(("check_name", ("older",)),)),
    )
    found = judged(rows, PASSED, Outcome("T-002", success=True), by=named)
    assert [(f.rule, f.subject, f.observed, f.expected, f.table) for f in found if f.holds] == [
        ("GATE-003", "new", "new", "有规则审核", "chk_sums"),
        ("GATE-003", "—", "—", "有规则审核", "chk_sums"),
    ]


def test_a_table_whose_rules_name_no_check_needs_none():
    assert [f.rule for f in judged(frame(0.0), PASSED)] == ["T-001"]
    named = suite(expectation(rows=(("region_code", ("330100",)),)))
    assert [f.rule for f in judged(frame(0.0).drop(columns="check_name"), PASSED, by=named)] == ["T-001"]


def test_findings_are_in_order_of_rule_and_subject():
    rows = frame(1.0, 1.0, region_code=["330109", "330108"])
    found = judged(rows, failing(0, 1), failing(0, rule="A-001"), by=suite(expectation(), expectation("A-001")))
    assert [(f.rule, f.subject) for f in found] == [("A-001", "330109/GDP"), ("T-001", "330108/GDP"), ("T-001", "330109/GDP")]


def test_more_lines_than_are_shown_are_counted():
    found = judged(frame(*[1.0] * 60, region_code=[f"{330100 + n}" for n in range(60)]), failing(*range(60)))
    assert (len(found), {f.count for f in found}) == (50, {60})
