"""What the ledger and the gate say about a cell: who delivered what and when, which findings and waivers touched it.

Here: selecting them for the deliveries and names behind a cell. Not here: deciding anything about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from pipelines.gate import findings as gate_findings
from pipelines.gate.findings import Finding
from pipelines.ledger import Entry, Ledger
from pipelines.tracing.published import Edition, NotAsPublished

_SUFFIXES_OF_TYPED_COLUMNS = ("", "_yuan", "_pct", "_m2")


@dataclass(frozen=True)
class Delivered:
    """A delivery: what the manifest says of it, and the ledger's line about its receipt (None if it was never recorded)."""

    quarter: str
    feed: str
    file: str
    sha256: str
    received: str
    rows: int
    quarantined: int
    entry: Entry | None

    @property
    def delivery_id(self) -> str:
        """The short name used in every row's lineage."""
        return self.sha256[:16]


@dataclass(frozen=True)
class Judged:
    """The gate's findings that touched a cell, the waivers that let some pass, and how many rules found nothing."""

    findings: list[Finding]
    waivers: list[dict[str, Any]]
    passed: int


def deliveries_behind(edition: Edition, ledger: Ledger, used: Collection[tuple[str, str]]) -> list[Delivered]:
    """The deliveries of these (quarter, feed) pairs, in order of time."""
    lines = {(entry.quarter, entry.payload["feed"], entry.payload["sha256"]): entry for entry in ledger.entries("delivery")}
    return [
        Delivered(**each, entry=lines.get((each["quarter"], each["feed"], each["sha256"])))
        for each in sorted(edition.deliveries, key=lambda each: (each["quarter"], each["feed"]))
        if (each["quarter"], each["feed"]) in used
    ]


def judged(
    edition: Edition, ledger: Ledger, region: str, indicators: Collection[str], columns: Iterable[str], deliveries: Collection[str]
) -> Judged:
    """The findings of the edition's verdict about a region's indicators, their delivered columns, or their deliveries (by short name)."""
    names = {*indicators, *(f"{column}{suffix}" for column in columns for suffix in _SUFFIXES_OF_TYPED_COLUMNS)}
    findings = _findings(edition, ledger)
    touching = [each for each in findings if not each.passed and _touches(each, region, names, deliveries)]
    keys = {(each.rule, each.region, each.indicator) for each in touching if each.waiver}
    waivers = [
        entry.payload
        for entry in ledger.entries("waiver", edition.quarter)
        if entry.seq < edition.entry.seq and (entry.payload["rule"], entry.payload["region"], entry.payload["indicator"]) in keys
    ]
    return Judged(touching, waivers, sum(each.passed for each in findings))


def _touches(finding: Finding, region: str, names: Collection[str], deliveries: Collection[str]) -> bool:
    if finding.region and finding.region != region:
        return False
    if finding.indicator in names:
        return True
    return not set(finding.subject.split("/")).isdisjoint(deliveries) and (not finding.indicator or "/" in finding.indicator)


def _findings(edition: Edition, ledger: Ledger) -> list[Finding]:
    told = edition.manifest["verdict"]
    entries = [
        entry
        for entry in ledger.entries("verdict", edition.quarter)
        if entry.seq < edition.entry.seq and told.items() <= entry.payload.items()
    ]
    sha256 = entries[-1].payload["findings_sha256"] if entries else ""
    path = edition.warehouse.findings / f"{sha256}.json"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        found = f"findings/{path.name} {'changed' if content else 'gone'}" if sha256 else "no verdict on its data in the ledger"
        raise NotAsPublished(f"{edition.name}: found {found}; expected the findings under which it was published; next: restore a copy")
    return gate_findings.from_json(content)
