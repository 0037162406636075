"""Findings: what they say, which of them hold a quarter, and how they are kept. Nothing here needs Great Expectations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pipelines.gate.findings import (
    Finding,
    bounds_text,
    capped,
    expected_text,
    from_json,
    not_evaluated,
    of,
    own_finding,
    results_by_rule,
    shown,
    to_json,
    with_waiver,
)
from tests.unit.gate.conftest import expectation

FAILED = of(expectation(), subject="330108/GDP", passed=False, observed="1.5", expected="≤ 0", count=2, region="330108", indicator="GDP")
PASSED = replace(FAILED, passed=True, count=0)
WARNED = replace(FAILED, severity="warning")
WAIVED = with_waiver(FAILED, "已书面确认")


@pytest.mark.parametrize(("finding", "holds"), [(FAILED, True), (PASSED, False), (WARNED, False), (WAIVED, False)])
def test_only_an_unwaived_failed_error_holds(finding: Finding, holds: bool):
    assert finding.holds is holds


def test_a_finding_speaks_in_the_words_of_its_expectation():
    assert Finding(
        rule="T-001",
        severity="error",
        subject="330108/GDP",
        passed=False,
        observed="1.5",
        expected="≤ 0",
        count=2,
        reason="残差超出舍入范围",
        waiver="",
        reason_en="residual beyond rounding",
        table="chk_sums",
        next_step="请报送单位核对",
        region="330108",
        indicator="GDP",
        waivable=True,
    ) == of(expectation(), subject="330108/GDP", passed=False, observed="1.5", expected="≤ 0", count=2, region="330108", indicator="GDP")


def test_severity_and_waivability_are_the_expectations_unless_said_otherwise():
    lenient = expectation(severity="warning", waivable=False)
    words: dict[str, Any] = {"subject": "x", "passed": False, "observed": "", "expected": "", "count": 1}
    assert (of(lenient, **words).severity, of(lenient, **words).waivable) == ("warning", False)
    strict = of(lenient, **words, severity="error", waivable=True)
    assert (strict.severity, strict.waivable) == ("error", True)


def test_what_was_not_evaluated_is_an_unwaivable_error_even_of_a_warning():
    found = not_evaluated(expectation(severity="warning", waivable=True), "KeyError")
    assert found == Finding(
        rule="T-001",
        severity="error",
        subject="chk_sums",
        passed=False,
        observed="未能评估: KeyError",
        expected="≤ 0",
        count=1,
        reason="残差超出舍入范围",
        reason_en="residual beyond rounding",
        table="chk_sums",
        next_step="请报送单位核对",
        waivable=False,
    )
    assert found.holds


def test_a_finding_of_the_gate_itself_is_an_unwaivable_error_in_its_own_words():
    found = own_finding("GATE-004", "ed_ranking", "无对应发现", "恰好一条", subject="T-001/330108", region="330108", indicator="GDP")
    assert found == Finding(
        rule="GATE-004",
        severity="error",
        subject="T-001/330108",
        passed=False,
        observed="无对应发现",
        expected="恰好一条",
        count=1,
        reason="豁免未对应任何发现",
        reason_en="a waiver matches no finding",
        table="ed_ranking",
        next_step="删除该豁免,或更正其规则、地区、指标",
        region="330108",
        indicator="GDP",
        waivable=False,
    )
    table_only = own_finding("GATE-001", "ed_ranking", "无此表", "存在")
    assert (table_only.subject, table_only.region, table_only.indicator, table_only.waiver) == ("ed_ranking", "", "", "")


def test_a_rule_passes_if_every_finding_passed_or_is_waived():
    results = results_by_rule([PASSED, WAIVED, replace(FAILED, rule="T-002", count=3), replace(WARNED, rule="T-003")])
    assert list(results) == ["T-001", "T-002", "T-003"]
    assert {rule: (result.rule, result.passed, result.severity, result.count) for rule, result in results.items()} == {
        "T-001": ("T-001", True, "error", 2),
        "T-002": ("T-002", False, "error", 3),
        "T-003": ("T-003", False, "warning", 2),
    }
    assert results["T-001"].findings == (PASSED, WAIVED)


def test_the_severity_of_a_rule_is_the_worst_among_what_is_open():
    assert results_by_rule([WARNED, FAILED])["T-001"].severity == "error"
    assert results_by_rule([WARNED, WAIVED])["T-001"].severity == "warning"
    assert results_by_rule([replace(PASSED, severity="warning")])["T-001"].severity == "warning"


BETWEEN = "expect_column_values_to_be_between"
PAIR = "expect_column_pair_values_a_to_be_greater_than_b"
TWO = {"column_A": "rank_city", "column_B": "rank_province"}


@pytest.mark.parametrize(
    ("kind", "kwargs", "text"),
    [
        (BETWEEN, {"column": "value", "min_value": 0, "max_value": 100}, "0 至 100"),
        (BETWEEN, {"column": "value", "min_value": 90, "max_value": 90}, "90"),
        (BETWEEN, {"column": "value", "min_value": 0}, "≥ 0"),
        (BETWEEN, {"column": "value", "max_value": 0}, "≤ 0"),
        ("expect_column_values_to_be_in_set", {"column": "stars", "value_set": [1, 2]}, "属于 {1, 2}"),
        (PAIR, TWO, "rank_city > rank_province"),
        (PAIR, TWO | {"or_equal": False}, "rank_city > rank_province"),
        (PAIR, TWO | {"or_equal": True}, "rank_city ≥ rank_province"),
        ("expect_column_pair_values_to_be_equal", TWO, "rank_city = rank_province"),
        ("expect_column_values_to_match_regex", {"column": "period", "regex": "^20"}, "形如 ^20"),
        ("expect_column_values_to_be_unique", {"column": "region_code"}, "不重复"),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a", "b"]}, "不重复"),
        ("expect_column_values_to_not_be_null", {"column": "value"}, "有值"),
    ],
)
def test_the_bound_is_told_in_short(kind: str, kwargs: dict[str, Any], text: str):
    assert expected_text(expectation(type=kind, kwargs=kwargs)) == text


def test_no_bound_is_told_as_nothing():
    assert bounds_text(None, None) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (float("nan"), "—"),
        (True, "是"),
        (False, "否"),
        (0.1 + 0.2, "0.3"),
        (1234567.891234, "1234567.89123"),
        (102, "102"),
        ("330108", "330108"),
    ],
)
def test_a_value_is_shown_with_twelve_digits_and_nothing_as_a_dash(value: object, text: str):
    assert shown(value) == text


def named(finding: Finding, numbers: range) -> list[Finding]:
    return [replace(finding, subject=f"{n:03d}") for n in numbers]


def test_fifty_open_lines_of_a_rule_are_kept_by_subject_and_those_that_hold_first():
    warned, failed = named(WARNED, range(60)), named(FAILED, range(60, 70))
    kept = capped([*reversed(warned), *reversed(failed)])
    assert kept == warned[:40] + failed
    assert len(kept) == 50


def test_every_waived_line_is_kept_beside_fifty_open_ones():
    waived, failed = named(WAIVED, range(60)), named(FAILED, range(60, 120))
    assert capped(failed + waived) == waived + failed[:50]


def test_a_waived_finding_is_the_same_but_for_its_waiver():
    assert replace(FAILED, waiver="已书面确认") == WAIVED


def test_findings_are_stored_one_a_line_and_come_back_the_same():
    content = to_json([FAILED, WAIVED])
    first, *lines, last = content.decode().removesuffix("\n").split("\n")
    assert (first, len(lines), last) == ("[", 2, "]")
    assert list(json.loads(lines[0].rstrip(","))) == sorted(json.loads(lines[1]))
    assert "残差超出舍入范围" in lines[0]
    assert from_json(content) == [FAILED, WAIVED]
