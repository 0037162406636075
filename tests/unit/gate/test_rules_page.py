"""The page of rules: current, and with every rule on it."""

from __future__ import annotations

from pipelines.gate import load_suites
from pipelines.gate.page import rules_page
from pipelines.gate.suites import OWN_RULES
from pipelines.settings import PROJECT
from tests.unit.gate.conftest import Shelf, rule


def test_the_page_in_docs_is_what_the_suites_say():
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == rules_page(load_suites()), "run `python -m pipelines.gate.page > docs/rules.md`"


def test_every_rule_stands_on_the_page_once():
    lines = [line.split(" | ")[0].removeprefix("| ") for line in rules_page(load_suites()).splitlines() if line.startswith("| ")]
    rules = [expectation.rule for suite in load_suites() for expectation in suite.expectations]
    assert sorted(line for line in lines if line not in ("Rule", "---")) == sorted([*rules, *OWN_RULES])


def test_a_rule_about_a_check_says_what_the_check_admits():
    unsaid = [rule.rule for suite in load_suites() for rule in suite.expectations if rule.columns == ("excess",) and not rule.bound]
    assert unsaid == []


def test_the_page_says_the_bound_that_a_suite_words_and_else_the_one_that_it_judges_by(shelf: Shelf):
    shelf.suite(rule("T-001", bound=" at most 3 | rows "), rule("T-002", kwargs={"column": "excess", "max_value": 2}, quarters=[2, 3]))
    lines = [line for line in rules_page(load_suites(shelf.expectations, None)).splitlines() if line.startswith("| T-")]
    assert "| at most 3 \\| rows |" in lines[0]
    assert "| excess: ≤ 2 |" in lines[1]
    assert "(Q2, Q3)" in lines[1]
