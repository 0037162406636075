"""Suites and waivers are data that people edit: loaded strictly, with the path of what is wrong."""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines.errors import UsageError
from pipelines.gate import load_suites, load_waivers
from tests.unit.gate.conftest import QUARTER, Bench, rule, waiver

BETWEEN = "expect_column_values_to_be_between"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (rule(sevrity="error"), "unknown key sevrity"),
        (rule(severity="fatal"), "severity: found 'fatal'"),
        (rule(reason_zh=" "), "reason_zh"),
        (rule(source=None), "source"),
        ({key: value for key, value in rule().items() if key != "reason_en"}, "found no reason_en"),
        (rule(type="expect_something"), "expect_something"),
        (rule(kwargs={"column": "excess", "maxvalue": 1}), "unknown key maxvalue"),
        (rule(kwargs={"max_value": 1}), "found no column"),
        (rule(kwargs={"column": "excess"}), "everything would pass"),
        (rule(waivable="no"), "waivable"),
        (rule(quarters=[5]), "quarters"),
        (rule(rows="check_name = 'x'"), "rows"),
        (rule("GATE-001"), "GATE-001 again"),
    ],
)
def test_a_wrong_suite_is_refused_with_its_path(bench: Bench, wrong: dict, message: str):
    bench.suite(wrong)
    with pytest.raises(UsageError, match=message) as caught:
        load_suites(bench.expectations, models=None)
    assert "chk_sums.yml" in str(caught.value)


def test_a_rule_given_twice_is_refused_across_files(bench: Bench):
    bench.suite(rule(), table="chk_other")
    with pytest.raises(UsageError, match="T-001 again"):
        load_suites(bench.expectations, models=None)


def test_an_empty_suite_or_folder_is_refused(bench: Bench):
    bench.suite()
    with pytest.raises(UsageError, match="at least one"):
        load_suites(bench.expectations, models=None)
    (bench.expectations / "chk_sums.yml").unlink()
    with pytest.raises(UsageError, match="no suite"):
        load_suites(bench.expectations, models=None)


def test_a_renamed_suite_is_refused(bench: Bench):
    (bench.expectations / "chk_sums.yml").rename(bench.expectations / "chk_renamed.yml")
    with pytest.raises(UsageError, match="the file's name"):
        load_suites(bench.expectations, models=None)


def test_a_suite_of_an_unknown_table_and_a_check_model_without_suite_are_refused(bench: Bench):
    models = bench.root / "models"
    (models / "checks").mkdir(parents=True)
    with pytest.raises(UsageError, match="table: found 'chk_sums'"):
        load_suites(bench.expectations, models)
    for name in ("chk_sums", "chk_forgotten"):
        (models / "checks" / f"{name}.sql").write_text("select 1")
    with pytest.raises(UsageError, match="no suite for chk_forgotten, ed_indicators"):
        load_suites(bench.expectations, models)


def test_a_subject_that_could_name_a_firm_is_refused(bench: Bench):
    bench.suite(rule(), subject=("firm_name",))
    with pytest.raises(UsageError, match="subject"):
        load_suites(bench.expectations, models=None)


def test_a_key_given_twice_is_refused(bench: Bench):
    path = bench.expectations / "chk_sums.yml"
    path.write_text(path.read_text(encoding="utf-8") + "table: chk_sums\n", encoding="utf-8")
    with pytest.raises(UsageError, match="a key twice"):
        load_suites(bench.expectations, models=None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (waiver(reason=""), "reason"),
        (waiver(region=330108), "region"),
        (waiver(expires="soon"), "expires"),
        (waiver(expires=dt.datetime(2023, 12, 31, 12)), "expires"),
        (waiver(scope="all"), "unknown key scope"),
        ({key: value for key, value in waiver().items() if key != "approved_by"}, "found no approved_by"),
    ],
)
def test_a_wrong_waiver_is_refused_with_its_path(bench: Bench, wrong: dict, message: str):
    bench.waive(wrong)
    with pytest.raises(UsageError, match=message) as caught:
        load_waivers(QUARTER, bench.expectations)
    assert f"{QUARTER}.yml" in str(caught.value)


def test_two_waivers_of_one_finding_are_refused(bench: Bench):
    bench.waive(waiver(), waiver(reason="再次"))
    with pytest.raises(UsageError, match="two waivers"):
        load_waivers(QUARTER, bench.expectations)
