"""`manifest.json` and `datapackage.json`: who made an edition from what, and what its tables are.

Here: their content and canonical form. Not here: gathering what goes in (sources.py) or checking it (verify.py).
Time stamps stand in the manifest only. Its own `sha256` is that of the manifest without that field, so that any changed
byte of it is noticed from the folder alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from pipelines.editions.lineage import Lineage
from pipelines.editions.schema import TABLES, Table
from pipelines.editions.sources import Sources
from pipelines.gate import Finding, Verdict

DATA_PACKAGE = "datapackage.json"
STATED = ("published_at", "actor", "code", "packages", "made_with", "ledger", "notices", "verdict", "waivers")
"""Fields that deliveries and rules do not give. The ledger keeps them with each publication, so that an edition whose folder is lost
can be made again from archive and ledger, byte for byte."""
_PROFILES = "https://datapackage.org/profiles/2.0"
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def canonical(content: dict[str, Any]) -> bytes:
    """JSON in the one form that the edition's files have: sorted keys, two spaces, UTF-8, a line end."""
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def sealed(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with the hash of all its other fields."""
    fields = {name: value for name, value in manifest.items() if name != "sha256"}
    return fields | {"sha256": digest(canonical(fields))}


def data_package(quarter: str, edition: str, files: dict[str, bytes], notices: list[str]) -> bytes:
    """The Data Package (version 2) of the table files given by name; its description ends with the notices."""
    resources = [_resource(table, name, files[name]) for table in TABLES for name in table.files]
    return canonical(
        {
            "$schema": f"{_PROFILES}/datapackage.json",
            "name": f"i315-{quarter.lower()}-{edition}",
            "title": f"浙江省315科技创新指标 {quarter} 第{edition}版",
            "description": " ".join(
                ["Text cells that a spreadsheet would run carry a leading apostrophe; CSV starts with a byte-order mark.", *notices]
            ),
            "version": f"{quarter}.{edition}",
            "resources": resources,
        }
    )


def _resource(table: Table, file: str, content: bytes) -> dict[str, Any]:
    form = file.rpartition(".")[2]
    resource: dict[str, Any] = {
        "name": f"{table.name}-{form}",
        "type": "table",
        "title": table.title,
        "path": file,
        "format": form,
        "mediatype": _MEDIA[form],
        "bytes": len(content),
        "hash": f"sha256:{digest(content)}",
        "schema": {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": [_field(field) for field in table.fields],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }
    if form == "csv":
        resource |= {"encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True}}
    return resource


def _field(field: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"name": field.name, "type": field.type, "description": field.description}
    if field.unit:
        described["unit"] = field.unit
    constraints: dict[str, Any] = {}
    if field.is_required:
        constraints["required"] = True
    if field.enum:
        constraints["enum"] = list(field.enum)
    return described | ({"constraints": constraints} if constraints else {})


def manifest(
    sources: Sources,
    verdict: Verdict,
    files: dict[str, bytes],
    *,
    edition: str,
    previous: str | None,
    revises: list[dict[str, str]],
    published_at: str,
    actor: str,
    code: dict[str, Any],
    packages: dict[str, str],
    ledger_end: tuple[int, str],
    made_with: dict[str, str],
    lineage: Lineage,
    notices: list[str],
) -> bytes:
    """The manifest over all other files of the edition, given by name; `revises` are the pairs of editions behind `revisions.csv`."""
    return canonical(
        sealed(
            {
                "schema": "i315-edition/1",
                "quarter": sources.quarter,
                "edition": edition,
                "previous": previous,
                "revises": revises,
                "published_at": published_at,
                "actor": actor,
                "code": code,
                "packages": packages,
                "made_with": made_with,
                # Whoever rewrites an earlier line, with all hashes after it, is contradicted by every edition since.
                "ledger": {"line": ledger_end[0], "hash": ledger_end[1]},
                "notices": notices,
                "rulesets": [asdict(ruleset) for ruleset in sources.rulesets],
                "deliveries": [asdict(delivery) for delivery in sources.deliveries],
                "earlier_deliveries": [asdict(delivery) for delivery in sources.earlier_deliveries],
                "definitions": {"indicators": sources.definitions, "divisions": sources.divisions},
                "lineage": lineage.payload(),
                "verdict": {"outcome": verdict.outcome, "data_sha256": verdict.data_sha256, "suites_sha256": verdict.suites_sha256},
                "findings": finding_counts(verdict.findings),
                "waivers": [waiver_entry(finding) for finding in verdict.findings if finding.waiver],
                "files": {name: {"bytes": len(content), "sha256": digest(content)} for name, content in sorted(files.items())},
            }
        )
    )


def finding_counts(findings: list[Finding]) -> dict[str, dict[str, int]]:
    """Severity -> how many findings passed, failed, and were let pass by a waiver."""
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        of_severity = counts.setdefault(finding.severity, {"passed": 0, "failed": 0, "waived": 0})
        of_severity["passed" if finding.passed else "waived" if finding.waiver else "failed"] += 1
    return counts


def waiver_entry(finding: Finding) -> dict[str, str]:
    """A waiver as it was used."""
    return {"rule": finding.rule, "subject": finding.subject, "waiver": finding.waiver}
