"""The adapter: what a result of Great Expectations says, and that whatever does not add up is no pass."""

from __future__ import annotations

import importlib
import os
import threading
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from pipelines.errors import UsageError
from pipelines.gate.adapter import Outcome, Task, evaluate, load_in_background, outcome_of
from tests.unit.gate.conftest import expectation

QUIET = {"raised_exception": False, "exception_traceback": None, "exception_message": None}
ALL_GOOD = {"element_count": 3, "missing_count": 0, "unexpected_count": 0, "unexpected_index_list": []}


def result(success: Any = True, info: dict[str, Any] | None = None, **details: Any) -> Any:
    """A result in the form of Great Expectations, about three rows."""
    config = SimpleNamespace(meta={"rule": "T-001"})
    return SimpleNamespace(success=success, expectation_config=config, exception_info=QUIET if info is None else info, result=details)


def raised(trace: str | None, **more: Any) -> dict[str, Any]:
    return QUIET | {"raised_exception": True, "exception_traceback": trace} | more


# --- results


def test_three_good_rows_are_a_pass():
    assert outcome_of(result(**ALL_GOOD), 3) == Outcome("T-001", success=True, failing=(), observed=None, crashed="")


def test_failing_rows_come_back_in_order_each_once():
    found = outcome_of(result(False, **ALL_GOOD | {"unexpected_count": 2, "unexpected_index_list": [2, 0, 2]}), 3)
    assert found == Outcome("T-001", success=False, failing=(0, 2))


def test_empty_values_beside_a_judged_one_are_left_to_the_rule():
    assert outcome_of(result(**ALL_GOOD | {"missing_count": 2}), 3).crashed == ""


@pytest.mark.parametrize(("success", "observed"), [(True, 90), (False, 89), (False, 0)])
def test_a_number_about_the_whole_table_is_brought_back(success: bool, observed: int):
    assert outcome_of(result(success, observed_value=observed), 3) == Outcome("T-001", success=success, observed=observed)


NO_ROWS = "没有可审核的记录"
UNLIKE = "未通过的记录数与给出的记录不符"


@pytest.mark.parametrize(
    ("success", "details", "why"),
    [
        (True, {}, "没有结果"),
        (True, {"observed_value": None}, "没有结果"),
        (True, ALL_GOOD | {"element_count": 2}, "审核了 2 条记录,应为 3 条"),
        (True, ALL_GOOD | {"element_count": 4}, "审核了 4 条记录,应为 3 条"),
        (True, ALL_GOOD | {"missing_count": 3}, NO_ROWS),
        (False, ALL_GOOD, UNLIKE),
        (None, ALL_GOOD, UNLIKE),
        (True, ALL_GOOD | {"unexpected_count": None}, UNLIKE),
        (True, ALL_GOOD | {"unexpected_index_list": [1], "unexpected_count": 1}, UNLIKE),
        (False, ALL_GOOD | {"unexpected_index_list": [1], "unexpected_count": 2}, UNLIKE),
        (False, ALL_GOOD | {"unexpected_index_list": None, "unexpected_count": 1}, UNLIKE),
        (False, {"element_count": 3, "unexpected_count": 1}, UNLIKE),
    ],
)
def test_a_result_that_does_not_add_up_is_no_evaluation(success: Any, details: dict[str, Any], why: str):
    assert outcome_of(result(success, **details), 3) == Outcome("T-001", success=False, crashed=why)


def test_a_count_of_missing_values_may_be_absent():
    assert outcome_of(result(element_count=1, unexpected_count=0), 1).success
    assert outcome_of(result(element_count=0, unexpected_count=0), 0).crashed == NO_ROWS


@pytest.mark.parametrize(
    ("trace", "kind"),
    [
        ("Traceback (most recent call last):\n  File 'x'\n\nKeyError: '330108 某某公司'\n", "KeyError"),
        ("Traceback:\n  File 'x'\n\ngreat_expectations.exceptions.MetricError: no: column\n  detail\n", "MetricError"),
        ("", "Exception"),
        (None, "Exception"),
    ],
)
def test_a_crash_is_told_by_its_kind_alone(trace: str | None, kind: str):
    assert outcome_of(result(True, raised(trace), **ALL_GOOD), 3) == Outcome("T-001", success=False, crashed=kind)


def test_a_crash_of_one_metric_among_several_is_a_crash():
    of_metrics = {"first": QUIET, "second": raised("ValueError: x"), "third": QUIET}
    assert outcome_of(result(True, of_metrics, **ALL_GOOD), 3).crashed == "ValueError"
    assert outcome_of(result(True, {"first": QUIET, "second": {}}, **ALL_GOOD), 3).crashed == ""


# --- Great Expectations itself

FRAME = pd.DataFrame(
    {"excess": [0.0, 1.0, None], "limit": [1.0, 1.0, 1.0], "region_code": ["330108", "330108", "330109"], "stars": [1, 2, 6]}
)
PAIR = {"column_A": "limit", "column_B": "excess"}
RULES = {
    "between": ("column_values_to_be_between", {"column": "excess", "max_value": 0}, (1,), None),
    "strict": ("column_values_to_be_between", {"column": "limit", "min_value": 1, "strict_min": True}, (0, 1, 2), None),
    "set": ("column_values_to_be_in_set", {"column": "stars", "value_set": [1, 2, 3]}, (2,), None),
    "present": ("column_values_to_not_be_null", {"column": "excess"}, (2,), None),
    "unique": ("column_values_to_be_unique", {"column": "region_code"}, (0, 1), None),
    "regex": ("column_values_to_match_regex", {"column": "region_code", "regex": "8$"}, (2,), None),
    "greater": ("column_pair_values_a_to_be_greater_than_b", PAIR, (1, 2), None),
    "greater or equal": ("column_pair_values_a_to_be_greater_than_b", PAIR | {"or_equal": True}, (2,), None),
    "equal": ("column_pair_values_to_be_equal", PAIR, (0, 2), None),
    "compound": ("compound_columns_to_be_unique", {"column_list": ["region_code", "limit"]}, (0, 1), None),
    "compound with gaps": ("compound_columns_to_be_unique", {"column_list": ["excess", "limit"]}, (), None),
    "distinct": ("column_unique_value_count_to_be_between", {"column": "region_code", "min_value": 2}, (), 2),
    "rows": ("table_row_count_to_be_between", {"min_value": 4}, (), 3),
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Outcome]]:
    rules = tuple(expectation(name, type=f"expect_{kind}", kwargs=kwargs) for name, (kind, kwargs, _, _) in RULES.items())
    absent = expectation("absent", kwargs={"column": "no_such_column", "max_value": 0})
    return evaluate([Task("first", FRAME, (*rules, absent)), Task("second", FRAME[:1], (rules[0],))])


@pytest.mark.parametrize("rule", RULES)
def test_each_type_names_its_failing_rows_or_what_it_observed(outcomes: dict[str, dict[str, Outcome]], rule: str):
    _, _, failing, observed = RULES[rule]
    passes = not failing if rule != "rows" else False
    assert outcomes["first"][rule] == Outcome(rule, success=passes, failing=failing, observed=observed)


def test_a_rule_about_an_absent_column_is_a_crash_and_its_neighbours_are_judged(outcomes: dict[str, dict[str, Outcome]]):
    assert outcomes["first"]["absent"].crashed
    assert len(outcomes["first"]) == len(RULES) + 1


def test_each_task_is_judged_on_its_own_rows(outcomes: dict[str, dict[str, Outcome]]):
    assert outcomes["second"] == {"between": Outcome("between", success=True)}


def test_judging_reports_to_nobody_and_draws_no_progress(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    evaluate([Task("first", FRAME, (expectation(),))])
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"
    assert capfd.readouterr() == ("", "")


def test_an_argument_that_great_expectations_refuses_is_an_error_of_the_suite():
    wrong = expectation(kwargs={"column": "excess", "max_value": None})
    with pytest.raises(UsageError, match=r"^chk_sums\.yml: T-001: kwargs: found \S.{10,300}$") as caught:
        evaluate([Task("first", FRAME, (wrong,))])
    assert "\n" not in str(caught.value)


def test_loading_in_the_background_waits_for_nothing_and_holds_no_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GX_ANALYTICS_ENABLED", raising=False)
    asked, may_load, has_loaded = [], threading.Event(), threading.Event()

    def loading(name: str) -> None:
        may_load.wait(1)
        asked.append((name, os.environ.get("GX_ANALYTICS_ENABLED"), threading.current_thread().daemon))
        has_loaded.set()

    monkeypatch.setattr(importlib, "import_module", loading)
    load_in_background()
    assert asked == []
    may_load.set()
    assert has_loaded.wait(1)
    assert asked == [("great_expectations", "False", True)]
