"""A quarter published, a delivery corrected, the quarter published again: the plan before, and both editions out of the archive after."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.editions.manifest import canonical, sealed
from pipelines.errors import Failure, InfrastructureError, UsageError
from pipelines.ledger import Ledger
from pipelines.reproduction.edition import reproduce
from pipelines.warehouse import Warehouse
from tests import warm
from tests.conftest import Office, clean_environment, table_bytes

QUARTER = CORRECTED = "2023Q1"
LATER = "20991231_更正_合成.csv"
PUBLISHED_FILES = 13


@dataclass(frozen=True)
class Corrected:
    """The office after its correction, the plan made before the run, and what the plan changed on disk."""

    office: Office
    plan: dict[str, Any]
    changed_by_planning: bool


def tree(root: Path) -> str:
    """A hash over every file below a folder, name and bytes."""
    digest = hashlib.sha256()
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        digest.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def command(office: Office, *arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.i315(*arguments, cwd=office.cwd)


def planned(office: Office) -> dict[str, Any]:
    told = command(office, "run", QUARTER, "--dry-run", "--json", *office.places)
    assert told.returncode == 0, told.stderr
    plan: dict[str, Any] = json.loads(told.stdout)
    return plan


@pytest.fixture(scope="module")
def corrected(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    """A copy of the small office in which the registry corrected its delivery."""
    root = tmp_path_factory.mktemp("corrected")
    office = Office(root / "drop", root / "warehouse", root)
    shutil.copytree(small.data_raw, office.data_raw)
    shutil.copytree(small.warehouse, office.warehouse)
    (first,) = (office.data_raw / CORRECTED / "contracts").glob("*.csv")
    lines = first.read_bytes().splitlines(keepends=True)
    (first.parent / LATER).write_bytes(b"".join(lines[:2] + lines[5:]))
    before = tree(root)
    plan = planned(office)
    changed = tree(root) != before
    finished = warm.run(office, QUARTER)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return Corrected(office, plan, changed)


def test_a_plan_names_the_correction_and_changes_nothing(corrected: Corrected) -> None:
    assert not corrected.changed_by_planning
    assert [read["file"] for read in corrected.plan["reads"] if read["state"] == "new"] == [LATER]
    (publication,) = corrected.plan["publishes"]
    assert (publication["edition"], publication["next_edition"]) == ("001", "002")
    assert publication["reasons"] == [f"new delivery: contracts {CORRECTED} {LATER} received 2099-12-31"]
    assert corrected.office.edition(QUARTER, "002").is_dir()


def test_after_the_run_the_plan_is_to_do_nothing_until_code_rules_or_deliveries_change(corrected: Corrected) -> None:
    (publication,) = planned(corrected.office)["publishes"]
    assert (publication["edition"], publication["reasons"]) == ("002", [])
    note = corrected.office.warehouse / "computed" / f"{QUARTER}.json"
    assert not note.exists()
    manifest = json.loads((corrected.office.edition(QUARTER, "002") / "manifest.json").read_bytes())
    stale = {
        "edition": "002",
        "made_with": manifest["made_with"] | {"staging": "other", "catalogue": "other"},
        "deliveries": [each for each in manifest["deliveries"] if (each["quarter"], each["feed"]) != (CORRECTED, "tax")],
        "rulesets": {"zj315-county/2022.9": "gone"},
        "suites_sha256": "other",
    }
    note.parent.mkdir()
    note.write_text(json.dumps(stale))
    try:
        (publication,) = planned(corrected.office)["publishes"]
    finally:
        shutil.rmtree(note.parent)
    kinds = [reason.partition(":")[0] + ":" + reason.partition(":")[2][:10] for reason in publication["reasons"]]
    assert [kind.split(": ")[0] for kind in kinds][:1] == ["delivery newer than the edition"]
    told = " | ".join(publication["reasons"])
    for expected in (
        "changed since: staging",
        "changed since: catalogue",
        "ruleset zj315-county/2022.9",
        f"expectations or waivers of {QUARTER}",
    ):
        assert expected in told


def test_a_plan_loads_neither_dagster_nor_great_expectations(corrected: Corrected) -> None:
    places = corrected.office.places
    script = (
        "import sys; from pipelines.cli import app\n"
        f"try: app({['run', QUARTER, '--dry-run', *places]!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'dagster', 'great_expectations', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "002 is what these deliveries, rules and code give" in done.stdout


@contextmanager
def written_by_another(warehouse: Path) -> Iterator[None]:
    """The writer's lock held, as by a run that is under way."""
    with (warehouse / "writer.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_every_edition_is_reproduced_from_its_own_deliveries_beside_a_run(corrected: Corrected) -> None:
    office = corrected.office
    before = tree(office.warehouse)
    with written_by_another(office.warehouse), ThreadPoolExecutor(2) as two:
        runs = two.map(
            lambda number: command(office, "reproduce", QUARTER, number, "--json", "--warehouse", str(office.warehouse)), ("001", "002")
        )
        for number, done in zip(("001", "002"), runs, strict=True):
            assert done.returncode == 0, done.stdout + done.stderr
            told = json.loads(done.stdout)
            assert [each["outcome"] for each in told["files"]] == ["same"] * PUBLISHED_FILES, told
            assert told["revisions_against"] == (None if number == "001" else f"{QUARTER}/001")
    assert tree(office.warehouse) == before
    revised = (office.edition(QUARTER, "002") / "revisions.csv").read_text("utf-8-sig").splitlines()
    assert len(revised) > 1, "the correction changed nothing, so the second reproduction showed nothing"


def test_a_lost_edition_is_made_again_from_archive_and_ledger_with_all_that_was_beside_it(corrected: Corrected, tmp_path: Path) -> None:
    old, new = corrected.office.warehouse, tmp_path / "warehouse"
    kept = ("editions", "scoring_inputs", "lineage/parts", "lineage/definitions", "findings")
    for name in ("archive", *kept):
        shutil.copytree(old / name, new / name)
    shutil.copyfile(old / "ledger.sqlite", new / "ledger.sqlite")
    published_on = Ledger(f"sqlite:///{new / 'ledger.sqlite'}", is_reader=True).entries("verdict", QUARTER)[-1]
    (new / "findings" / f"{published_on.payload['findings_sha256']}.json").unlink()
    first = json.loads((new / "editions" / QUARTER / "001" / "manifest.json").read_bytes())
    for part in (new / "lineage" / "parts").iterdir():
        if part.stem not in {each["sha256"] for each in first["lineage"]["parts"].values()}:
            part.unlink()
    for name in ("editions", "scoring_inputs"):
        shutil.rmtree(new / name / QUARTER / "002")
    done = command(corrected.office, "rebuild", "--json", "--warehouse", str(new))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(each["edition"], each["state"]) for each in json.loads(done.stdout)] == [("001", "whole"), ("002", "made again")]
    for name in kept:
        assert tree(new / name) == tree(old / name), name
    verified = command(corrected.office, "verify", "--all", "--warehouse", str(new))
    assert verified.returncode == 0, verified.stderr


def test_a_run_as_of_a_day_shows_what_was_known_and_supersedes_nothing(corrected: Corrected) -> None:
    office, today = corrected.office, dt.datetime.now(dt.UTC).date().isoformat()
    before, database = tree(office.warehouse / "editions"), tree_of_tables(office)
    done = command(office, "run", QUARTER, "--as-of", today, *office.places)
    assert done.returncode == 0, done.stdout + done.stderr
    assert LATER in done.stdout
    shown = office.warehouse / "as_known" / today / QUARTER
    assert done.stdout.splitlines()[-1] == f"board: {shown / 'board.html'}"
    assert table_bytes(shown) == table_bytes(office.edition(QUARTER, "001"))
    assert tree(office.warehouse / "editions") == before
    assert tree_of_tables(office) == database


def tree_of_tables(office: Office) -> str:
    """The hash of the workshop's database."""
    return hashlib.sha256((office.warehouse / "warehouse.duckdb").read_bytes()).hexdigest()


@pytest.fixture
def copied(corrected: Corrected, tmp_path: Path) -> Warehouse:
    """Editions and archive of the office alone, to be damaged."""
    for name in ("editions", "archive"):
        shutil.copytree(corrected.office.warehouse / name, tmp_path / name)
    return Warehouse(tmp_path)


def test_missing_or_damaged_archive_bytes_are_named(copied: Warehouse) -> None:
    manifest = json.loads((copied.editions / QUARTER / "001" / "manifest.json").read_bytes())
    sha256 = manifest["deliveries"][-1]["sha256"]
    place = copied.archive / sha256[:2] / sha256
    place.chmod(0o644)
    place.write_bytes(place.read_bytes() + b" ")
    with pytest.raises(InfrastructureError, match=f"archive damaged: .*{sha256}"):
        reproduce(QUARTER, "001", copied, no_ledger(), threads=1)
    place.unlink()
    with pytest.raises(InfrastructureError, match=r"found no file; expected the bytes with SHA-256"):
        reproduce(QUARTER, "001", copied, no_ledger(), threads=1)


def test_a_ruleset_or_manifest_that_changed_since_is_named(copied: Warehouse) -> None:
    path = copied.editions / QUARTER / "001" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["rulesets"][0]["sha256"] = "0" * 64
    path.write_bytes(canonical(manifest))
    with pytest.raises(Failure, match="a manifest that was changed"):
        reproduce(QUARTER, "001", copied, no_ledger(), threads=1)
    path.write_bytes(canonical(sealed(manifest)))
    with pytest.raises(UsageError, match=r"ruleset .*expected 0000000000000000, the one behind the edition"):
        reproduce(QUARTER, "001", copied, no_ledger(), threads=1)
    with pytest.raises(UsageError, match="no such edition: found 001, 002"):
        reproduce(QUARTER, "003", copied, no_ledger(), threads=1)


def no_ledger() -> Ledger:
    return Ledger("sqlite:///nowhere/ledger.sqlite", is_reader=True)
