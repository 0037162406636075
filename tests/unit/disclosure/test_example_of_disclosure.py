"""The worked example of scoring.md 4.3 to the letter: primaries, protection, the best pattern, what an attacker can compute."""

from __future__ import annotations

from itertools import combinations

import pytest

from pipelines.disclosure.audit import audit
from pipelines.disclosure.suppression import suppress
from tests.reference.every_pattern import is_safe
from tests.unit.disclosure.disclosure_example import INNER, rows, table
from tests.unit.disclosure.primary_sql import judged

PROTECTION = {"A.S2": 4.5, "B.S1": 8.0}
PATTERN = {"A.S1", "A.S2", "B.S1", "B.S2"}


def test_sql_finds_the_two_primaries_and_no_total() -> None:
    found = judged(rows())
    unsafe = {key: row["unsafe_by"] for key, row in found.items() if row["unsafe_by"]}
    assert unsafe == {"A.S2": "frequency;dominance_1;dominance_2;p_percent", "B.S1": "dominance_1;dominance_2;p_percent"}
    assert len(found) == 16


def test_sql_gives_the_protection_of_the_p_percent_rule_and_of_all_rules() -> None:
    only_p = "delete from disclosure_rules where rule <> 'p_percent'"
    others = """insert into disclosure_rules
        select rule, parameter, value, '', '2019Q1', null, ''
        from (values ('frequency', 'n_min', '1'), ('frequency', 'share_pct', '30'), ('dominance_1', 'n', '1'),
            ('dominance_1', 'k_pct', '100'), ('dominance_2', 'n', '2'), ('dominance_2', 'k_pct', '100')) as off (rule, parameter, value)"""
    found = judged(rows(), only_p, others)
    assert {key: row["protection"] for key, row in found.items() if row["unsafe_by"]} == PROTECTION
    by_all = judged(rows())
    # The dominance of one asks most: 100/75 × 45 − 48 = 12, and 30 % of 48 are 14.4; 100/75 × 95 − 100.5 = 26.1667.
    assert by_all["A.S2"]["protection"] == pytest.approx(14.4)
    assert by_all["B.S1"]["protection"] == pytest.approx(100 / 75 * 95 - 100.5)


def test_the_pattern_is_the_best_of_all_128() -> None:
    system = table(PROTECTION)
    pattern = suppress(system)
    assert (pattern.withheld, pattern.primaries, pattern.loss) == (PATTERN, PROTECTION.keys(), 214)
    assert pattern.is_proven
    assert not pattern.given_up
    others = sorted(INNER.keys() - PROTECTION.keys())
    every = [frozenset(some) for size in range(len(others) + 1) for some in combinations(others, size)]
    losses = sorted(sum(INNER[key] for key in some) for some in every if is_safe(system, some | PROTECTION.keys()))
    assert len(every) == 128
    assert losses[:2] == [214, 286]


def test_the_audit_gives_the_four_intervals() -> None:
    found = audit(table(PROTECTION), PATTERN, every=True)
    assert {one.key: (one.low, one.high) for one in found} == {
        "A.S1": pytest.approx((46, 178)),
        "A.S2": pytest.approx((0, 132)),
        "B.S1": pytest.approx((52.5, 184.5)),
        "B.S2": pytest.approx((0, 132)),
    }
    assert not any(one.is_exposed for one in found)


def test_primaries_alone_are_computed_exactly() -> None:
    found = audit(table(PROTECTION), PROTECTION.keys())
    assert [(one.key, one.low, one.high, one.is_exposed) for one in found] == [("A.S2", 48, 48, True), ("B.S1", 100.5, 100.5, True)]


def test_under_the_frequency_rule_alone_the_best_pattern_loses_266() -> None:
    pattern = suppress(table({"A.S2": 14.4}))
    assert (pattern.withheld, pattern.loss) == ({"A.S2", "A.S3", "B.S2", "B.S3"}, 266)
