"""What figures are made with, part by part: whether a part changed since an edition is seen without computing anything.

Here: a hash per part of the code and of the tables that people edit, and the note of what each quarter was last computed with.
Not here: rulesets and suites, which an edition names by their own hashes; deciding what to run (plan.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import durable
from pipelines.editions.pointer import Pointer
from pipelines.editions.schema import MANIFEST
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse

_DBT, _CODE = PROJECT / "dbt_project", PROJECT / "pipelines"
_MODELS = ("contributions", "indicators", "disclosure", "scoring", "robustness", "checks")
PARTS: dict[str, tuple[Path, ...]] = {
    "landing": (_CODE / "feeds", _CODE / "landing"),
    "staging": (_DBT / "models" / "staging", _DBT / "macros"),
    "models": (*(_DBT / "models" / folder for folder in _MODELS), _CODE / "disclosure", _CODE / "robustness", _CODE / "rulesets"),
    "catalogue": (_DBT / "seeds",),
    "editions": (_CODE / "editions", _CODE / "report"),
}
"""Part -> the folders that it consists of."""
_SUFFIXES = {".py", ".sql", ".csv", ".yml", ".j2", ".js", ".css"}
_WIRING = "assets.py"


def made_with(parts: Collection[str] = tuple(PARTS)) -> dict[str, str]:
    """Part -> SHA-256 over its files of now, names included; all of them or some."""
    return {part: _digest(PARTS[part]) for part in parts}


def _digest(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(each for each in folder.rglob("*") if each.suffix in _SUFFIXES and each.name != _WIRING):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(PROJECT).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


@dataclass(frozen=True)
class LastComputed:
    """What the edition in force was made from, or was last found to equal.

    Parts and deliveries as the manifest has them; `rulesets` is `<id>/<version>` -> SHA-256.
    """

    made_with: dict[str, str]
    deliveries: list[dict[str, Any]]
    rulesets: dict[str, str]
    suites_sha256: str


def note_computed(warehouse: Warehouse, quarter: str, edition: str, found: LastComputed) -> None:
    """Remember that an edition is what a computation with these gives, so that nobody computes it again for them."""
    content = {"edition": edition, **found.__dict__}
    durable.write_bytes(_note(warehouse, quarter), json.dumps(content, ensure_ascii=False, sort_keys=True, indent=2).encode())


def last_computed(warehouse: Warehouse, quarter: str, pointer: Pointer) -> LastComputed:
    """The note on the edition in force, or what its manifest says."""
    note = _note(warehouse, quarter)
    if note.is_file():
        content = json.loads(note.read_bytes())
        if content.pop("edition") == pointer.edition:
            return LastComputed(**content)
    manifest = json.loads((warehouse.editions / pointer.path / MANIFEST).read_bytes())
    deliveries = [*manifest["deliveries"], *manifest.get("earlier_deliveries", [])]
    rulesets = {f"{each['id']}/{each['version']}": each["sha256"] for each in manifest["rulesets"]}
    return LastComputed(manifest.get("made_with", {}), deliveries, rulesets, manifest["verdict"]["suites_sha256"])


def _note(warehouse: Warehouse, quarter: str) -> Path:
    return warehouse.root / "computed" / f"{quarter}.json"
