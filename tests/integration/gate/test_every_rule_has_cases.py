"""Every rule of every suite has a data set that just keeps it and one that does not."""

from __future__ import annotations

from pipelines.gate import load_suites
from tests.integration.gate import (
    test_checks_of_amounts,
    test_checks_of_contracts,
    test_checks_of_deliveries,
    test_checks_of_disclosure,
    test_checks_of_firms_and_tax,
    test_checks_of_incubators,
    test_checks_of_indicators,
    test_checks_of_ledger,
    test_checks_of_scores,
    test_checks_of_statistics,
    test_published_tables,
)

OF_CHECKS = (
    test_checks_of_amounts,
    test_checks_of_contracts,
    test_checks_of_deliveries,
    test_checks_of_disclosure,
    test_checks_of_firms_and_tax,
    test_checks_of_incubators,
    test_checks_of_indicators,
    test_checks_of_ledger,
    test_checks_of_scores,
    test_checks_of_statistics,
)
IN_A_TEST_OF_ITS_OWN = {("chk_deliveries", "delivered")}


def test_every_rule_has_a_data_set_within_its_bound_and_one_beyond():
    checks = {(model, check) for module in OF_CHECKS for model, check, *_ in module.CASES} | IN_A_TEST_OF_ITS_OWN
    without = []
    for suite in load_suites():
        for rule in suite.expectations:
            judged = {(suite.table, check) for check in dict(rule.rows).get("check_name", ())}
            if not (judged & checks) and rule.rule not in {*test_published_tables.CASES, *test_published_tables.GRAINS}:
                without.append(rule.rule)
    assert without == []
