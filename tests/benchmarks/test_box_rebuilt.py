"""A full box rebuilt from archive, ledger and git: all editions verify and reproduce, and the next run changes nothing.

The sample with two quarters published, a delivery corrected, both published again, all signed. Then, with the code of a fresh clone:
  restored    the backup put into an empty folder; every edition verified and reproduced; the quarters run again
  made again  only archive and ledger of the backup left; editions, lineage and scoring inputs computed, and compared byte for byte
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT, Office, clean_environment

QUARTERS = "2022Q1..2022Q2"
CORRECTED = "2022Q1"
KEPT = ("editions", "scoring_inputs", "lineage/parts", "lineage/definitions")


@dataclass(frozen=True)
class Box:
    """A machine: code, drop folder, warehouse, keys."""

    code: Path
    data_raw: Path
    warehouse: Path
    keys: Path

    def i315(self, *arguments: str, exit_code: int = 0) -> str:
        """Call the command line of this box's code and return what it printed."""
        settings = {
            "I315_DATA_RAW": str(self.data_raw),
            "I315_WAREHOUSE": str(self.warehouse),
            "I315_TAX_URL": f"sqlite:///{PROJECT / 'data_raw' / 'tax.sqlite'}",
            "I315_SIGNING_KEY": str(self.keys / "key.pem"),
            "I315_PUBLIC_KEY": str(self.keys / "key.pub.pem"),
            "PYTHONPATH": str(self.code),
        }
        program = (
            f"import pipelines; assert pipelines.__path__[0] == {str(self.code / 'pipelines')!r}; from pipelines.cli import app; app()"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=self.code,
            env=clean_environment() | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == exit_code, f"i315 {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def tree(root: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file below a folder."""
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*") if path.is_file()}


def said(text: str, started: float) -> None:
    print(f"  {text:<86} {time.monotonic() - started:7.1f} s", flush=True)


def published_box(root: Path) -> Box:
    """The sample's first quarters published, one delivery corrected, published again."""
    data_raw, keys = root / "drop", root / "keys"
    for quarter in ("2022Q1", "2022Q2"):
        shutil.copytree(PROJECT / "data_raw" / quarter, data_raw / quarter)
    keys.mkdir()
    for command in ("genpkey -algorithm ed25519 -out key.pem", "pkey -in key.pem -pubout -out key.pub.pem"):
        subprocess.run(["openssl", *command.split()], cwd=keys, check=True, capture_output=True)
    os.chmod(keys / "key.pem", 0o600)
    box = Box(PROJECT, data_raw, root / "warehouse", keys)
    box.i315("run", QUARTERS)
    (first,) = (data_raw / CORRECTED / "contracts").glob("*.csv")
    lines = first.read_bytes().splitlines(keepends=True)
    (first.parent / "20991231_更正_合成.csv").write_bytes(b"".join(lines[:2] + lines[20:]))
    box.i315("run", QUARTERS)
    return box


def test_a_box_is_rebuilt_from_archive_ledger_and_git(tmp_path: Path) -> None:
    started = time.monotonic()
    print()
    old = published_box(tmp_path)
    editions = sorted(path.parent for path in old.warehouse.glob("editions/*/*/manifest.json"))
    assert len(editions) >= 3, editions
    said(f"{len(editions)} editions of {QUARTERS}, a correction among their deliveries, signed", started)
    said(old.i315("backup", str(tmp_path / "backup")).strip().rpartition("/")[2], started)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(clone)], check=True)

    new = Box(clone, old.data_raw, tmp_path / "restored", old.keys)
    said(f"restored: {new.i315('restore', str(tmp_path / 'backup')).splitlines()[-1].partition(';')[0]}", started)
    new.i315("verify", "--all")
    said("restored: verify --all finds every edition, signature and ledger line as recorded", started)
    for folder in editions:
        outcome = json.loads(new.i315("reproduce", folder.parent.name, folder.name, "--json"))
        assert outcome["outcome"] == "same"
        said(f"restored: {folder.parent.name} {folder.name}: {len(outcome['files'])} files reproduced, the same bytes", started)
    new.i315("run", QUARTERS)
    assert Office(new.data_raw, new.warehouse, tmp_path).edition("2022Q1").is_dir()
    assert tree(new.warehouse / "editions") == tree(old.warehouse / "editions")
    said("restored: run makes landing and warehouse.duckdb again and publishes nothing", started)

    bare = tmp_path / "bare"
    shutil.copytree(tmp_path / "backup", bare)
    for name in ("editions", "scoring_inputs", "lineage", "findings"):
        shutil.rmtree(bare / name)
    last = Box(clone, old.data_raw, tmp_path / "made_again", old.keys)
    last.i315("restore", str(bare), exit_code=1)
    rebuilt = json.loads(last.i315("rebuild", "--json"))
    assert [each["state"] for each in rebuilt] == ["made again"] * len(editions), rebuilt
    for name in KEPT:
        assert tree(last.warehouse / name) == tree(old.warehouse / name), name
    said(f"made again: {len(rebuilt)} of {len(editions)} editions from archive and ledger alone, the same bytes", started)
    last.i315("verify", "--all")
    said("made again: verify --all finds every edition, signature and ledger line as recorded", started)
