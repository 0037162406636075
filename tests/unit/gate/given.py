"""Rows and outcomes given by hand, for tests of judging without Great Expectations."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.gate.adapter import Outcome
from pipelines.gate.findings import Finding
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import Expectation, Suite
from pipelines.gate.waivers import Waiver
from tests.unit.gate.conftest import QUARTER, TODAY, expectation
from tests.unit.gate.conftest import waiver as waiver_entry

PASSED = Outcome("T-001", success=True)
SUBJECT = ("region_code", "indicator")


def frame(*excess: float | None, **columns: Any) -> pd.DataFrame:
    made = {"check_name": "sums", "region_code": [f"33010{n}" for n in range(len(excess))], "indicator": "GDP", "excess": excess}
    return pd.DataFrame(made | columns)


def failing(*positions: int, rule: str = "T-001") -> Outcome:
    return Outcome(rule, success=False, failing=positions)


def suite(*expectations: Expectation, subject: tuple[str, ...] = SUBJECT) -> Suite:
    return Suite("chk_sums", subject, expectations or (expectation(),))


def waiver(**changes: Any) -> Waiver:
    return Waiver(**waiver_entry(**{"region": "330100"} | changes))


def judged(rows: pd.DataFrame, *outcomes: Outcome, by: Suite | None = None, waivers: tuple[Waiver, ...] = ()) -> list[Finding]:
    """Findings of one table whose expectations came out so; an expectation without outcome has none."""
    by = by or suite()
    data = JudgedData("", "", {by.table: rows}, ())
    given = {found.rule: found for found in outcomes}
    results = {
        task.name: {each.rule: given[each.rule] for each in task.expectations if each.rule in given}
        for task in tasks_of(QUARTER, [by], data)
    }
    return judge_data(QUARTER, [by], data, results, list(waivers), TODAY)
