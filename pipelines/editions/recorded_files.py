"""Which files the record consists of: those that the lines of a ledger name, and the files that these name.

Here: paths below the warehouse with the SHA-256 that the record states, and whether a file is the recorded one. Not here: copying.

Whatever a line names was put in place durably before the line was written. Who reads the ledger first and the files after it
therefore finds all of them, while runs go on and without any lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.editions.lineage import files_of, lineage_of
from pipelines.editions.manifest import digest
from pipelines.editions.schema import MANIFEST, SIGNATURE
from pipelines.editions.scoring_inputs import input_files, inputs_folder
from pipelines.feeds import TAX
from pipelines.landing.archive import place_of, sha256_of
from pipelines.warehouse import Warehouse

ARCHIVE = "archive"
Line = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A file of the record: its path below the warehouse and the SHA-256 that the record states (empty if it states none)."""

    path: str
    sha256: str


def recorded_files(warehouse: Warehouse, lines: list[Line]) -> list[Recorded]:
    """Every file that the lines name, each once, in the order of the lines."""
    found = dict.fromkeys(each for line in lines for each in _named_by(warehouse, line))
    return list(found)


def fault_of(warehouse: Warehouse, recorded: Recorded) -> str:
    """What is wrong with a recorded file, empty if nothing is: whoever can change the target of a link changes what is answered."""
    path = warehouse.root / recorded.path
    if is_behind_link(warehouse, path):
        return f"{recorded.path}: found a link; expected the file itself"
    if not path.is_file():
        return f"{recorded.path}: found no such file; expected the one that the ledger records"
    if recorded.sha256 and sha256_of(path) != recorded.sha256:
        return f"{recorded.path}: found other bytes; expected those with SHA-256 {recorded.sha256[:12]}, which the ledger records"
    return ""


def is_behind_link(warehouse: Warehouse, path: Path) -> bool:
    """Whether a file, or a folder on its way, is a symbolic link; the warehouse and the folders in it may lie on other disks."""
    on_its_way = (path, *path.parents)[: len(path.relative_to(warehouse.root).parts) - 1]
    return any(each.is_symlink() for each in on_its_way)


def _named_by(warehouse: Warehouse, line: Line) -> Iterator[Recorded]:
    payload = json.loads(line["payload"])
    if line["kind"] == "delivery":
        yield from _delivered(warehouse, payload)
    elif line["kind"] == "verdict":
        yield Recorded(f"findings/{payload['findings_sha256']}.json", payload["findings_sha256"])
    elif line["kind"] == "publication":
        yield from _published(warehouse, line["quarter"], payload)


def _delivered(warehouse: Warehouse, payload: dict[str, Any]) -> Iterator[Recorded]:
    place = place_of(warehouse, payload["sha256"])
    yield _below(warehouse, place, payload["sha256"])
    # A tax extract is an index of its tables; a refused one may be other bytes.
    if payload["feed"] == TAX.name and payload["accepted"] and place.is_file():
        for part in json.loads(place.read_bytes())["tables"].values():
            yield _below(warehouse, place_of(warehouse, part["sha256"]), part["sha256"])


def _published(warehouse: Warehouse, quarter: str, payload: dict[str, Any]) -> Iterator[Recorded]:
    folder = warehouse.editions / payload["path"]
    yield _below(warehouse, folder / MANIFEST, payload["manifest_sha256"])
    if payload.get("signature_sha256"):
        yield _below(warehouse, folder / SIGNATURE, payload["signature_sha256"])
    content = (folder / MANIFEST).read_bytes() if (folder / MANIFEST).is_file() else b""
    if digest(content) != payload["manifest_sha256"]:
        return
    manifest = json.loads(content)
    for name, file in manifest["files"].items():
        yield _below(warehouse, folder / name, file["sha256"])
    if "lineage" in manifest:
        for file in files_of(warehouse, lineage_of(manifest)):
            yield _below(warehouse, file, file.stem)
    yield from _scoring_inputs(warehouse, quarter, payload)


def _scoring_inputs(warehouse: Warehouse, quarter: str, payload: dict[str, Any]) -> Iterator[Recorded]:
    # Lines written by earlier code state no hash of them.
    if "scoring_inputs" not in payload:
        yield from (_below(warehouse, file, "") for file in input_files(warehouse, quarter, payload["edition"]))
        return
    folder = inputs_folder(warehouse, quarter, payload["edition"])
    yield from (_below(warehouse, folder / name, sha256) for name, sha256 in sorted(payload["scoring_inputs"].items()))


def _below(warehouse: Warehouse, path: Path, sha256: str) -> Recorded:
    return Recorded(path.relative_to(warehouse.root).as_posix(), sha256)
