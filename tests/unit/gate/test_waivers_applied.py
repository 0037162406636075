"""Waivers applied: each lets one named finding pass, or is itself an error. Nothing here needs Great Expectations."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.unit.gate.conftest import expectation
from tests.unit.gate.given import PASSED, failing, frame, judged, suite, waiver


def test_a_waiver_marks_the_one_finding_that_it_names():
    first, second = judged(frame(1.0, 1.0), failing(0, 1), waivers=(waiver(),))
    assert (first.waiver, first.holds) == (waiver().text, False)
    assert (second.waiver, second.holds) == ("", True)


def test_each_of_several_waivers_is_looked_at():
    lost, right = waiver(region="330109"), waiver()
    found = judged(frame(1.0), failing(0), waivers=(lost, right))
    assert [(f.rule, f.holds) for f in found] == [("GATE-004", True), ("T-001", False)]


@pytest.mark.parametrize(
    ("changes", "rule", "observed", "expected"),
    [
        ({"region": "330109"}, "GATE-004", "无对应发现", "恰好一条"),
        ({"indicator": "RD"}, "GATE-004", "无对应发现", "恰好一条"),
        ({"rule": "T-009"}, "GATE-004", "无对应发现", "恰好一条"),
        ({"region": "330101"}, "GATE-004", "2 条发现", "恰好一条"),
        ({"rule": "T-002"}, "GATE-005", "该规则不可豁免", "可豁免的规则"),
        ({"approved_by": "张三"}, "GATE-005", "提出人与批准人为同一人", "两人、在有效期内"),
        ({"expires": dt.date(2023, 10, 30)}, "GATE-005", "已于 2023-10-30 到期", "两人、在有效期内"),
    ],
)
def test_a_waiver_that_does_not_hold_is_named_and_lets_nothing_pass(changes: dict, rule: str, observed: str, expected: str):
    rows = frame(1.0, 1.0, 1.0, region_code=["330100", "330101", "330101"])
    by = suite(expectation(), expectation("T-002", waivable=False))
    given = waiver(**changes)
    found = judged(rows, failing(0, 1, 2), failing(0, rule="T-002"), by=by, waivers=(given,))
    (own,) = [f for f in found if f.rule.startswith("GATE")]
    subject = f"{given.rule}/{given.region}/{given.indicator}"
    assert (own.rule, own.observed, own.expected, own.subject) == (rule, observed, expected, subject)
    assert (own.region, own.indicator, own.table, own.holds) == (given.region, given.indicator, "", True)
    assert not any(f.waiver for f in found)


def test_a_waiver_of_a_rule_that_passed_matches_nothing():
    found = judged(frame(0.0), PASSED, waivers=(waiver(region="", indicator=""),))
    assert [(f.rule, f.subject) for f in found if f.holds] == [("GATE-004", "T-001")]
