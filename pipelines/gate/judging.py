"""Judging: from the outcomes of expectations to findings.

Here: which rows each expectation is about, findings per failing subject, waivers applied, what the gate finds about itself.
Not here: Great Expectations (adapter), reading the warehouse (judged), keeping the verdict.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.gate import findings as record
from pipelines.gate.adapter import Outcome, Task
from pipelines.gate.findings import Finding
from pipelines.gate.judged import JudgedData
from pipelines.gate.suites import Expectation, Suite
from pipelines.gate.waivers import Waiver

if TYPE_CHECKING:
    import pandas as pd


OF_FIRMS = ("chk_amounts", "chk_contracts", "chk_feeds", "chk_firms", "chk_incubators", "chk_statistics", "chk_tax")
"""Tables of which a county's row is counted from the rows of firms, by how their names begin."""


def tasks_of(quarter: str, suites: list[Suite], data: JudgedData) -> list[Task]:
    """What the adapter is to run for a quarter: one task per table and selection of rows, none for empty selections."""
    tasks = []
    for suite in suites:
        frame = data.frames.get(suite.table)
        if frame is None:
            continue
        for rows, group in _by_selection(quarter, suite).items():
            if _has_columns(frame, rows):
                selected = _select(frame, rows)
                if len(selected):
                    tasks.append(Task(_task_name(quarter, suite.table, rows), selected, tuple(group)))
    return tasks


def judge_data(
    quarter: str,
    suites: list[Suite],
    data: JudgedData,
    outcomes: dict[str, dict[str, Outcome]],
    waivers: list[Waiver],
    today: dt.date,
) -> list[Finding]:
    """All findings of a quarter, by rule: each expectation's, then the gate's own."""
    found: list[Finding] = [record.own_finding("GATE-001", t, "无此表", "存在") for t in data.missing]
    per_rule: dict[str, list[Finding]] = {}
    for suite in suites:
        frame = data.frames.get(suite.table)
        if frame is None or frame.empty:
            if frame is not None:
                found.append(record.own_finding("GATE-002", suite.table, "0", "≥ 1"))
            for expectation in suite.expectations:
                if expectation.is_asked(quarter):
                    per_rule[expectation.rule] = [record.not_evaluated(expectation, "没有可审核的表或记录")]
            continue
        found.extend(_unjudged(suite, frame))
        for rows, group in _by_selection(quarter, suite).items():
            known = _has_columns(frame, rows)
            selected = _select(frame, rows) if known else frame.iloc[:0]
            results = outcomes.get(_task_name(quarter, suite.table, rows), {})
            for expectation in group:
                found_here = _findings(suite, expectation, selected, results.get(expectation.rule))
                per_rule[expectation.rule] = [marked(each, data.withheld) for each in found_here]
    found += _apply(waivers, per_rule, today)
    for rule in sorted(per_rule):
        found += record.capped(per_rule[rule])
    return sorted(found, key=lambda finding: (finding.rule, finding.subject))


def marked(finding: Finding, withheld: frozenset[tuple[str, str]]) -> Finding:
    """Confidential where its figures are those of a withheld value, or were counted from the rows of firms in a region with one."""
    is_of_firms = finding.table.startswith(OF_FIRMS) and any(finding.region == region for region, _ in withheld)
    is_confidential = (finding.region, finding.indicator) in withheld or (bool(finding.region) and is_of_firms)
    return replace(finding, is_confidential=is_confidential) if is_confidential else finding


Selection = tuple[tuple[str, tuple[Any, ...]], ...]


def _by_selection(quarter: str, suite: Suite) -> dict[Selection, list[Expectation]]:
    groups: dict[Selection, list[Expectation]] = defaultdict(list)
    for expectation in suite.expectations:
        if expectation.is_asked(quarter):
            groups[expectation.rows].append(expectation)
    return groups


def _task_name(quarter: str, table: str, rows: Selection) -> str:
    return f"{quarter} {table} {rows}"


def _has_columns(frame: pd.DataFrame, rows: Selection) -> bool:
    return all(column in frame.columns for column, _ in rows)


def _select(frame: pd.DataFrame, rows: Selection) -> pd.DataFrame:
    for column, admitted in rows:
        frame = frame[frame[column].isin(admitted)]
    return frame.reset_index(drop=True)


def _unjudged(suite: Suite, frame: pd.DataFrame) -> list[Finding]:
    """Check tables name each row's check; a name that no expectation selects, in any quarter, would pass unseen."""
    if "check_name" not in frame.columns:
        return []
    judged = {name for expectation in suite.expectations for name in dict(expectation.rows).get("check_name", ())}
    if not judged:
        return []
    return [
        record.own_finding("GATE-003", suite.table, name, "有规则审核", subject=name)
        for name in sorted({str(name) for name in frame["check_name"].fillna("—")} - judged)
    ]


def _findings(suite: Suite, expectation: Expectation, frame: pd.DataFrame, outcome: Outcome | None) -> list[Finding]:
    """The findings of one expectation about `frame`, before waivers."""
    if frame.empty:
        return [record.not_evaluated(expectation, "没有可审核的记录")]
    if outcome is None:
        return [record.not_evaluated(expectation, "没有结果")]
    if outcome.crashed:
        return [record.not_evaluated(expectation, outcome.crashed)]
    expected = record.expected_text(expectation)
    empty = set() if expectation.nulls else {int(n) for column in expectation.columns for n in frame.index[frame[column].isna()]}
    if not expectation.by_row:
        passed = outcome.success and not empty
        observed = record.shown(outcome.observed) + (f",另有 {len(empty)} 条空值" if empty else "")
        return [record.of(expectation, subject=suite.table, passed=passed, observed=observed, expected=expected, count=int(not passed))]
    failing = empty.union(outcome.failing)
    if not failing and not outcome.success:
        return [record.not_evaluated(expectation, "未通过但没有给出记录")]
    if not failing:
        return [record.of(expectation, subject=suite.table, passed=True, observed=f"{len(frame)} 项", expected=expected, count=0)]
    return [_failed(suite, expectation, frame.iloc[position], expected, len(failing)) for position in sorted(failing)]


def _failed(suite: Suite, expectation: Expectation, row: pd.Series, expected: str, count: int) -> Finding:
    # An empty value is None, NaN, NaT or NA by the column's type, and comparing NA fails: what is left out is simply not there.
    row = row.dropna()
    parts = [record.shown(row[column]) for column in suite.subject if column in row.index]
    own_bounds = row.get("lower"), row.get("upper")
    return record.of(
        expectation,
        subject="/".join(part for part in parts if part) or suite.table,
        passed=False,
        observed=_observed(expectation, row),
        expected=record.bounds_text(*own_bounds) or expected,
        count=count,
        region=_text(row, "region_code"),
        indicator=_text(row, "indicator") or _text(row, "feed"),
    )


def _observed(expectation: Expectation, row: pd.Series) -> str:
    column = "observed" if "observed" in row.index and expectation.observed in ("excess", "") else expectation.observed
    value: Any = row.get(column)
    if isinstance(value, str):
        return value if column in SHOWN_TEXTS else "—"
    return record.shown(value.item() if hasattr(value, "item") else value)


#: Text columns whose values are codes of ours and may be shown; any other text stays inside.
SHOWN_TEXTS = frozenset({"region_code", "indicator", "level", "unit", "status", "flags", "state", "ruleset", "node", "period"})


def _text(row: pd.Series, column: str) -> str:
    value = row.get(column)
    return value if isinstance(value, str) else ""


def _apply(waivers: list[Waiver], per_rule: dict[str, list[Finding]], today: dt.date) -> list[Finding]:
    """Mark what valid waivers let pass; return the gate's own findings about the waivers that do not hold."""
    own = []
    for waiver in waivers:
        where = {"subject": waiver.where, "region": waiver.region, "indicator": waiver.indicator}
        group = per_rule.get(waiver.rule, [])
        matches = [n for n, f in enumerate(group) if not f.passed and (f.region, f.indicator) == (waiver.region, waiver.indicator)]
        fault = waiver.fault(today)
        if not matches:
            own.append(record.own_finding("GATE-004", "", "无对应发现", "恰好一条", **where))
        elif len(matches) > 1:
            own.append(record.own_finding("GATE-004", "", f"{len(matches)} 条发现", "恰好一条", **where))
        elif not group[matches[0]].waivable:
            own.append(record.own_finding("GATE-005", "", "该规则不可豁免", "可豁免的规则", **where))
        elif fault:
            own.append(record.own_finding("GATE-005", "", fault, "两人、在有效期内", **where))
        else:
            group[matches[0]] = record.with_waiver(group[matches[0]], waiver.text)
    return own
