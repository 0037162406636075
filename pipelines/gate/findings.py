"""Findings: what each expectation found, in words that an official and an auditor can act on.

Here: the record, how values are shown, the stored form, results per rule. Not here: finding them.
Subjects and observed values are regions, codes, deliveries, counts and sums; a value of another kind is never shown.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from pipelines.gate.suites import OWN_RULES, Expectation

SHOWN_PER_RULE = 50
NOT_EVALUATED = "未能评估"
NOT_SHOWN = "不予公布"


@dataclass(frozen=True)
class Finding:
    """One line: a passed expectation (subject = table), or one failing subject of it.

    `count` is the number of failing subjects of the rule (0 if passed), `reason` is in Chinese, `waiver` the text of the waiver
    that lets it pass; `region` and `indicator` are what a waiver names; figures of a confidential one are for those who work on it.
    """

    rule: str
    severity: str
    subject: str
    passed: bool
    observed: str
    expected: str
    count: int
    reason: str
    waiver: str = ""
    reason_en: str = ""
    table: str = ""
    next_step: str = ""
    region: str = ""
    indicator: str = ""
    waivable: bool = True
    is_confidential: bool = False

    @property
    def public(self) -> Finding:
        """The finding as it may leave the warehouse: without its figures where those of a firm could be read off them."""
        return replace(self, observed=NOT_SHOWN, expected=NOT_SHOWN) if self.is_confidential else self

    @property
    def holds(self) -> bool:
        """Whether it keeps the quarter from being published."""
        return not self.passed and self.severity == "error" and not self.waiver


@dataclass(frozen=True)
class RuleResult:
    """All findings of one rule together, as an asset check shows them."""

    rule: str
    passed: bool
    severity: str
    count: int
    findings: tuple[Finding, ...]


def results_by_rule(findings: list[Finding]) -> dict[str, RuleResult]:
    """Per rule: passed if every finding passed or is waived; the severity is the worst of those that did not."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.rule, []).append(finding)
    results = {}
    for rule, group in grouped.items():
        open_ones = [finding for finding in group if not finding.passed and not finding.waiver]
        severity = "error" if any(finding.severity == "error" for finding in open_ones or group) else "warning"
        results[rule] = RuleResult(rule, not open_ones, severity, max(finding.count for finding in group), tuple(group))
    return results


def own_finding(rule: str, table: str, observed: str, expected: str, subject: str = "", region: str = "", indicator: str = "") -> Finding:
    """An error finding of the gate about itself; it takes no waiver."""
    reason, reason_en, next_step = OWN_RULES[rule]
    return Finding(
        rule,
        "error",
        subject or table,
        False,
        observed,
        expected,
        1,
        reason,
        "",
        reason_en,
        table,
        next_step,
        region,
        indicator,
        waivable=False,
    )


def of(expectation: Expectation, *, subject: str, passed: bool, observed: str, expected: str, count: int, **more: Any) -> Finding:
    """A finding with the expectation's own words."""
    return Finding(
        rule=expectation.rule,
        severity=more.pop("severity", expectation.severity),
        subject=subject,
        passed=passed,
        observed=observed,
        expected=expected,
        count=count,
        reason=expectation.reason_zh,
        reason_en=expectation.reason_en,
        table=expectation.table,
        next_step=expectation.next_step_zh,
        waivable=more.pop("waivable", expectation.waivable),
        **more,
    )


def not_evaluated(expectation: Expectation, why: str) -> Finding:
    """The error finding of an expectation that crashed, gave no result or judged nothing: never a pass, never waived."""
    return of(
        expectation,
        subject=expectation.table,
        passed=False,
        observed=f"{NOT_EVALUATED}: {why}",
        expected=expected_text(expectation),
        count=1,
        severity="error",
        waivable=False,
    )


def expected_text(expectation: Expectation) -> str:
    """The bound in short, from the expectation's arguments."""
    kwargs = expectation.kwargs
    if "min_value" in kwargs or "max_value" in kwargs:
        return bounds_text(kwargs.get("min_value"), kwargs.get("max_value"))
    if "value_set" in kwargs:
        return "属于 {" + ", ".join(str(value) for value in kwargs["value_set"]) + "}"
    if "column_A" in kwargs:
        sign = "=" if expectation.type.endswith("to_be_equal") else "≥" if kwargs.get("or_equal") else ">"
        return f"{kwargs['column_A']} {sign} {kwargs['column_B']}"
    if "regex" in kwargs:
        return f"形如 {kwargs['regex']}"
    return "不重复" if "unique" in expectation.type else "有值"


def bounds_text(lower: Any, upper: Any) -> str:
    """`[lower, upper]` with what is given."""
    if lower is not None and upper is not None:
        return shown(lower) if lower == upper else f"{shown(lower)} 至 {shown(upper)}"
    return f"≥ {shown(lower)}" if lower is not None else f"≤ {shown(upper)}" if upper is not None else ""


def shown(value: Any) -> str:
    """A number, flag or short code as text; twelve significant digits, no value as an em dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{float(value):.12g}" if isinstance(value, (int, float)) else str(value)


def capped(findings: list[Finding]) -> list[Finding]:
    """At most `SHOWN_PER_RULE` open failing lines of a rule, those that hold first, and all that are waived.

    `count` already says how many there are; a waiver without its finding would be in no ledger and never expire.
    """
    waived = [finding for finding in findings if finding.waiver]
    others = sorted((finding for finding in findings if not finding.waiver), key=lambda finding: (not finding.holds, finding.subject))
    return sorted(waived + others[:SHOWN_PER_RULE], key=lambda finding: finding.subject)


def with_waiver(finding: Finding, text: str) -> Finding:
    """The same finding, let pass."""
    return replace(finding, waiver=text)


def to_json(findings: list[Finding]) -> bytes:
    """The stored form: sorted, one finding a line."""
    lines = (json.dumps(asdict(finding), ensure_ascii=False, sort_keys=True) for finding in findings)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def from_json(content: bytes) -> list[Finding]:
    """Findings as stored."""
    return [Finding(**entry) for entry in json.loads(content)]
