"""The verdict: what holds a quarter, what is kept, and what publishing may rely on."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest

from pipelines.errors import HeldByGate
from pipelines.gate import results_by_rule
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


def failing(bench: Bench) -> Bench:
    bench.rows(("330108", "GDP", 0.5))
    return bench


def test_a_waiver_of_two_persons_lets_one_named_finding_pass_and_is_recorded(bench: Bench):
    failing(bench).waive(waiver())
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
    failing(bench).waive(waiver(**change))
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert by_rule(verdict, own_rule)
    assert by_rule(verdict, "T-001")[0].waiver == ""
    assert bench.ledger.entries("waiver") == []


def test_a_waiver_on_its_last_day_holds_still(bench: Bench):
    failing(bench).waive(waiver(expires=TODAY))
    assert bench.judge().outcome == "ready"


def test_a_waiver_that_matches_no_finding_holds_clean_data(bench: Bench):
    bench.waive(waiver())
    assert bench.judge().outcome == "held"


def test_an_unwaivable_rule_takes_no_waiver(bench: Bench):
    bench.suite(rule(waivable=False))
    failing(bench).waive(waiver())
    verdict = bench.judge()
    assert verdict.outcome == "held"
    assert by_rule(verdict, "GATE-005")[0].observed == "该规则不可豁免"


def test_what_was_not_evaluated_takes_no_waiver(bench: Bench):
    bench.suite(rule(kwargs={"column": "no_such_column", "max_value": 0}))
    bench.waive(waiver(region="", indicator=""))
    assert bench.judge().outcome == "held"


def test_a_verdict_ends_with_the_waiver_that_it_rests_on(bench: Bench):
    failing(bench).waive(waiver())
    bench.judge()
    with pytest.raises(HeldByGate, match="expired on 2023-12-31"):
        bench.require(today=dt.date(2024, 1, 1))


# --- what is kept, and the demand for it


def test_publishing_without_a_verdict_is_refused(bench: Bench):
    with pytest.raises(HeldByGate, match="no verdict"):
        bench.require()


@pytest.mark.parametrize("table", ["chk_sums", "ed_indicators", "ed_scores", "ed_ranking", "ed_targets"])
def test_a_verdict_on_other_data_is_refused(bench: Bench, table: str):
    bench.judge()
    bench.sql(f"insert into {table} select * from {table}")
    with pytest.raises(HeldByGate, match="other data"):
        bench.require()


def test_data_of_another_quarter_leaves_the_verdict_in_force(bench: Bench):
    bench.judge()
    bench.sql("insert into ed_indicators values ('2023Q2', '330108', 1)")
    assert bench.require().outcome == "ready"


def test_a_verdict_under_other_suites_or_waivers_is_refused(bench: Bench):
    bench.judge()
    bench.waive()
    with pytest.raises(HeldByGate, match="other suites"):
        bench.require()


def test_only_the_newest_verdict_counts(bench: Bench):
    bench.judge()
    failing(bench).judge()
    bench.rows(("330108", "GDP", 0.0))
    with pytest.raises(HeldByGate, match="other data"):
        bench.require()


def test_changed_findings_are_refused(bench: Bench):
    verdict = bench.judge()
    (bench.warehouse.findings / f"{verdict.findings_sha256}.json").write_text("[]")
    with pytest.raises(HeldByGate, match="changed findings"):
        bench.require()


def test_the_same_judgement_twice_appends_once_and_going_back_appends_again(bench: Bench):
    bench.judge()
    bench.judge()
    assert len(bench.ledger.entries("verdict")) == 1
    failing(bench).judge()
    bench.rows(("330108", "GDP", 0.0))
    bench.judge()
    assert [entry.payload["outcome"] for entry in bench.ledger.entries("verdict")] == ["ready", "held", "ready"]


def test_the_hash_does_not_depend_on_the_order_in_which_rows_were_stored(bench: Bench):
    bench.rows(("330108", "GDP", 0.0), ("330109", "GDP", 0.0))
    first = bench.judge()
    bench.rows(("330109", "GDP", 0.0), ("330108", "GDP", 0.0))
    assert bench.judge().data_sha256 == first.data_sha256


def test_stored_findings_hold_no_value_of_a_firm(bench: Bench):
    bench.sql("alter table chk_sums add column firm_name varchar", "update chk_sums set firm_name = '杭州某某科技有限公司'")
    bench.suite(
        rule(),
        rule("T-002", type="expect_column_values_to_match_regex", kwargs={"column": "firm_name", "regex": "^x$"}),
        rule("T-003", type="expect_column_values_to_be_between", kwargs={"column": "firm_name", "max_value": 3}),
    )
    verdict = bench.judge()
    assert {finding.rule for finding in verdict.findings if finding.holds} == {"T-002", "T-003"}
    stored = (bench.warehouse.findings / f"{verdict.findings_sha256}.json").read_text(encoding="utf-8")
    assert "某某" not in stored
    assert len(json.loads(stored)) == 3


def test_results_by_rule_are_what_an_asset_check_shows(bench: Bench):
    bench.suite(rule(), rule("T-002", severity="warning", rows={"check_name": "sums"}))
    bench.rows(("330108", "GDP", 0.5), ("330109", "GDP", 0.5))
    bench.waive(waiver(), waiver(region="330109"))
    results = results_by_rule(bench.judge().findings)
    assert (results["T-001"].passed, results["T-001"].count) == (True, 2)
    assert (results["T-002"].passed, results["T-002"].severity) == (False, "warning")


def test_the_demand_for_a_verdict_loads_neither_great_expectations_nor_pandas():
    code = "import sys, pipelines.gate; print(sorted({'great_expectations', 'pandas', 'dagster', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
