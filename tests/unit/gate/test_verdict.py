"""The verdict: what holds a quarter, what is kept, and what publishing may rely on."""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines.errors import HeldByGate
from tests.unit.gate.conftest import QUARTER, TODAY, Bench, rule, waiver


def by_rule(verdict, name):
    return [finding for finding in verdict.findings if finding.rule == name]


def test_data_within_its_bounds_is_ready_and_may_be_published(bench: Bench):
    verdict = bench.judge()
    assert verdict.outcome == "ready"
    assert verdict.counts == {"passed": 1, "error": 0, "warning": 0, "waived": 0}
    assert bench.require() == verdict


def test_a_failing_subject_is_named_with_observed_and_bound(bench: Bench):
    bench.rows(("330108", "GDP", 0.5), ("330109", "GDP", 0.0))
    verdict = bench.judge()
    (finding,) = by_rule(verdict, "T-001")
    assert verdict.outcome == "held"
    assert (finding.subject, finding.observed, finding.expected, finding.count) == ("330108/GDP", "1.5", "-1 至 1", 1)
    assert finding.reason == "残差超出舍入范围"
    with pytest.raises(HeldByGate, match=r"T-001 330108/GDP: 1\.5"):
        bench.require()


def test_a_failed_warning_is_reported_and_does_not_hold(bench: Bench):
    bench.suite(rule(severity="warning"))
    bench.rows(("330108", "GDP", 0.5))
    verdict = bench.judge()
    assert (verdict.outcome, verdict.counts["warning"]) == ("ready", 1)


def test_an_expectation_that_crashes_holds_even_as_a_warning(bench: Bench):
    bench.suite(rule(severity="warning", kwargs={"column": "no_such_column", "max_value": 0}))
    verdict = bench.judge()
    (finding,) = by_rule(verdict, "T-001")
    assert verdict.outcome == "held"
    assert finding.severity == "error"
    assert "未能评估" in finding.observed


def test_an_expectation_that_selects_no_row_holds(bench: Bench):
    bench.suite(rule(), rule("T-002", rows={"check_name": "renamed"}))
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert "未能评估" in by_rule(verdict, "T-002")[0].observed


@pytest.mark.parametrize("nulls", [False, True])
def test_a_column_without_any_value_holds(bench: Bench, nulls: bool):
    bench.suite(rule(nulls=nulls))
    bench.rows(("330108", "GDP", None))
    verdict = bench.judge()
    assert verdict.outcome == "held"


def test_one_empty_value_fails_its_subject_unless_the_rule_admits_it(bench: Bench):
    bench.rows(("330108", "GDP", None), ("330109", "GDP", 0.0))
    assert [finding.subject for finding in bench.judge().findings if finding.holds] == ["330108/GDP"]
    bench.suite(rule(nulls=True))
    assert bench.judge().outcome == "ready"


@pytest.mark.parametrize(
    ("statement", "own_rule"),
    [
        ("drop table chk_sums", "GATE-001"),
        ("drop table ed_targets", "GATE-001"),
        ("delete from chk_sums", "GATE-002"),
        ("update chk_sums set quarter = '2023Q2'", "GATE-002"),
    ],
)
def test_a_missing_table_or_quarter_holds(bench: Bench, statement: str, own_rule: str):
    bench.sql(statement)
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert by_rule(verdict, own_rule)


def test_a_check_that_no_rule_judges_holds(bench: Bench):
    bench.suite(rule(rows={"check_name": "sums"}))
    bench.sql(f"insert into chk_sums values ('{QUARTER}', 'forgotten', '330108', 'GDP', 1, 0, 1, 0)")
    assert [finding.subject for finding in bench.judge().findings if finding.holds] == ["forgotten"]


def test_a_rule_of_other_quarters_is_not_asked(bench: Bench):
    bench.suite(rule(), rule("T-002", quarters=[1], kwargs={"column": "no_such_column", "max_value": 0}))
    assert bench.judge().outcome == "ready"


def test_many_failing_subjects_are_capped_but_counted_and_all_hold(bench: Bench):
    bench.rows(*((f"{330100 + n}", "GDP", 1.0) for n in range(60)))
    verdict = bench.judge()
    assert len(by_rule(verdict, "T-001")) == 50
    assert {finding.count for finding in verdict.findings} == {60}


def test_waiving_one_of_more_subjects_than_are_shown_still_holds(bench: Bench):
    bench.rows(*((f"{330100 + n}", "GDP", 1.0) for n in range(60)))
    bench.waive(*(waiver(region=f"{330100 + n}") for n in range(59)))
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert [finding.region for finding in verdict.findings if finding.holds] == ["330159"]


# --- waivers


def test_a_waiver_of_two_persons_lets_one_named_finding_pass_and_is_recorded(bench: Bench):
    bench.failing().waive(waiver())
    verdict = bench.judge()
    assert verdict.outcome == "ready"
    assert verdict.valid_until == "2023-12-31"
    assert "张三" in by_rule(verdict, "T-001")[0].waiver
    assert [entry.payload["region"] for entry in bench.ledger.entries("waiver")] == ["330108"]
    assert bench.require().outcome == "ready"


@pytest.mark.parametrize(
    ("change", "own_rule"),
    [
        ({"approved_by": "张三"}, "GATE-005"),
        ({"expires": dt.date(2023, 10, 30)}, "GATE-005"),
        ({"date": dt.date(2023, 11, 1)}, "GATE-005"),
        ({"region": "330109"}, "GATE-004"),
        ({"indicator": "TECH_TX"}, "GATE-004"),
        ({"rule": "T-999"}, "GATE-004"),
    ],
)
def test_a_waiver_that_does_not_hold_is_itself_an_error(bench: Bench, change: dict, own_rule: str):
    bench.failing().waive(waiver(**change))
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert by_rule(verdict, own_rule)
    assert by_rule(verdict, "T-001")[0].waiver == ""
    assert bench.ledger.entries("waiver") == []


def test_a_waiver_on_its_last_day_holds_still(bench: Bench):
    bench.failing().waive(waiver(expires=TODAY))
    assert bench.judge().outcome == "ready"


def test_a_waiver_that_matches_no_finding_holds_clean_data(bench: Bench):
    bench.waive(waiver())
    assert bench.judge().outcome == "held"


def test_an_unwaivable_rule_takes_no_waiver(bench: Bench):
    bench.suite(rule(waivable=False))
    bench.failing().waive(waiver())
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert by_rule(verdict, "GATE-005")[0].observed == "该规则不可豁免"


def test_what_was_not_evaluated_takes_no_waiver(bench: Bench):
    bench.suite(rule(kwargs={"column": "no_such_column", "max_value": 0}))
    bench.waive(waiver(region="", indicator=""))
    assert bench.judge().outcome == "held"


def test_a_verdict_ends_with_the_waiver_that_it_rests_on(bench: Bench):
    bench.failing().waive(waiver())
    bench.judge()
    with pytest.raises(HeldByGate, match="expired on 2023-12-31"):
        bench.require(today=dt.date(2024, 1, 1))
