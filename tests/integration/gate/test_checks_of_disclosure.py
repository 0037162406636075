"""Disclosure control, falsified: what is exposed, not audited or scored is found, and nothing else."""

from __future__ import annotations

import pytest

from tests.integration.gate.conftest import Falsified
from tests.integration.gate.falsifying import NOW, Case, assert_found_only_beyond, names

TRADED = f"{NOW} and measure = 'TECH_TX.amount'"
WITHHELD = "period = '2023Q3' and state = 'withheld' and indicator = 'TECH_TX'"

CASES: list[Case] = [
    (
        "chk_disclosure",
        "exposed",
        f"update dis_audit set low = low_needed, high = high_needed where {TRADED}",
        f"update dis_audit set is_exposed = true where {TRADED} and figure = (select min(figure) from dis_audit where {TRADED})",
        ["TECH_TX.amount"],
    ),
    (
        "chk_disclosure",
        "unaudited",
        f"delete from dis_audit where {TRADED} and figure like '% since %'",
        f"delete from dis_audit where {TRADED} and figure not like '% since %'",
        ["TECH_TX.amount"],
    ),
    (
        "chk_disclosure",
        "scored",
        f"update int_scoring_values set state = 'missing' where {WITHHELD}",
        f"update int_scoring_values set value = 0 where {WITHHELD}",
        ["TECH_TX.amount"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_figure_beyond_its_bound_is_found_and_one_within_is_not(falsified: Falsified, case: Case):
    assert_found_only_beyond(falsified, case)
