"""What is kept of a verdict, and the demand for it before publishing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import sys

import pytest
import sqlalchemy as sa

from pipelines.errors import HeldByGate, UsageError
from pipelines.gate import Waiver, judge, judge_all, require_verdict, results_by_rule, suites_sha256
from pipelines.gate.findings import to_json
from pipelines.gate.judged import deliveries_sha256
from pipelines.gate.suites import PUBLISHED
from tests.unit.gate.conftest import QUARTER, TODAY, Bench, rule, waiver


def test_publishing_without_a_verdict_is_refused(bench: Bench):
    with pytest.raises(HeldByGate, match="no verdict"):
        bench.require()


@pytest.mark.parametrize("table", ["chk_sums", "ed_indicators", "ed_scores", "ed_ranking", "ed_targets"])
def test_a_verdict_on_other_data_is_refused(ready: Bench, table: str):
    ready.sql(f"insert into {table} select * from {table}")
    with pytest.raises(HeldByGate, match="other data"):
        ready.require()


def test_data_of_another_quarter_leaves_the_verdict_in_force(ready: Bench):
    ready.sql("insert into ed_indicators values ('2023Q2', '330108', 1)")
    assert ready.require().outcome == "ready"


def test_a_verdict_under_other_suites_or_waivers_is_refused(ready: Bench):
    ready.waive()
    with pytest.raises(HeldByGate, match="other suites"):
        ready.require()


def test_only_the_newest_verdict_counts(ready: Bench):
    ready.failing().judge()
    ready.rows(("330108", "GDP", 0.0))
    with pytest.raises(HeldByGate, match="other data"):
        ready.require()


def test_changed_findings_are_refused(bench: Bench):
    verdict = bench.judge()
    (bench.warehouse.findings / f"{verdict.findings_sha256}.json").write_text("[]")
    with pytest.raises(HeldByGate, match="changed findings"):
        bench.require()


def test_the_same_judgement_twice_appends_once_and_going_back_appends_again(ready: Bench):
    ready.judge()
    assert len(ready.ledger.entries("verdict")) == 1
    ready.failing().judge()
    ready.rows(("330108", "GDP", 0.0))
    ready.judge()
    assert [entry.payload["outcome"] for entry in ready.ledger.entries("verdict")] == ["ready", "held", "ready"]


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


def test_the_refusal_names_the_first_three_findings_and_how_many_more(bench: Bench):
    bench.rows(*((f"{330100 + n}", "GDP", 0.5) for n in range(3)))
    sha256 = bench.judge().findings_sha256
    named = "; ".join(f"T-001 {330100 + n}/GDP: 1.5 (expected -1 至 1) 残差超出舍入范围" for n in range(3))
    with pytest.raises(HeldByGate) as caught:
        bench.require()
    assert str(caught.value) == f"{QUARTER}: held by the gate: {named}; next: read findings/{sha256}.json, correct or waive"
    bench.rows(*((f"{330100 + n}", "GDP", 0.5) for n in range(5)))
    bench.judge()
    with pytest.raises(HeldByGate, match=r"330102/GDP: 1\.5 \(expected -1 至 1\) 残差超出舍入范围; and 2 more; next: read"):
        bench.require()


def test_the_refusal_of_a_verdict_on_something_else_says_on_what(bench: Bench):
    first = bench.judge()
    bench.rows(("330108", "GDP", -0.5))
    (entry,) = bench.ledger.entries("verdict")
    with pytest.raises(HeldByGate) as caught:
        bench.require()
    said = f"{QUARTER}: found a verdict on other data ({first.data_sha256[:12]}, ledger line {entry.seq}); expected one on "
    now = bench.judge().data_sha256[:12]
    assert str(caught.value) == f"{said}{now}; next: judge the quarter again"


@pytest.mark.parametrize(("content", "state"), [(None, "no"), (b"", "no"), (b"[]", "changed")])
def test_the_refusal_without_the_findings_names_their_file(ready: Bench, content: bytes | None, state: str):
    (path,) = ready.warehouse.findings.iterdir()
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HeldByGate) as caught:
        ready.require()
    expected = f"{QUARTER}: found {state} findings at {path.name}; expected those of the verdict; next: judge the quarter again"
    assert str(caught.value) == expected


def test_judging_again_mends_the_findings_file(bench: Bench):
    path = bench.warehouse.findings / f"{bench.judge().findings_sha256}.json"
    whole = path.read_bytes()
    path.write_bytes(b"[]")
    bench.judge()
    assert path.read_bytes() == whole
    written = path.stat().st_mtime_ns
    bench.judge()
    assert path.stat().st_mtime_ns == written


def test_a_broken_ledger_is_no_ground_to_publish_on(ready: Bench):
    entry = ready.ledger.entries()[0]
    with sa.create_engine(f"sqlite:///{ready.warehouse.root / 'ledger.sqlite'}").begin() as connection:
        connection.execute(sa.text("update ledger set actor = 'nobody'"))
    with pytest.raises(HeldByGate, match=rf"^{QUARTER}: ledger line {entry.seq}: found content .*; next: restore the ledger from a copy$"):
        ready.require()


def test_the_ledger_keeps_the_waivers_used_then_the_verdict_with_its_hashes(bench: Bench):
    bench.failing().waive(waiver())
    verdict = bench.judge()
    kept = [(entry.kind, entry.quarter, entry.subject, entry.actor) for entry in bench.ledger.entries()]
    assert kept == [("waiver", QUARTER, "T-001/330108/GDP", "tester"), ("verdict", QUARTER, "ready", "tester")]
    used, kept_verdict = (entry.payload for entry in bench.ledger.entries())
    assert used == Waiver(**waiver()).payload()
    assert kept_verdict == {
        "outcome": "ready",
        "data_sha256": verdict.data_sha256,
        "deliveries_sha256": deliveries_sha256([]),
        "suites_sha256": suites_sha256(QUARTER, bench.expectations),
        "findings_sha256": verdict.findings_sha256,
        "valid_until": "2023-12-31",
        "counts": {"passed": 0, "error": 0, "warning": 0, "waived": 1},
    }


COUNTED = "('2022Q1', 'tax', 'a'), ('2023Q3', 'tax', 'b'), ('2023Q3', 'tax', 'b'), ('2021Q4', 'tax', 'c'), ('2023Q4', 'tax', 'd')"


def test_the_verdict_says_on_which_deliveries_it_was_given(bench: Bench):
    bench.sql(f"create table stg_row_counts as select * from (values {COUNTED}) as counted(quarter, feed, delivery_id)")
    verdict = bench.judge()
    assert verdict.deliveries_sha256 == deliveries_sha256([("2023Q3", "tax", "b"), ("2022Q1", "tax", "a"), ("2021Q4", "tax", "c")])
    assert bench.require() == verdict


def test_a_waiver_is_recorded_once_and_again_when_it_changes(bench: Bench):
    bench.failing().waive(waiver(indicator="GDP"))
    bench.judge()
    bench.rows(("330108", "GDP", 0.7))
    bench.judge()
    assert len(bench.ledger.entries("waiver")) == 1
    bench.waive(waiver(reason="另有说明"))
    bench.judge()
    assert [entry.payload["reason"] for entry in bench.ledger.entries("waiver")] == ["统计局已书面确认", "另有说明"]


def test_a_held_quarter_records_the_waivers_that_were_used_alone(bench: Bench):
    bench.rows(("330108", "GDP", 0.5), ("330109", "GDP", 0.5))
    bench.waive(waiver(), waiver(region="330107"))
    assert bench.judge().outcome == "held"
    assert [entry.payload["region"] for entry in bench.ledger.entries("waiver")] == ["330108"]


def test_a_verdict_ends_with_the_first_of_its_waivers(bench: Bench):
    bench.rows(("330108", "GDP", 0.5), ("330109", "GDP", 0.5))
    bench.waive(waiver(), waiver(region="330109", expires=dt.date(2023, 11, 30)))
    assert bench.judge().valid_until == "2023-11-30"
    assert bench.require(today=dt.date(2023, 11, 30)).valid_until == "2023-11-30"
    with pytest.raises(HeldByGate) as caught:
        bench.require(today=dt.date(2023, 12, 1))
    said = f"{QUARTER}: found a verdict with a waiver that expired on 2023-11-30; expected one in force; next: judge again"
    assert str(caught.value) == said


def test_without_a_day_the_day_is_today(bench: Bench):
    today = dt.date.today()
    bench.failing().waive(waiver(expires=today - dt.timedelta(days=1)))
    assert bench.judge(today=None).outcome == "held"
    bench.waive(waiver(expires=today - dt.timedelta(days=1)))
    bench.judge()
    with pytest.raises(HeldByGate, match="expired on"):
        bench.require(today=None)
    bench.waive(waiver(expires=today + dt.timedelta(days=2)))
    bench.judge(today=None)
    assert bench.require(today=None).outcome == "ready"


def test_quarters_are_judged_together_each_on_its_own_rows_and_waivers(bench: Bench):
    bench.failing().waive(waiver())
    bench.sql(*(f"insert into {table} select * replace ('2023Q2' as quarter) from {table}" for table in ("chk_sums", *PUBLISHED)))
    quarters = ["2023Q2", QUARTER]
    second, third = judge_all(quarters, bench.warehouse, bench.ledger, "tester", today=TODAY, expectations=bench.expectations, models=None)
    assert [(verdict.quarter, verdict.outcome) for verdict in (second, third)] == [("2023Q2", "held"), (QUARTER, "ready")]
    assert second.data_sha256 != third.data_sha256
    assert [(entry.kind, entry.quarter) for entry in bench.ledger.entries()] == [
        ("verdict", "2023Q2"),
        ("waiver", QUARTER),
        ("verdict", QUARTER),
    ]


def test_judging_and_asking_refuse_a_check_model_without_suite(ready: Bench):
    (ready.root / "models").mkdir()
    for ask in (
        lambda given: judge(QUARTER, ready.warehouse, ready.ledger, "tester", expectations=ready.expectations, models=given),
        lambda given: require_verdict(QUARTER, ready.warehouse, ready.ledger, expectations=ready.expectations, models=given),
    ):
        assert ask(None).outcome == "ready"
        with pytest.raises(UsageError, match="expected a model below models/"):
            ask(ready.root / "models")


def test_a_rule_that_no_finding_speaks_of_is_named(bench: Bench):
    bench.suite(rule(), rule("T-003"), rule("T-002"), rule("T-004", quarters=[1]))
    found = bench.judge().findings
    content = to_json([finding for finding in found if finding.rule == "T-001"])
    sha256 = hashlib.sha256(content).hexdigest()
    (bench.warehouse.findings / f"{sha256}.json").write_bytes(content)
    payload = bench.ledger.entries("verdict")[-1].payload | {"findings_sha256": sha256}
    bench.ledger.append("verdict", quarter=QUARTER, subject="ready", payload=payload, actor="tester")
    with pytest.raises(HeldByGate) as caught:
        bench.require()
    said = f"{QUARTER}: found no finding of T-002, T-003; expected one of every rule; next: judge the quarter again"
    assert str(caught.value) == said


def test_what_the_ledger_records_after_it_leaves_a_verdict_in_force(ready: Bench):
    ready.ledger.append("publication", quarter=QUARTER, subject="2023Q3/001", payload={"edition": "001"}, actor="tester")
    ready.ledger.append("verdict", quarter="2023Q2", subject="held", payload={"outcome": "held"}, actor="tester")
    assert ready.require().outcome == "ready"
    assert ready.judge().valid_until == ""
    assert len(ready.ledger.entries("verdict", QUARTER)) == 1


def test_the_same_waiver_of_another_quarter_is_recorded_of_its_own(bench: Bench):
    bench.failing().waive(waiver())
    bench.judge()
    bench.sql(*(f"insert into {table} select * replace ('2023Q4' as quarter) from {table}" for table in ("chk_sums", *PUBLISHED)))
    folder = bench.expectations / "waivers"
    shutil.copy(folder / f"{QUARTER}.yml", folder / "2023Q4.yml")
    judge("2023Q4", bench.warehouse, bench.ledger, "tester", today=TODAY, expectations=bench.expectations, models=None)
    assert [entry.quarter for entry in bench.ledger.entries("waiver")] == [QUARTER, "2023Q4"]


@pytest.mark.parametrize("said", ["held", "ready"])
def test_outcome_and_findings_both_have_to_let_it_pass(ready: Bench, said: str):
    payload = ready.ledger.entries("verdict")[-1].payload
    if said == "ready":
        (path,) = ready.warehouse.findings.iterdir()
        content = path.read_bytes().replace(b'"passed": true', b'"passed": false')
        payload |= {"findings_sha256": hashlib.sha256(content).hexdigest()}
        path.with_name(f"{payload['findings_sha256']}.json").write_bytes(content)
    ready.ledger.append("verdict", quarter=QUARTER, subject=said, payload=payload | {"outcome": said}, actor="tester")
    with pytest.raises(HeldByGate, match="held by the gate"):
        ready.require()


def test_other_deliveries_have_another_hash_and_their_order_none(bench: Bench):
    first, second = ("2023Q3", "tax", "a"), ("2023Q3", "tax", "b")
    assert deliveries_sha256([first, second]) == deliveries_sha256([second, first])
    assert len({deliveries_sha256(each) for each in ([], [first], [second], [first, second])}) == 4
