"""Which files the record consists of: those that the lines of a ledger name, and the files that these name.

Here: paths below the warehouse with the SHA-256 that the record states. Not here: copying.

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
from pipelines.editions.scoring_inputs import input_files
from pipelines.feeds import TAX
from pipelines.landing.archive import place_of
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
    for file in input_files(warehouse, quarter, payload["edition"]):
        yield _below(warehouse, file, "")


def _below(warehouse: Warehouse, path: Path, sha256: str) -> Recorded:
    return Recorded(path.relative_to(warehouse.root).as_posix(), sha256)
