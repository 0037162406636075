"""Each fault that no row shows by itself: the rows count, and the gate holds or warns by the rule that names it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from pipelines.errors import HeldByGate
from tests.integration.faults.bench import Bench, Staged
from tests.integration.faults.cases import Found
from tests.integration.faults.meanings import meanings

NAMES = [case.name for case in meanings(b"")]


def staged(bench: Bench, case: Found) -> Staged:
    if isinstance(case.spoil, tuple):
        with bench.falsified_tax(*case.spoil) as url:
            bench.land_tax(url)
            return bench.staged(case.feed, checks=(case.check,))
    content, _ = case.spoil(bench.clean(case.feed))
    with bench.delivered(case.feed, content):
        bench.land(case.feed)
        return bench.staged(case.feed, checks=(case.check,))


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_of_meaning_is_found_by_its_rule_and_an_error_holds_publication(bench: Bench, name: str) -> None:
    (case,) = [case for case in meanings(bench.clean("statistics", "2022Q4")) if case.name == name]
    before, after = bench.baseline(case.feed), staged(bench, case)
    assert not Counter(after.quarantined.values()) - Counter(before.quarantined.values()), "the rows themselves are sound"
    found = [finding for finding in after.findings(case.check) if finding.rule == case.rule and not finding.passed]
    assert found, after.out_of_bounds()
    assert {finding.severity for finding in found} == {case.severity}
    assert all(case.subject in finding.subject for finding in found[:1])
    assert re.search("[\u4e00-\u9fff]", found[0].reason)
    assert re.search("[\u4e00-\u9fff]", found[0].next_step)
    assert re.search("[A-Za-z]{4}", found[0].reason_en)
    holds = any(finding.holds for finding in found)
    assert (HeldByGate.exit_code if holds else 0) == {"error": 10, "warning": 0}[case.severity]
