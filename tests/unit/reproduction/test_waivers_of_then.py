"""An edition is judged again with the waivers that it was judged with, whatever the project's file says now."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import Failure
from pipelines.gate import EXPECTATIONS, Waiver, load_suites, load_waivers, suites_sha256
from pipelines.ledger import Ledger
from pipelines.reproduction.waivers import as_judged_then

QUARTER = "2023Q3"
USED = Waiver("STA-020", "330108", "gdp_ytd_yuan", "统计局已书面确认", "张三", "李四", dt.date(2023, 10, 30), dt.date(2023, 12, 31))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def manifest(suites: str, *waivers: Waiver) -> dict[str, Any]:
    used = [{"rule": each.rule, "subject": "330108/gdp", "waiver": each.text} for each in waivers]
    return {"quarter": QUARTER, "verdict": {"suites_sha256": suites}, "waivers": used}


def test_the_projects_own_files_are_used_if_they_are_still_those(ledger: Ledger) -> None:
    with as_judged_then(manifest(suites_sha256(QUARTER)), ledger) as then:
        assert (then.expectations, then.is_other) == (EXPECTATIONS, False)


def test_else_the_waivers_come_from_the_ledger_and_the_suites_from_the_project(ledger: Ledger) -> None:
    for waiver in (USED, Waiver(**USED.__dict__ | {"reason": "另一理由"})):
        ledger.append("waiver", quarter=QUARTER, subject=waiver.where, payload=waiver.payload(), actor="tester")
    with as_judged_then(manifest("other", USED), ledger) as then:
        assert then.is_other
        assert load_waivers(QUARTER, then.expectations) == [USED]
        assert load_suites(then.expectations) == load_suites()
    assert not then.expectations.exists()


def test_a_waiver_that_the_ledger_does_not_know_is_named(ledger: Ledger) -> None:
    with (
        pytest.raises(Failure, match="waiver of STA-020 for 330108/gdp: found it in the manifest, not in the ledger"),
        as_judged_then(manifest("other", USED), ledger),
    ):
        pass
