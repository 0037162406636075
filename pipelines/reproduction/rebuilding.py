"""Editions of which no copy is left, made again from archive, ledger and git, and put back only as the very bytes that were published.

Here: what the ledger says of an edition, the comparison with the recorded hash, putting folders back. Not here: landing and computing
(scratch.py), assembling (edition.py).

The ledger's line of a publication states what nothing can compute (`manifest.STATED`); the lines before it say which deliveries and
which other editions stood. The hash of the manifest that comes of it decides: the manifest holds those of all other files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.durable import write_bytes
from pipelines.editions.code import Code
from pipelines.editions.lineage import files_of, keep_copy, lineage_of
from pipelines.editions.manifest import digest
from pipelines.editions.pointer import changed_before, write_pointer
from pipelines.editions.publishing import write_folder
from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.editions.scoring_inputs import are_saved, save
from pipelines.editions.signing import signature_of
from pipelines.editions.verify import verify_edition
from pipelines.errors import Failure, UsageError
from pipelines.ledger import Entry, Ledger
from pipelines.reproduction.edition import assembled, editions_before
from pipelines.reproduction.scratch import Archived, computed_from
from pipelines.reproduction.waivers import as_judged_then
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

WHOLE, MADE_AGAIN, NOT_POSSIBLE = "whole", "made again", "not possible"


@dataclass(frozen=True)
class Rebuilt:
    """What became of an edition: `whole` as it was, `made again`, or `not possible` with the reason."""

    quarter: str
    edition: str
    state: str
    reason: str = ""


def rebuild(
    warehouse: Warehouse,
    ledger: Ledger,
    threads: int,
    signing_key: Ed25519PrivateKey | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> list[Rebuilt]:
    """Make every recorded edition again that is not there, in the order of publication, with what is kept beside it; then the pointer.

    Raises `LedgerBroken` for a broken chain, `UsageError` if the ledger records no edition. What is there is never changed.
    """
    warehouse.hold_writer_lock()
    ledger.verify()
    published = ledger.entries("publication")
    if not published:
        raise UsageError("nothing to make again: found no edition in the ledger; expected some; next: check I315_LEDGER_URL")
    rebuilt = []
    for entry in published:
        try:
            state, reason = _rebuilt(entry, warehouse, ledger, threads, signing_key, say), ""
        except Failure as failure:
            state, reason = NOT_POSSIBLE, str(failure)
        rebuilt.append(Rebuilt(entry.quarter, entry.payload["edition"], state, reason))
    if all(each.state != NOT_POSSIBLE for each in rebuilt):
        write_pointer(warehouse, ledger)
    return rebuilt


def _rebuilt(
    entry: Entry, warehouse: Warehouse, ledger: Ledger, threads: int, key: Ed25519PrivateKey | None, say: Callable[[str], None]
) -> str:
    folder = warehouse.editions / entry.payload["path"]
    if folder.exists():
        _require_as_recorded(folder, entry)
        if _has_all_beside_it(folder, warehouse, _findings_of(entry, ledger)):
            return WHOLE
    named = _told_by_ledger(entry, ledger)
    before = editions_before(warehouse, entry.quarter, named)
    chosen = [
        Archived(each.quarter, each.feed, each.file_name, each.sha256, each.received_on)
        for each in ledger.in_force(until=entry.seq).values()
        if each.quarter <= entry.quarter
    ]
    say(f"{entry.payload['path']}: computing from {len(chosen)} archived deliveries")
    with computed_from(chosen, warehouse, ledger, entry.seq - 1, threads) as scratch, as_judged_then(named, ledger) as judged_then:
        sources, files = assembled(scratch, named, before, judged_then.verdict_of(scratch))
        _require_same(files[MANIFEST], entry)
        files |= _signature(files[MANIFEST], entry, key)
        keep_copy(lineage_of(json.loads(files[MANIFEST])), scratch.warehouse, warehouse)
        for name in _keep_findings(_findings_of(entry, ledger), scratch.warehouse, warehouse):
            say(f"{entry.payload['path']}: findings/{name} is lost: the suites of now find other ones; next: restore it from a backup")
    save(sources.scoring_inputs, warehouse, entry.quarter, entry.payload["edition"])
    if not folder.exists():
        write_folder(folder, files)
    return MADE_AGAIN


def _require_as_recorded(folder: Path, entry: Entry) -> None:
    found = verify_edition(folder)
    signature = folder / SIGNATURE
    hashes = (
        (digest((folder / MANIFEST).read_bytes()), digest(signature.read_bytes()) if signature.is_file() else None) if not found else ()
    )
    if hashes != (entry.payload["manifest_sha256"], entry.payload.get("signature_sha256")):
        fault = found[0] if found else "manifest or signature are not those that the ledger records"
        raise Failure(
            f"{entry.payload['path']}: found a folder that is not as published: {fault}; expected none or the published one; "
            "next: move it out of the warehouse, then rebuild again"
        )


def _has_all_beside_it(folder: Path, warehouse: Warehouse, findings: list[str]) -> bool:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if "lineage" not in manifest:
        return True
    kept = [*files_of(warehouse, lineage_of(manifest)), *(warehouse.findings / name for name in findings)]
    return all(path.is_file() for path in kept) and are_saved(warehouse, manifest["quarter"], manifest["edition"])


def _findings_of(entry: Entry, ledger: Ledger) -> list[str]:
    """The file of findings that the edition was published on: its quarter's last verdict before it."""
    verdicts = [each for each in ledger.entries("verdict", entry.quarter) if each.seq < entry.seq]
    return [f"{each.payload['findings_sha256']}.json" for each in verdicts[-1:]]


def _keep_findings(names: list[str], scratch: Warehouse, warehouse: Warehouse) -> list[str]:
    """Put back what was found again, under the name that is its hash; gives back the names of what was not."""
    lost = [name for name in names if not (warehouse.findings / name).is_file()]
    for name in lost:
        if (scratch.findings / name).is_file():
            write_bytes(warehouse.findings / name, (scratch.findings / name).read_bytes(), is_private=True)
    return [name for name in lost if not (warehouse.findings / name).is_file()]


def _told_by_ledger(entry: Entry, ledger: Ledger) -> dict[str, Any]:
    """The fields of the manifest that computing and comparing need, as the ledger has them."""
    quarter, number, previous = entry.quarter, entry.payload["edition"], entry.payload["previous"]
    if "stated" not in entry.payload:
        raise Failure(
            f"{entry.payload['path']}: found a ledger line of code that stated nothing of the manifest; expected one that does; "
            "next: restore the folder from a backup"
        )
    own = [{"quarter": quarter, "from": previous, "to": number}] if previous else []
    earlier = [
        {"quarter": now.path.split("/")[0], "from": then.edition, "to": now.edition}
        for then, now in changed_before(ledger, quarter, until=entry.seq - 1)
    ]
    return entry.payload["stated"] | {"quarter": quarter, "edition": number, "previous": previous, "revises": own + earlier}


def _require_same(manifest: bytes, entry: Entry) -> None:
    recorded, code = entry.payload["manifest_sha256"], Code(**entry.payload["stated"]["code"])
    if digest(manifest) != recorded:
        raise Failure(
            f"{entry.payload['path']}: found other bytes computed ({digest(manifest)[:12]}); expected those of ledger line {entry.seq} "
            f"({recorded[:12]}), so nothing was put in place; next: check out the code of then ({code.name}) and rebuild with it"
        )


def _signature(manifest: bytes, entry: Entry, key: Ed25519PrivateKey | None) -> dict[str, bytes]:
    """The signature as it was; Ed25519 gives the same bytes each time."""
    recorded = entry.payload.get("signature_sha256")
    if recorded is None:
        return {}
    signature = signature_of(manifest, key) if key else b""
    if digest(signature) != recorded:
        raise Failure(
            f"{entry.payload['path']}: found {'another key' if key else 'no key'} to sign with; expected the one behind the signature that "
            f"ledger line {entry.seq} records; next: set I315_SIGNING_KEY to it, rebuild again"
        )
    return {SIGNATURE: signature}
