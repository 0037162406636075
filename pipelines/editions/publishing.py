"""Publishing: a quarter that the gate finds ready becomes a numbered, immutable folder.

Here: the protocol, in this order, so that a crash anywhere leaves the edition before in force and the next run clean:
  0. the ledger's chain demanded, and that it knows what the pointer names: all that follows believes the ledger
  1. mend what a dead publisher left (scratch removed; a folder in place but not recorded is recorded; pointer rewritten)
  2. verdict demanded, tables read, compared with the edition in force (the same: no new edition)
  3. lineage and scoring inputs kept, internal   4. folder written beside, synced, renamed   5. recorded in the ledger   6. `latest.json`
Not here: what the files hold (assemble.py).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import durable
from pipelines.editions.assemble import Before, Identity, assemble, content_files
from pipelines.editions.code import code_version, package_versions
from pipelines.editions.formats import table_files
from pipelines.editions.lineage import keep
from pipelines.editions.made_with import LastComputed, made_with, note_computed
from pipelines.editions.manifest import STATED, digest
from pipelines.editions.pointer import Pointer, changed_before, edition_folders, in_force, published, require_recorded, write_pointer
from pipelines.editions.schema import INDICATORS, MANIFEST, SIGNATURE
from pipelines.editions.scoring_inputs import are_saved, input_files, save
from pipelines.editions.sides import Side, side_of_folder
from pipelines.editions.signing import signature_of
from pipelines.editions.sources import Sources, read_sources
from pipelines.editions.verify import verify_edition
from pipelines.errors import Failure
from pipelines.gate import Verdict, require_chain, require_verdict
from pipelines.gate.suites import EXPECTATIONS, MODELS
from pipelines.landing.archive import sha256_of
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DAY = "as_of"


class EditionDamaged(Failure):
    """An edition folder is not what was published; nothing is built upon it."""


@dataclass(frozen=True)
class Published:
    """The edition in force after publishing; `is_new` is false if it already held exactly this content."""

    quarter: str
    edition: str
    path: Path
    is_new: bool


def publish(
    quarter: str,
    warehouse: Warehouse,
    ledger: Ledger,
    actor: str,
    *,
    notices: list[str] | None = None,
    signing_key: Ed25519PrivateKey | None = None,
    expectations: Path = EXPECTATIONS,
    models: Path | None = MODELS,
) -> Published:
    """Publish the quarter as it stands in the warehouse, or find that its edition in force says the same.

    `notices` are shown on board and workbook above all others; with a `signing_key` the manifest is signed.
    Raises `HeldByGate` without a ready verdict on exactly this data.
    """
    warehouse.hold_writer_lock()
    require_chain(quarter, ledger)
    require_recorded(warehouse, ledger)
    mend(quarter, warehouse, ledger, actor)
    verdict = require_verdict(quarter, warehouse, ledger, expectations=expectations, models=models)
    sources = read_sources(quarter, warehouse, ledger)
    content = content_files(sources, verdict)
    current = in_force(ledger).get(quarter)
    if current and _says_the_same(warehouse.editions / current.path, content, sources.tables[INDICATORS.name]):
        if not are_saved(warehouse, quarter, current.edition):
            save(sources.scoring_inputs, warehouse, quarter, current.edition)
        note_computed(warehouse, quarter, current.edition, _computed(sources, verdict))
        return Published(quarter, current.edition, warehouse.editions / current.path, is_new=False)
    edition = _next_number(warehouse, ledger, quarter)
    published_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    identity = Identity(edition, published_at, actor, code_version(), package_versions(), ledger.end(), made_with())
    files = assemble(
        sources, verdict, content, keep(quarter, warehouse), _before(quarter, warehouse, ledger, current), identity, notices or []
    )
    if signing_key:
        files[SIGNATURE] = signature_of(files[MANIFEST], signing_key)
    target = warehouse.editions / quarter / edition
    save(sources.scoring_inputs, warehouse, quarter, edition)
    write_folder(target, files)
    _record(quarter, target, files[MANIFEST], warehouse, ledger, actor, verdict)
    write_pointer(warehouse, ledger)
    return Published(quarter, edition, target, is_new=True)


def _computed(sources: Sources, verdict: Verdict) -> LastComputed:
    deliveries = [asdict(delivery) for delivery in [*sources.deliveries, *sources.earlier_deliveries]]
    rulesets = {f"{each.id}/{each.version}": each.sha256 for each in sources.rulesets}
    return LastComputed(made_with(), deliveries, rulesets, verdict.suites_sha256)


def mend(quarter: str, warehouse: Warehouse, ledger: Ledger, actor: str) -> None:
    """Finish or clear what a publisher that died left behind; the caller holds the writer's lock."""
    for folder in (warehouse.editions, warehouse.editions / quarter):
        remove_dead_scratch(folder)
    recorded = published(ledger, quarter).get(quarter, {})
    for folder in edition_folders(warehouse, quarter):
        if folder.name not in recorded:
            _record_unrecorded(quarter, folder, warehouse, ledger, actor)
    if warehouse.editions.is_dir():
        write_pointer(warehouse, ledger)


def remove_dead_scratch(folder: Path) -> None:
    """Remove scratch files and folders there whose process is gone."""
    for path in folder.iterdir() if folder.is_dir() else []:
        if durable.is_left_over(path):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _record_unrecorded(quarter: str, folder: Path, warehouse: Warehouse, ledger: Ledger, actor: str) -> None:
    """A folder renamed into place was whole and judged ready; only its entry in the ledger is missing."""
    faults = verify_edition(folder)
    content = (folder / MANIFEST).read_bytes() if not faults else b"{}"
    judged = json.loads(content).get("verdict", {})
    verdicts = [entry.payload for entry in ledger.entries("verdict", quarter)]
    named = {name: judged.get(name) for name in ("outcome", "data_sha256", "suites_sha256")}
    if named["outcome"] != "ready" or not any(named.items() <= each.items() for each in verdicts):
        faults = faults or ["no ready verdict on its data and suites in the ledger"]
    if faults:
        raise EditionDamaged(
            f"{quarter}/{folder.name}: found a folder that the ledger does not know: {faults[0]}; "
            "expected only published editions; next: move it out of the warehouse, publish again"
        )
    _record(quarter, folder, content, warehouse, ledger, actor, None)


def _record(quarter: str, folder: Path, manifest: bytes, warehouse: Warehouse, ledger: Ledger, actor: str, verdict: Verdict | None) -> None:
    pointer = Pointer(folder.name, f"{quarter}/{folder.name}", digest(manifest))
    signature, told = folder / SIGNATURE, json.loads(manifest)
    payload = asdict(pointer) | {
        "signature_sha256": digest(signature.read_bytes()) if signature.is_file() else None,
        "previous": told["previous"],
        "completed_after_crash": verdict is None,
        "stated": {name: told[name] for name in STATED},
        "scoring_inputs": {path.name: sha256_of(path) for path in input_files(warehouse, quarter, folder.name)},
    }
    ledger.append("publication", quarter=quarter, subject=pointer.path, payload=payload, actor=actor)


def _holds(folder: Path, content: dict[str, bytes]) -> bool:
    return all((folder / name).is_file() and (folder / name).read_bytes() == wanted for name, wanted in content.items())


def _says_the_same(folder: Path, content: dict[str, bytes], indicators: pa.Table) -> bool:
    """Whether the edition holds this content, but for the days that its values know of.

    A delivery in which nothing changed for a value is no reason for a new edition, though the value is known up to a later day.
    """
    if _holds(folder, content):
        return True
    path = folder / f"{INDICATORS.name}.parquet"
    if not path.is_file():
        return False
    published = pq.read_table(path)
    if not published.drop_columns(DAY).equals(indicators.select(published.column_names).drop_columns(DAY)):
        return False
    column = indicators.column_names.index(DAY)
    return _holds(folder, content | table_files(INDICATORS, indicators.set_column(column, indicators.field(column), published[DAY])))


def _next_number(warehouse: Warehouse, ledger: Ledger, quarter: str) -> str:
    taken = [int(path.name) for path in edition_folders(warehouse, quarter)] + [
        int(name) for name in published(ledger, quarter).get(quarter, {})
    ]
    return f"{max(taken, default=0) + 1:03d}"


def _before(quarter: str, warehouse: Warehouse, ledger: Ledger, current: Pointer | None) -> Before:
    pairs = changed_before(ledger, quarter)
    return Before(
        _side(warehouse, current) if current else None, tuple((_side(warehouse, then), _side(warehouse, now)) for then, now in pairs)
    )


def _side(warehouse: Warehouse, pointer: Pointer) -> Side:
    folder = warehouse.editions / pointer.path
    manifest = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).is_file() else b""
    if digest(manifest) != pointer.manifest_sha256:
        raise EditionDamaged(
            f"{pointer.path}: found a manifest other than the published one; expected {pointer.manifest_sha256[:12]}; "
            "next: restore the folder from a copy"
        )
    return side_of_folder(folder)


def write_folder(target: Path, files: dict[str, bytes]) -> None:
    """Put an edition's folder in place durably, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in (target.parent.parent, target.parent):
        folder.chmod(0o755)
    for folder in (target.parent.parent, target.parent.parent.parent):
        durable.sync(folder)
    scratch = durable.beside(target)
    scratch.mkdir()
    try:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        durable.open_to_readers(scratch)
        durable.put_in_place(scratch, target)
    finally:
        if scratch.exists():
            shutil.rmtree(scratch)
