"""Editions against the record: whether folders, `latest.json`, archive and ledger of a warehouse say the same.

Here: the ledger's chain, the order of editions, their manifests and signatures as recorded, the pointer, the archived deliveries,
findings, scoring inputs and lineage kept beside editions. Not here: what a folder shows by itself (verify.py), landing against the
archive (reproduction/landing.py). Every answer is a list of faults, one line each, empty if there are none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.editions.lineage import NoLineage, files_of, lineage_of, unchanged
from pipelines.editions.manifest import digest
from pipelines.editions.pointer import edition_folders, pointer_content, pointer_file
from pipelines.editions.recorded_files import fault_of, is_behind_link, recorded_files
from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.editions.verify import verify_edition
from pipelines.errors import InfrastructureError
from pipelines.landing.archive import verified
from pipelines.ledger import Entry, Ledger
from pipelines.ledger_chain import GENESIS
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_PARQUET = b"PAR1"
_BESIDE = ("findings/", "scoring_inputs/")
_NOT_RECORDED = (
    ("warehouse.duckdb", "computed from landing; i315 reproduce computes an edition without it"),
    ("lineage/known.json", "which part holds which quarter; without it parts are only written once more"),
    ("internal", "work lists; the next run writes them again"),
    ("quarantine", "written again by the next run"),
    ("openlineage", "history of runs"),
    ("dagster_home", "history of runs"),
    ("operation", "when sensor and schedule last looked"),
)
Said = dict[str, Any]


def every_edition(warehouse: Warehouse) -> list[Path]:
    """The folders of all editions of all quarters, in order."""
    quarters = sorted(path.name for path in warehouse.editions.iterdir() if path.is_dir()) if warehouse.editions.is_dir() else []
    return [folder for quarter in quarters for folder in edition_folders(warehouse, quarter)]


def verify_in_place(warehouse: Warehouse, ledger: Ledger, folders: list[Path], public_key: Ed25519PublicKey | None = None) -> list[str]:
    """Faults of these editions (each by itself, with its deliveries in the archive), then of the record that holds all of them.

    Where there is no ledger and no archive, as beside an edition that was handed on, the editions are all there is to check.
    """
    faults = []
    sound: set[str] = set()
    for folder in folders:
        found = verify_edition(folder, public_key)
        if is_behind_link(warehouse, folder):
            found = [f"{MANIFEST}: found the edition behind a link; expected its folder itself", *found]
        if ledger.is_there and not found:
            found = _archive_faults(warehouse, folder) + _lineage_faults(warehouse, folder, sound)
        faults += [f"{folder.parent.name}/{folder.name}/{fault}" for fault in found]
    if ledger.is_there:
        return faults + verify_record(warehouse, ledger)
    if warehouse.archive.is_dir():
        faults.append(f"ledger: found none at {warehouse.root}; expected the record of this warehouse's deliveries and editions")
    return faults


def verify_record(warehouse: Warehouse, ledger: Ledger) -> list[str]:
    """Faults of the ledger, of what it records of every edition, of `latest.json`, and archived deliveries without a line."""
    broken = ledger.faults()
    if broken:
        # What a broken ledger says of editions proves nothing; the line at fault is what matters.
        return broken
    entries = ledger.entries()
    faults = _History(warehouse, entries).replay() + _unknown_folders(warehouse, entries)
    return faults + _pointer_faults(warehouse, ledger) + _unknown_bytes(warehouse, entries) + _beside_faults(warehouse, ledger)


def not_checked(warehouse: Warehouse, ledger: Ledger) -> list[str]:
    """What the warehouse keeps and no hash in the record covers, in words for whoever verifies."""
    told = [f"{name} ({why})" for name, why in _NOT_RECORDED if (warehouse.root / name).exists()]
    unrecorded = [entry.subject for entry in ledger.entries("publication") if "scoring_inputs" not in entry.payload]
    of_earlier = [f"scoring_inputs of {', '.join(unrecorded)} (published by code that recorded no hash of them)"] if unrecorded else []
    return [*of_earlier, *told]


def _beside_faults(warehouse: Warehouse, ledger: Ledger) -> list[str]:
    """Findings and scoring inputs that a line records and that are gone, changed or a link; findings that no line records."""
    recorded = [each for each in recorded_files(warehouse, ledger.lines()) if each.path.startswith(_BESIDE)]
    named = {each.path for each in recorded}
    kept = (path.relative_to(warehouse.root).as_posix() for path in sorted(warehouse.findings.glob("*.json")))
    unknown = [f"{path}: found findings that no line of the ledger records; expected their verdict" for path in kept if path not in named]
    return [fault for each in recorded if (fault := fault_of(warehouse, each))] + unknown


def _archive_faults(warehouse: Warehouse, folder: Path) -> list[str]:
    """Deliveries that a sound edition's manifest names and that the archive does not hold, parts of a tax extract among them."""
    named = json.loads((folder / MANIFEST).read_bytes())["deliveries"]
    return [f"{MANIFEST}: delivery {each['feed']} {each['quarter']}: {fault}" for each in named for fault in _bytes_faults(warehouse, each)]


def _lineage_faults(warehouse: Warehouse, folder: Path, sound: set[str]) -> list[str]:
    """Lineage that a sound edition's manifest names and that is gone or changed; `sound` are the files that were found whole already."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if "lineage" not in manifest:
        return []
    faults = []
    for path in files_of(warehouse, lineage_of(manifest)):
        if is_behind_link(warehouse, path):
            faults.append(f"{MANIFEST}: lineage/{path.parent.name}/{path.name}: found a link; expected the file itself")
            continue
        try:
            if path.name not in sound:
                unchanged(path)
            sound.add(path.name)
        except NoLineage as damage:
            faults.append(f"{MANIFEST}: {damage}")
    return faults


def _bytes_faults(warehouse: Warehouse, delivery: Said) -> list[str]:
    try:
        path = verified(warehouse, delivery["sha256"])
        parts = json.loads(path.read_bytes())["tables"].values() if delivery["feed"] == "tax" else ()
        paths = [path, *(verified(warehouse, part["sha256"]) for part in parts)]
    except InfrastructureError as damage:
        return [str(damage)]
    return [f"archive: {path.name}: found a link; expected the file itself" for path in paths if is_behind_link(warehouse, path)]


class _History:
    """The ledger's lines told again one by one, each edition compared with what stood when it was published."""

    def __init__(self, warehouse: Warehouse, entries: list[Entry]) -> None:
        self._warehouse, self._entries = warehouse, entries
        self._hashes = {0: GENESIS} | {entry.seq: entry.hash for entry in entries}
        self._standing: dict[str, dict[str, bool]] = {}
        self._ready: set[tuple[str, str]] = set()
        self._accepted: set[tuple[str, str, str]] = set()

    def replay(self) -> list[str]:
        """Every line that does not follow from those before it, and every edition other than its line records."""
        faults = []
        for entry in self._entries:
            if entry.kind == "verdict" and entry.payload["outcome"] == "ready":
                self._ready.add((entry.quarter, entry.payload["data_sha256"]))
            elif entry.kind == "delivery" and entry.payload["accepted"]:
                self._accepted.add((entry.quarter, entry.payload["feed"], entry.payload["sha256"]))
            elif entry.kind == "publication":
                faults += [f"ledger line {entry.seq}: {entry.subject}: {fault}" for fault in self._order_faults(entry)]
                faults += self._edition_faults(entry)
                self._standing.setdefault(entry.quarter, {})[entry.payload["edition"]] = True
            elif entry.kind == "withdrawal":
                faults += [f"ledger line {entry.seq}: {entry.subject}: {fault}" for fault in self._withdrawal_faults(entry)]
        return faults

    def _in_force(self, quarter: str) -> str | None:
        return max((number for number, stands in self._standing.get(quarter, {}).items() if stands), key=int, default=None)

    def _order_faults(self, entry: Entry) -> list[str]:
        number, previous = entry.payload["edition"], self._in_force(entry.quarter)
        wanted = f"{len(self._standing.get(entry.quarter, {})) + 1:03d}"
        faults = [f"found edition {number}; expected {wanted} next"] if number != wanted else []
        if entry.payload["previous"] != previous:
            faults.append(f"found {entry.payload['previous']} as the edition before; expected {previous}")
        return faults

    def _edition_faults(self, entry: Entry) -> list[str]:
        """Whether manifest and signature are the recorded ones, and the manifest says what the ledger says up to its line."""
        path = self._warehouse.editions / entry.payload["path"] / MANIFEST
        name = f"{entry.payload['path']}/{MANIFEST}"
        content = path.read_bytes() if path.is_file() else b""
        if digest(content) != entry.payload["manifest_sha256"]:
            found = "another manifest" if content else "no such file"
            return [
                f"{name}: found {found}; expected the one that ledger line {entry.seq} records ({entry.payload['manifest_sha256'][:12]})"
            ]
        manifest = json.loads(content)
        faults = [f"{name}: {fault}" for fault in self._manifest_faults(manifest, entry)]
        line, known = manifest.get("ledger", {}).get("line", 0), manifest.get("ledger", {}).get("hash", GENESIS)
        if self._hashes.get(line) != known:
            found = self._hashes.get(line, "no such line")[:12]
            faults.append(f"ledger line {line}: found {found}; expected hash {known[:12]}, which {name} states")
        return faults + _signature_faults(path.parent, entry)

    def _manifest_faults(self, manifest: Said, entry: Entry) -> list[str]:
        faults = []
        if manifest["published_at"] > entry.at:
            faults.append(f"found it published at {manifest['published_at']}; expected no later than ledger line {entry.seq} ({entry.at})")
        if manifest["previous"] != entry.payload["previous"]:
            faults.append(f"found {manifest['previous']} as the edition before; expected {entry.payload['previous']} by line {entry.seq}")
        if (entry.quarter, manifest["verdict"]["data_sha256"]) not in self._ready:
            faults.append(f"found no ready verdict on its data before ledger line {entry.seq}; expected one")
        for each in manifest["deliveries"]:
            if (each["quarter"], each["feed"], each["sha256"]) not in self._accepted:
                faults.append(
                    f"found delivery {each['feed']} {each['quarter']} {each['sha256'][:12]}; expected it accepted before line {entry.seq}"
                )
        for each in manifest.get("revises", []):
            own = {entry.payload["edition"]} if each["quarter"] == entry.quarter else set()
            if not {each["from"], each["to"]} <= own | self._standing.get(each["quarter"], {}).keys():
                faults.append(
                    f"found it compare {each['quarter']} {each['from']} and {each['to']}; expected both published by line {entry.seq}"
                )
        return faults

    def _withdrawal_faults(self, entry: Entry) -> list[str]:
        number, editions = entry.payload["edition"], self._standing.get(entry.quarter, {})
        if not editions.get(number):
            return [f"found a withdrawal of {number}; expected one of an edition that stands"]
        before = self._in_force(entry.quarter)
        editions[number] = False
        told, found = (entry.payload["before"], entry.payload["after"]), (before, self._in_force(entry.quarter))
        return [f"found {told[0]} before and {told[1]} after it; expected {found[0]} and {found[1]}"] if told != found else []


def _signature_faults(folder: Path, entry: Entry) -> list[str]:
    path, recorded = folder / SIGNATURE, entry.payload.get("signature_sha256")
    found = digest(path.read_bytes()) if path.is_file() else None
    if found == recorded:
        return []
    said = "another signature" if found and recorded else "a signature" if found else "no signature"
    wanted = f"the one that ledger line {entry.seq} records" if recorded else f"none by ledger line {entry.seq}"
    return [f"{entry.payload['path']}/{SIGNATURE}: found {said}; expected {wanted}"]


def _unknown_folders(warehouse: Warehouse, entries: list[Entry]) -> list[str]:
    recorded = {entry.payload["path"] for entry in entries if entry.kind == "publication"}
    found = [f"{folder.parent.name}/{folder.name}" for folder in every_edition(warehouse)]
    return [
        f"{path}: found a folder that no line of the ledger records; expected its publication" for path in found if path not in recorded
    ]


def _unknown_bytes(warehouse: Warehouse, entries: list[Entry]) -> list[str]:
    """Archived deliveries that no line records. Parts of tax extracts are Parquet, which no office delivers; an index names them."""
    recorded = {entry.payload["sha256"] for entry in entries if entry.kind == "delivery"}
    faults = []
    for path in sorted(warehouse.archive.glob("[0-9a-f][0-9a-f]/*")):
        if path.name not in recorded and not _starts_with(path, _PARQUET):
            faults.append(
                f"archive/{path.parent.name}/{path.name}: found a delivery that no line of the ledger records; expected one; "
                "next: if landing was killed, run its quarter again"
            )
    return faults


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _pointer_faults(warehouse: Warehouse, ledger: Ledger) -> list[str]:
    path, wanted = pointer_file(warehouse), pointer_content(ledger)
    if path.is_symlink():
        return [f"{path.name}: found a link; expected the file itself"]
    content = path.read_bytes() if path.exists() else b"{}\n"
    if content == wanted:
        return []
    try:
        shown = json.loads(content)
    except ValueError as error:
        return [f"{path.name}: found no readable JSON: {error}"]
    if not isinstance(shown, dict):
        return [f"{path.name}: found {type(shown).__name__}; expected the edition in force of each quarter"]
    by_ledger = json.loads(wanted)
    faults = [
        f"{path.name}: {quarter}: found {shown.get(quarter)}; expected {by_ledger.get(quarter)} by the ledger"
        for quarter in sorted(shown.keys() | by_ledger.keys())
        if shown.get(quarter) != by_ledger.get(quarter)
    ]
    return faults or [f"{path.name}: found other than the form in which it is written; expected the same bytes"]
