"""The page of rules: current, and with every rule on it."""

from __future__ import annotations

from pipelines.gate import load_suites
from pipelines.gate.page import rules_page
from pipelines.gate.suites import OWN_RULES
from pipelines.settings import PROJECT


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
