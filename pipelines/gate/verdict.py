"""Verdicts: judging a quarter, keeping the verdict, and the demand for it.

Here: frames to findings, waivers applied, the outcome with the hash of what was judged, its entry in the ledger.
Not here: running expectations (adapter) and publishing, which calls `require_verdict` however it is started.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import durable
from pipelines.errors import HeldByGate, LedgerBroken, UsageError
from pipelines.gate import adapter, judged
from pipelines.gate import findings as record
from pipelines.gate.findings import Finding
from pipelines.gate.judged import JudgedData
from pipelines.gate.judging import judge_data, tasks_of
from pipelines.gate.suites import EXPECTATIONS, MODELS, Suite, load_suites, suites_sha256
from pipelines.gate.waivers import Waiver, load_waivers
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.ledger import Entry, Ledger

NAMED_IN_ERROR = 3


@dataclass(frozen=True)
class Verdict:
    """What the gate said about a quarter, with the hashes of the judged data, its deliveries, the suites and the findings file."""

    quarter: str
    outcome: str
    data_sha256: str
    deliveries_sha256: str
    suites_sha256: str
    findings: list[Finding]
    findings_sha256: str
    valid_until: str

    @property
    def counts(self) -> dict[str, int]:
        """Passed expectations, failing subjects by severity, and those that a waiver lets pass."""
        failed = [finding for finding in self.findings if not finding.passed]
        return {
            "passed": len(self.findings) - len(failed),
            "error": sum(finding.holds for finding in failed),
            "warning": sum(finding.severity == "warning" and not finding.waiver for finding in failed),
            "waived": sum(bool(finding.waiver) for finding in failed),
        }

    def payload(self) -> dict[str, Any]:
        """The verdict as the ledger keeps it."""
        return {
            "outcome": self.outcome,
            "data_sha256": self.data_sha256,
            "deliveries_sha256": self.deliveries_sha256,
            "suites_sha256": self.suites_sha256,
            "findings_sha256": self.findings_sha256,
            "valid_until": self.valid_until,
            "counts": self.counts,
        }


def judge(
    quarter: str,
    warehouse: Warehouse,
    ledger: Ledger,
    actor: str,
    *,
    today: dt.date | None = None,
    expectations: Path = EXPECTATIONS,
    models: Path | None = MODELS,
) -> Verdict:
    """Judge one quarter and keep the verdict; see `judge_all`."""
    return judge_all([quarter], warehouse, ledger, actor, today=today, expectations=expectations, models=models)[0]


def judge_all(
    quarters: Sequence[str],
    warehouse: Warehouse,
    ledger: Ledger,
    actor: str,
    *,
    today: dt.date | None = None,
    expectations: Path = EXPECTATIONS,
    models: Path | None = MODELS,
) -> list[Verdict]:
    """Judge each quarter as it stands in the warehouse, in one go of Great Expectations, and keep the verdicts.

    The findings lie as `findings/<sha256>.json`, the verdict in the ledger; judging the same again adds nothing. `today` is
    the day against which waivers expire.
    """
    today = today or dt.date.today()
    # The hashes first: a suite or waiver changed while it is judged then leaves a verdict on other suites, which publishing refuses.
    hashes = {quarter: suites_sha256(quarter, expectations) for quarter in quarters}
    suites = load_suites(expectations, models)
    waivers = {quarter: load_waivers(quarter, expectations) for quarter in quarters}
    read = {quarter: judged.read(quarter, warehouse, suites) for quarter in quarters}
    outcomes = adapter.evaluate([task for quarter in quarters for task in tasks_of(quarter, suites, read[quarter])])
    verdicts = []
    for quarter in quarters:
        found = judge_data(quarter, suites, read[quarter], outcomes, waivers[quarter], today)
        verdict = _verdict(quarter, read[quarter], hashes[quarter], found, waivers[quarter], warehouse)
        _keep(verdict, [waiver for waiver in waivers[quarter] if _used(waiver, verdict.findings)], ledger, actor)
        verdicts.append(verdict)
    return verdicts


def require_verdict(
    quarter: str,
    warehouse: Warehouse,
    ledger: Ledger,
    *,
    today: dt.date | None = None,
    expectations: Path = EXPECTATIONS,
    models: Path | None = MODELS,
) -> Verdict:
    """The newest verdict on the quarter, if it is `ready` and about exactly the data and suites of now; else `HeldByGate`."""
    require_chain(quarter, ledger)
    entries = ledger.entries("verdict", quarter)
    if not entries:
        raise HeldByGate(f"{quarter}: found no verdict of the gate; expected one on this data; next: judge the quarter, then publish")
    entry = entries[-1]
    suites = load_suites(expectations, models)
    data_now = judged.data_sha256(quarter, warehouse, suites)
    for what, now in (("data", data_now), ("suites", suites_sha256(quarter, expectations))):
        if entry.payload[f"{what}_sha256"] != now:
            raise HeldByGate(
                f"{quarter}: found a verdict on other {what} ({entry.payload[f'{what}_sha256'][:12]}, ledger line {entry.seq}); "
                f"expected one on {now[:12]}; next: judge the quarter again"
            )
    findings = _stored_findings(quarter, entry, warehouse)
    if lacking := _rules_without_finding(quarter, suites, findings):
        raise HeldByGate(f"{quarter}: found no finding of {', '.join(lacking)}; expected one of every rule; next: judge the quarter again")
    holding = [finding for finding in findings if finding.holds]
    if holding or entry.payload["outcome"] != "ready":
        named = "; ".join(
            f"{f.rule} {f.subject}: {f.observed} (expected {f.expected}) {f.reason}"
            for f in (each.public for each in holding[:NAMED_IN_ERROR])
        )
        more = f"; and {len(holding) - NAMED_IN_ERROR} more" if len(holding) > NAMED_IN_ERROR else ""
        raise HeldByGate(
            f"{quarter}: held by the gate: {named}{more}; next: read findings/{entry.payload['findings_sha256']}.json, correct or waive"
        )
    valid_until = entry.payload["valid_until"]
    if valid_until and (today or dt.date.today()).isoformat() > valid_until:
        raise HeldByGate(
            f"{quarter}: found a verdict with a waiver that expired on {valid_until}; expected one in force; next: judge again"
        )
    kept = (field.name for field in dataclasses.fields(Verdict) if field.name in entry.payload)
    return Verdict(quarter=quarter, findings=findings, **{name: entry.payload[name] for name in kept})


def last_verdict(quarter: str, warehouse: Warehouse, ledger: Ledger) -> tuple[Entry, list[Finding]]:
    """The ledger entry of the newest verdict on the quarter and its findings, whatever it says; a usage error if there is none."""
    entries = ledger.entries("verdict", quarter)
    if not entries:
        raise UsageError(f"{quarter}: found no verdict of the gate; expected one; next: i315 run {quarter}")
    return entries[-1], _stored_findings(quarter, entries[-1], warehouse)


def require_chain(quarter: str, ledger: Ledger) -> None:
    """Refuse to go on from a ledger of which any line was changed, removed or moved."""
    try:
        ledger.verify()
    except LedgerBroken as broken:
        raise HeldByGate(f"{quarter}: {broken}; next: restore the ledger from a copy") from broken


def _verdict(
    quarter: str, data: JudgedData, suites_hash: str, findings: list[Finding], waivers: list[Waiver], warehouse: Warehouse
) -> Verdict:
    content = record.to_json(findings)
    findings_sha256 = hashlib.sha256(content).hexdigest()
    target = warehouse.findings / f"{findings_sha256}.json"
    if not target.exists() or target.read_bytes() != content:
        durable.write_bytes(target, content, is_private=True)
    expiries = [waiver.expires.isoformat() for waiver in waivers if _used(waiver, findings)]
    return Verdict(
        quarter=quarter,
        outcome="held" if any(finding.holds for finding in findings) else "ready",
        data_sha256=data.sha256,
        deliveries_sha256=data.deliveries_sha256,
        suites_sha256=suites_hash,
        findings=findings,
        findings_sha256=findings_sha256,
        valid_until=min(expiries, default=""),
    )


def _used(waiver: Waiver, findings: list[Finding]) -> bool:
    return any(finding.waiver and (finding.rule, finding.region, finding.indicator) == waiver.key for finding in findings)


def _keep(verdict: Verdict, used: list[Waiver], ledger: Ledger, actor: str) -> None:
    # Waivers first: a verdict in the ledger then never stands without the waivers that it rests on.
    known = [entry.payload for entry in ledger.entries("waiver", verdict.quarter)]
    for waiver in used:
        if waiver.payload() not in known:
            ledger.append("waiver", quarter=verdict.quarter, subject=waiver.where, payload=waiver.payload(), actor=actor)
    entries = ledger.entries("verdict", verdict.quarter)
    if not entries or entries[-1].payload != verdict.payload():
        ledger.append("verdict", quarter=verdict.quarter, subject=verdict.outcome, payload=verdict.payload(), actor=actor)


def _rules_without_finding(quarter: str, suites: list[Suite], findings: list[Finding]) -> list[str]:
    asked = {each.rule for suite in suites for each in suite.expectations if each.is_asked(quarter)}
    return sorted(asked - {finding.rule for finding in findings})


def _stored_findings(quarter: str, entry: Entry, warehouse: Warehouse) -> list[Finding]:
    target = warehouse.findings / f"{entry.payload['findings_sha256']}.json"
    content = target.read_bytes() if target.exists() else b""
    if hashlib.sha256(content).hexdigest() != entry.payload["findings_sha256"]:
        state = "changed" if content else "no"
        raise HeldByGate(
            f"{quarter}: found {state} findings at {target.name}; expected those of the verdict; next: judge the quarter again"
        )
    return record.from_json(content)
