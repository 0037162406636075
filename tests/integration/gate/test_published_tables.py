"""Rules that state their bound themselves, on the real tables: silent on the data set that just keeps it, failing on the one beside it.

All frames go through Great Expectations in one call, as its import takes seconds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipelines.gate import adapter, load_suites
from pipelines.gate.adapter import Task
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import Suite
from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import BINJIANG, NOW, duplicate, to

QUARTER = "2023Q3"
EDI, IND = "ed_indicators", "ind_values"
RULES = {expectation.rule: (suite, expectation) for suite in load_suites() for expectation in suite.expectations}
GRAINS = sorted(rule for rule, (suite, expectation) in RULES.items() if expectation.type.endswith("compound_columns_to_be_unique"))
GDP = f"{BINJIANG} and indicator = 'GDP'"
OUT = f"{BINJIANG} and indicator = 'RD_GDP' and period = '2023Q3'"
SHARE = f"{BINJIANG} and indicator = 'HT_SHARE'"
RD_SHARE = f"{BINJIANG} and indicator = 'RD_GDP' and status = 'value'"
STAFF = f"{BINJIANG} and indicator = 'RD_STAFF' and status = 'value'"
FEED = f"{NOW} and check_name = 'quarantine_share' and indicator = 'ledger'"
PROVINCE = f"{BINJIANG} and ruleset like 'zj315-county/%'"

# Rule: the statement that just keeps it, the statement that just does not.
CASES: dict[str, tuple[str, str]] = {
    "QUA-001": (to("chk_deliveries", "observed", "0.01", FEED), to("chk_deliveries", "observed", "0.010001", FEED)),
    "STA-003": (
        f"delete from chk_statistics_cover where {NOW} and indicator = 'research'",
        f"delete from chk_statistics_cover where {NOW} and (indicator = 'research' or (indicator = 'gdp' and region_code = '330108'))",
    ),
    "EDI-002": (to(EDI, "status", "'withheld'", GDP), to(EDI, "status", "'unknown'", GDP)),
    "EDI-003": (to(EDI, "level", "'m'", GDP), to(EDI, "level", "'r'", GDP)),
    "EDI-004": (to(EDI, "value", "null", OUT), to(EDI, "value", "null", GDP)),
    "EDI-005": (to(EDI, "as_of", "null", OUT), to(EDI, "as_of", "null", GDP)),
    "EDI-006": (to(EDI, "region_code", "'339999'", GDP), to(EDI, "region_code", "'33010'", GDP)),
    "EDI-007": (to(EDI, "period", "'2023'", GDP), to(EDI, "period", "'2023Q5'", GDP)),
    "EDI-008": (f"delete from {EDI} where {GDP}", f"delete from {EDI} where {BINJIANG}"),
    "EDI-009": (to(EDI, "unit", "'元'", GDP), to(EDI, "unit", "null", GDP)),
    "EDI-010": (to(EDI, "region_name", "'滨江'", GDP), to(EDI, "region_name", "null", GDP)),
    "IND-020": (to(IND, "value", "100", SHARE), to(IND, "value", "100.01", SHARE)),
    "IND-021": (
        to(IND, "value", "-100", f"{BINJIANG} and indicator = 'HT_VA_GROWTH'"),
        to(IND, "value", "-100.1", f"{BINJIANG} and indicator = 'HT_VA_GROWTH'"),
    ),
    "IND-023": (to(IND, "value", "0", GDP), to(IND, "value", "-0.01", GDP)),
    "IND-024": (to(IND, "value", "15", RD_SHARE), to(IND, "value", "15.01", RD_SHARE)),
    "IND-026": (to(IND, "value", "2000", STAFF), to(IND, "value", "2001", STAFF)),
    "RAN-002": (to("ed_ranking", "total", "0"), to("ed_ranking", "total", "null")),
    "RAN-003": (to("ed_ranking", "total", "105"), to("ed_ranking", "total", "105.01")),
    "RAN-004": (to("ed_ranking", "stars", "1"), to("ed_ranking", "stars", "0")),
    "RAN-005": (to("ed_ranking", "rank_province", "90", PROVINCE), to("ed_ranking", "rank_province", "91", PROVINCE)),
    "RAN-006": (to("ed_ranking", "rank_city", "13"), to("ed_ranking", "rank_city", "14")),
    "RAN-007": (to("ed_ranking", "region_name", "'滨江'"), to("ed_ranking", "region_name", "null")),
    "SCR-002": (to("ed_scores", "state", "'withheld'"), to("ed_scores", "state", "'unknown'")),
    "SCR-003": (to("ed_scores", "weight_effective", "100"), to("ed_scores", "weight_effective", "100.01")),
    "SCR-004": (to("ed_scores", "points", "-100"), to("ed_scores", "points", "-100.01")),
    "SCR-005": (f"delete from ed_scores where {BINJIANG} and node = 'RD_GDP'", f"delete from ed_scores where {BINJIANG}"),
    "ROB-002": (to("rob_intervals", "rank_mc_error", "0.5"), to("rob_intervals", "rank_mc_error", "0.51")),
    "ROB-003": (to("rob_intervals", "p_star_5", "1"), to("rob_intervals", "p_star_5", "1.01")),
    "ROB-004": (to("rob_intervals", "band", "90"), to("rob_intervals", "band", "91")),
}


def grain_case(rule: str) -> tuple[str, str]:
    """A further row that differs in one column of the key, and one that differs in none."""
    suite, expectation = RULES[rule]
    changed = {expectation.columns[-1]: "'another'"}
    return duplicate(suite.table, NOW, **changed), duplicate(suite.table, NOW)


@pytest.fixture(scope="module")
def found(falsified: Falsified) -> dict[str, list[list[Any]]]:
    """Findings of each rule on its two data sets."""
    judged: dict[tuple[str, int], tuple[Suite, JudgedData, Task]] = {}
    for rule, statements in (CASES | {rule: grain_case(rule) for rule in GRAINS}).items():
        suite, expectation = RULES[rule]
        alone = Suite(suite.table, suite.subject, (expectation,))
        for side, statement in enumerate(statements):
            with falsified.after(statement) as connection:
                frame = connection.execute(f"select * from {suite.table} where quarter = ?", [QUARTER]).df()
            data = JudgedData("", "", {suite.table: frame}, ())
            (task,) = tasks_of(QUARTER, [alone], data)
            judged[rule, side] = alone, data, task
    outcomes = adapter.evaluate(Task(f"{rule} {side}", task.frame, task.expectations) for (rule, side), (_, _, task) in judged.items())
    findings: dict[str, list[list[Any]]] = {}
    for (rule, side), (suite, data, task) in judged.items():
        results = {task.name: outcomes[f"{rule} {side}"]}
        findings.setdefault(rule, []).append(judge_data(QUARTER, [suite], data, results, [], dt.date(2023, 11, 20)))
    return findings


@pytest.mark.parametrize("rule", sorted({*CASES, *GRAINS}))
def test_a_rule_is_silent_at_its_bound_and_fails_just_beyond_on_the_real_table(found: dict[str, list[list[Any]]], rule: str):
    within, beyond = ([finding for finding in side if finding.rule == rule] for side in found[rule])
    assert [finding.passed for finding in within] == [True]
    assert beyond
    assert {(finding.passed, finding.severity) for finding in beyond} == {(False, RULES[rule][1].severity)}
    assert not any(finding.observed.startswith("未能评估") for finding in beyond)
