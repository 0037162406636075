"""An edition computed again from what its manifest names, and compared with its folder byte for byte.

Here: what is taken from the manifest, what is recomputed, the comparison. Not here: landing and computing (scratch.py), waivers.

Taken over from the manifest, because nothing can compute them: the edition's number, the notices stated at publication, code and
package versions, publisher, moment and the ledger's end then. Taken from the folders of other editions: what `revisions.csv` compares.
Everything else is computed. Every table as CSV and Parquet, data package, board and workbook are compared byte for byte, the
manifest field by field without `_TAKEN_OVER`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.editions.assemble import ILLUSTRATIVE_NOTICE, SYNTHETIC_NOTICE, Before, Identity, assemble, content_files
from pipelines.editions.code import Code, code_version
from pipelines.editions.lineage import keep
from pipelines.editions.made_with import made_with
from pipelines.editions.manifest import canonical, digest, sealed
from pipelines.editions.pointer import edition_folders
from pipelines.editions.schema import MANIFEST
from pipelines.editions.sides import Side, side_of_folder
from pipelines.editions.sources import Sources, read_sources
from pipelines.errors import Failure, UsageError
from pipelines.gate import Verdict
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.reproduction.comparing import Compared, compare, compare_fields
from pipelines.reproduction.scratch import Archived, Scratch, computed_from
from pipelines.reproduction.waivers import as_judged_then
from pipelines.rulesets.language import load_rulesets
from pipelines.rulesets.tables import RULESETS
from pipelines.warehouse import Warehouse

_TAKEN_OVER = ("published_at", "actor", "code", "packages", "made_with", "sha256")
_COMPARED = ("indicators.parquet", "ranking.parquet")
_COMPUTED_NOTICES = (SYNTHETIC_NOTICE, ILLUSTRATIVE_NOTICE)


@dataclass(frozen=True)
class Reproduction:
    """What came of it: every file of the edition, and what the reader should know of how it was made."""

    quarter: str
    edition: str
    files: list[Compared]
    warnings: list[str]
    deliveries: int
    revisions_against: str

    @property
    def is_same(self) -> bool:
        """Whether every file came out as published."""
        return all(each.is_same for each in self.files)

    def payload(self) -> dict[str, Any]:
        """The outcome for machines; `taken_over` names the manifest's fields that are not compared."""
        return {
            "quarter": self.quarter,
            "edition": self.edition,
            "outcome": "same" if self.is_same else "differs",
            "files": [each.payload() for each in self.files],
            "warnings": self.warnings,
            "deliveries": self.deliveries,
            "revisions_against": self.revisions_against or None,
            "taken_over": list(_TAKEN_OVER),
        }


def reproduce(
    quarter: str, edition: str, warehouse: Warehouse, ledger: Ledger, threads: int, say: Callable[[str], None] = lambda line: None
) -> Reproduction:
    """Compute an edition again in a scratch warehouse and compare; the warehouse is only read, also while a run writes it.

    Raises `UsageError` for an edition that is not there or a ruleset file that changed since, `InfrastructureError` for archived
    bytes that are missing or damaged, `Failure` if its manifest or the edition before it is not as published.
    """
    folder = _folder(warehouse, quarter, edition)
    manifest = _manifest(folder)
    _check_rulesets(manifest)
    warnings = _warnings(manifest)
    before = editions_before(warehouse, quarter, manifest)
    deliveries = deliveries_of(manifest)
    say(f"{quarter} {edition}: computing from {len(deliveries)} archived deliveries")
    with (
        computed_from(deliveries, warehouse, ledger, manifest["ledger"]["line"], threads) as scratch,
        as_judged_then(manifest, ledger) as judged_then,
    ):
        if judged_then.is_other:
            warnings.append("the expectations are not those of the edition: findings.csv may differ")
        _, computed = assembled(scratch, manifest, before, judged_then.verdict_of(scratch))
    files = [
        compare(name, (folder / name).read_bytes() if (folder / name).is_file() else None, computed[name])
        for name in sorted(computed.keys() - {MANIFEST})
    ]
    files.append(compare_fields(MANIFEST, _compared_fields(manifest), json.loads(computed[MANIFEST])))
    against = f"{quarter}/{before.own.edition}" if before.own else ""
    return Reproduction(quarter, edition, files, warnings, len(deliveries), against)


def deliveries_of(manifest: dict[str, Any]) -> list[Archived]:
    """Every delivery that an edition rests on, those behind carried values and bases of changes among them."""
    listed = [*manifest["deliveries"], *manifest.get("earlier_deliveries", [])]
    return [
        Archived(each["quarter"], each["feed"], each["file"], each["sha256"], dt.date.fromisoformat(each["received"])) for each in listed
    ]


def assembled(scratch: Scratch, manifest: dict[str, Any], before: Before, verdict: Verdict) -> tuple[Sources, dict[str, bytes]]:
    """An edition's sources as computed in a scratch warehouse and its files by name; `manifest` says what nothing can compute."""
    sources = read_sources(manifest["quarter"], scratch.warehouse, scratch.ledger)
    code, made = Code(**manifest["code"]), manifest.get("made_with", {})
    end = manifest["ledger"]["line"], manifest["ledger"]["hash"]
    identity = Identity(manifest["edition"], manifest["published_at"], manifest["actor"], code, manifest["packages"], end, made)
    stated = [notice for notice in manifest["notices"] if notice not in _COMPUTED_NOTICES]
    verdict = replace(verdict, suites_sha256=manifest["verdict"]["suites_sha256"])
    lineage = keep(sources.quarter, scratch.warehouse)
    return sources, assemble(sources, verdict, content_files(sources, verdict), lineage, before, identity, stated)


def _compared_fields(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name not in _TAKEN_OVER}


def _folder(warehouse: Warehouse, quarter: str, edition: str) -> Path:
    Quarter.parse(quarter)
    folders = {folder.name: folder for folder in edition_folders(warehouse, quarter)}
    if edition not in folders:
        raise UsageError(f"no such edition: found {', '.join(folders) or 'none'} of {quarter}; expected {edition}")
    return folders[edition]


def _manifest(folder: Path) -> dict[str, Any]:
    name = f"{folder.parent.name}/{folder.name}"
    try:
        content = (folder / MANIFEST).read_bytes()
        manifest: dict[str, Any] = json.loads(content)
    except (FileNotFoundError, ValueError) as error:
        raise Failure(f"{name}: {MANIFEST}: found {type(error).__name__}; expected the manifest as published") from error
    if manifest != sealed(manifest) or canonical(manifest) != content:
        raise Failure(f"{name}: {MANIFEST}: found a manifest that was changed; expected it as published; next: i315 verify")
    return manifest


def _check_rulesets(manifest: dict[str, Any]) -> None:
    present = {ruleset.name: ruleset.sha256 for ruleset in load_rulesets(RULESETS)}
    for each in manifest["rulesets"]:
        name = f"{each['id']}/{each['version']}"
        found = present.get(name, "no such ruleset")
        if found != each["sha256"]:
            raise UsageError(
                f"ruleset {name}: found {found[:16]}; expected {each['sha256'][:16]}, the one behind the edition; "
                f"next: restore {RULESETS.name}/{name}.yml, a released file never changes"
            )


def _warnings(manifest: dict[str, Any]) -> list[str]:
    then, now = Code(**manifest["code"]), code_version()
    parts = made_with()
    changed = [part for part, sha256 in manifest.get("made_with", {}).items() if parts.get(part) != sha256]
    if (then, then.is_changed) == (now, False) and not changed:
        return []
    where = (
        f"differs in {', '.join(changed)}" if changed else "is the same in every part that makes figures" if "made_with" in manifest else ""
    )
    return [f"the code may be other than the edition's: {then.name} then, {now.name} now" + (f"; it {where}" if where else "")]


def editions_before(warehouse: Warehouse, quarter: str, manifest: dict[str, Any]) -> Before:
    """The editions that `revisions.csv` compares: this quarter's before, and earlier quarters' then and when it was published."""
    own = _side(warehouse, quarter, manifest["previous"]) if manifest["previous"] else None
    pairs = (each for each in manifest["revises"] if each["quarter"] != quarter)
    return Before(
        own, tuple((_side(warehouse, each["quarter"], each["from"]), _side(warehouse, each["quarter"], each["to"])) for each in pairs)
    )


def _side(warehouse: Warehouse, quarter: str, edition: str) -> Side:
    folder = _folder(warehouse, quarter, edition)
    manifest = _manifest(folder)
    for name in _COMPARED:
        content = (folder / name).read_bytes() if (folder / name).is_file() else b""
        if digest(content) != manifest["files"][name]["sha256"]:
            raise Failure(
                f"{quarter}/{folder.name}: {name}: found other bytes than published; expected the edition as it was, "
                "because revisions.csv compares with it; next: restore the folder from a copy"
            )
    return side_of_folder(folder)
