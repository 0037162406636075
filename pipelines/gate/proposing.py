"""Proposing a waiver: one more entry in `expectations/waivers/<quarter>.yml`, for a second person to read, sign and commit.

Here: what may be proposed, and the text that is added. Not here: whether a waiver holds on a day (waivers) or letting a finding
pass (judging). Nothing is judged or published by it: the next run reads the file.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import yaml

from pipelines import durable
from pipelines.errors import UsageError
from pipelines.gate.findings import Finding
from pipelines.gate.suites import EXPECTATIONS
from pipelines.gate.waivers import Waiver, load_waivers, waivers_file


def propose(quarter: str, waiver: Waiver, findings: list[Finding], today: dt.date, folder: Path = EXPECTATIONS) -> Path:
    """Add the waiver to the quarter's file and return the file; a usage error if it could never let a finding pass.

    `findings` are those of the newest verdict: the waiver must name exactly one that failed and may be waived. A waiver that
    nobody has approved yet may be written, and holds the quarter until somebody has.
    """
    _refuse_pointless(quarter, waiver, findings)
    signed = replace(waiver, approved_by=waiver.approved_by or f"not {waiver.proposed_by}")
    if fault := signed.fault(today):
        raise UsageError(f"{quarter}: waiver of {waiver.where}: found {fault}; expected two persons and days around {today.isoformat()}")
    if waiver.key in {known.key for known in load_waivers(quarter, folder)}:
        raise UsageError(f"{waivers_file(quarter, folder)}: found a waiver of {waiver.where} already; next: edit that one")
    target = waivers_file(quarter, folder)
    before = target.read_text(encoding="utf-8") if target.exists() else ""
    durable.write_bytes(target, _with_entry(before, waiver).encode())
    return target


def _refuse_pointless(quarter: str, waiver: Waiver, findings: list[Finding]) -> None:
    failed = [finding for finding in findings if not finding.passed]
    of_rule = [finding for finding in failed if finding.rule == waiver.rule]
    matching = [finding for finding in of_rule if (finding.region, finding.indicator) == (waiver.region, waiver.indicator)]
    if len(matching) != 1:
        named = ", ".join(sorted({f"{f.region or '-'}/{f.indicator or '-'}" for f in of_rule})) or "no finding of that rule"
        raise UsageError(
            f"{quarter}: waiver of {waiver.where}: found {len(matching)} such findings in the newest verdict ({named}); "
            f"expected one; next: see i315 findings {quarter}"
        )
    if not matching[0].waivable:
        raise UsageError(f"{quarter}: waiver of {waiver.where}: found a finding that takes no waiver; next: have the data corrected")
    if not matching[0].holds:
        raise UsageError(f"{quarter}: waiver of {waiver.where}: found a finding that holds nothing; expected one that does")


def _with_entry(before: str, waiver: Waiver) -> str:
    """The file with one entry more; what stands there, comments too, stays as it is."""
    fields = waiver.payload() | {"date": waiver.date, "expires": waiver.expires}
    lines = yaml.safe_dump([fields], allow_unicode=True, sort_keys=False, default_flow_style=False, width=10_000).splitlines()
    head = before.rstrip() if before.strip() else "waivers:"
    if head.endswith("waivers: []"):
        head = head.removesuffix(" []")
    return "\n".join([head, *(f"  {line}" for line in lines)]) + "\n"
