"""The publishing protocol: gate, numbers, sameness, crashes."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.csv as pcsv
import pytest

from pipelines import durable
from pipelines.editions.built import Leak
from pipelines.editions.made_with import last_computed
from pipelines.editions.outdated import outdated_quarters
from pipelines.editions.pointer import in_force, read_pointer, write_pointer
from pipelines.editions.publishing import EditionDamaged, publish
from pipelines.editions.record import verify_record
from pipelines.editions.schema import FILES
from pipelines.editions.verify import verify_edition
from pipelines.errors import HeldByGate
from pipelines.processes import process_identity
from tests.small_warehouse import QUARTER, SmallWarehouse, tables


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def corrected(small: SmallWarehouse, value: float) -> None:
    """A corrected delivery of the contracts feed that changes one cell."""
    content = tables(4)
    cell = next(row for row in content["indicators"] if (row["region_code"], row["indicator"]) == ("330108", "TECH_TX"))
    cell["value"] = value
    small.fill(content)
    small.deliver("contracts", f"corrected {value}".encode(), dt.date(2023, 11, 2))


def test_publishing_without_a_verdict_is_refused(small: SmallWarehouse) -> None:
    with pytest.raises(HeldByGate):
        small.publish()
    assert not list(small.warehouse.editions.rglob("*"))


def test_publishing_data_other_than_was_judged_is_refused(ready: SmallWarehouse) -> None:
    corrected(ready, 1.0)
    with pytest.raises(HeldByGate, match="other data"):
        ready.publish()


def test_content_of_the_same_size_is_no_same_content(ready: SmallWarehouse) -> None:
    corrected(ready, 101.5)
    ready.judge()
    first = ready.publish()
    corrected(ready, 102.5)
    ready.judge()
    second = ready.publish()
    assert (second.edition, second.is_new) == ("002", True)
    sizes = [(folder / "indicators.csv").stat().st_size for folder in (first.path, second.path)]
    assert sizes[0] == sizes[1], "the two editions differ in a digit alone"


def test_an_edition_has_every_file_and_verifies(ready: SmallWarehouse) -> None:
    published = ready.publish()
    assert (published.edition, published.is_new) == ("001", True)
    assert set(files_of(published.path)) == set(FILES)
    assert verify_edition(published.path) == []
    assert verify_record(ready.warehouse, ready.ledger) == []
    assert read_pointer(ready.warehouse)[QUARTER].path == f"{QUARTER}/001"
    assert ready.ledger.verify() > 0


def test_the_same_again_makes_no_new_edition_and_writes_nothing(ready: SmallWarehouse) -> None:
    first = ready.publish()
    before = {path: path.stat().st_mtime_ns for path in ready.warehouse.editions.rglob("*")}
    entries = len(ready.ledger.entries())
    again = ready.publish()
    assert (again.edition, again.is_new, again.path) == ("001", False, first.path)
    assert {path: path.stat().st_mtime_ns for path in ready.warehouse.editions.rglob("*")} == before
    assert len(ready.ledger.entries()) == entries


def test_a_correction_makes_the_next_edition_with_its_revision_and_cause(ready: SmallWarehouse) -> None:
    old = files_of(ready.publish().path)
    corrected(ready, 235.98)
    ready.judge()
    second = ready.publish()
    assert (second.edition, second.is_new) == ("002", True)
    assert files_of(ready.warehouse.editions / QUARTER / "001") == old
    (row,) = pcsv.read_csv(second.path / "revisions.csv").to_pylist()
    assert (row["region_code"], row["indicator"], row["new"]) == (330108, "TECH_TX", 235.98)
    assert row["cause"].startswith("data: contracts 2023Q3 ")
    assert json.loads((second.path / "manifest.json").read_bytes())["previous"] == "001"
    assert verify_edition(second.path) == []


def known_later(small: SmallWarehouse, value: float | None = None) -> None:
    """A delivery after which every value knows of a later day, and at most one is another."""
    content = tables(4)
    for row in content["indicators"]:
        row["as_of"] = dt.date(2023, 11, 2)
    if value is not None:
        next(row for row in content["indicators"] if (row["region_code"], row["indicator"]) == ("330108", "TECH_TX"))["value"] = value
    small.fill(content)
    small.deliver("contracts", f"known later {value}".encode(), dt.date(2023, 11, 2))
    small.judge()


def test_a_delivery_that_moves_nothing_but_the_days_of_values_makes_no_new_edition(ready: SmallWarehouse) -> None:
    first = ready.publish()
    before = files_of(first.path)
    known_later(ready)
    again = ready.publish()
    assert (again.edition, again.is_new) == ("001", False)
    assert files_of(first.path) == before
    assert outdated_quarters(ready.ledger) == []
    note = last_computed(ready.warehouse, QUARTER, read_pointer(ready.warehouse)[QUARTER])
    assert ready.ledger.in_force()[QUARTER, "contracts"].sha256 in {each["sha256"] for each in note.deliveries}


def test_an_edition_of_another_value_names_the_later_days_of_all(ready: SmallWarehouse) -> None:
    ready.publish()
    known_later(ready, 235.98)
    second = ready.publish()
    assert (second.edition, second.is_new) == ("002", True)
    days = {row["as_of"] for row in pcsv.read_csv(second.path / "indicators.csv").to_pylist()}
    assert days == {dt.date(2023, 11, 2)}


def test_a_withheld_cell_that_shows_its_figure_is_not_published(small: SmallWarehouse) -> None:
    content = tables(4)
    next(row for row in content["indicators"] if row["value"] is not None)["status"] = "withheld"
    small.fill(content)
    small.judge()
    with pytest.raises(Leak, match="withheld"):
        small.publish()


def test_the_manifest_names_deliveries_ruleset_verdict_and_files(ready: SmallWarehouse) -> None:
    verdict = ready.judge()
    manifest = json.loads((ready.publish().path / "manifest.json").read_bytes())
    assert {(each["feed"], each["rows"], each["quarantined"]) for each in manifest["deliveries"]} == {
        ("contracts", 7, 1),
        ("statistics", 7, 1),
    }
    assert [(each["id"], each["version"], each["sha256"]) for each in manifest["rulesets"]] == [("made-up", "1", "a" * 64)]
    assert manifest["verdict"]["data_sha256"] == verdict.data_sha256
    assert manifest["findings"]["error"]["passed"] >= 1
    assert set(manifest["files"]) == set(FILES) - {"manifest.json"}
    assert manifest["packages"]["duckdb"]
    assert [notice[:4] for notice in manifest["notices"]] == ["合成数据", "示意权重"]


def test_tables_and_reports_have_the_same_bytes_in_another_warehouse(ready: SmallWarehouse, edition: Path) -> None:
    here, there = files_of(ready.publish().path), files_of(edition)
    assert {name for name in here if here[name] != there[name]} <= {"manifest.json"}


def test_a_folder_in_place_but_not_recorded_is_completed_by_the_next_run(ready: SmallWarehouse) -> None:
    ready.publish()
    corrected(ready, 2.0)
    ready.judge()
    second = ready.publish()
    unrecorded = ready.folder / "aside"
    shutil.copytree(second.path, unrecorded)
    fresh = _without_last_publication(ready)
    shutil.rmtree(fresh.warehouse.editions / QUARTER / "002", ignore_errors=True)
    shutil.copytree(unrecorded, fresh.warehouse.editions / QUARTER / "002")
    again = fresh.publish()
    assert (again.edition, again.is_new) == ("002", False)
    assert fresh.ledger.entries("publication")[-1].payload["completed_after_crash"] is True
    assert read_pointer(fresh.warehouse)[QUARTER].edition == "002"


def _without_last_publication(ready: SmallWarehouse) -> SmallWarehouse:
    """The same warehouse with ledger and pointer as they were before the last entry, a publication."""
    entries = ready.ledger.entries()[:-1]
    ledger = type(ready.ledger)(f"sqlite:///{ready.folder / 'earlier.sqlite'}")
    for entry in entries:
        at = dt.datetime.fromisoformat(entry.at)
        ledger.append(entry.kind, quarter=entry.quarter, subject=entry.subject, payload=entry.payload, actor=entry.actor, at=at)
    write_pointer(ready.warehouse, ledger)
    return SmallWarehouse(ready.folder, ready.warehouse, ledger)


def test_a_damaged_folder_that_nobody_recorded_stops_publishing_by_name(ready: SmallWarehouse) -> None:
    ready.publish()
    shutil.copytree(ready.warehouse.editions / QUARTER / "001", ready.warehouse.editions / QUARTER / "002")
    with pytest.raises(EditionDamaged, match="2023Q3/002"):
        ready.publish()


def test_a_lost_pointer_is_written_again_from_the_ledger(ready: SmallWarehouse) -> None:
    ready.publish()
    pointer = ready.warehouse.editions / "latest.json"
    content = pointer.read_bytes()
    pointer.unlink()
    assert ready.publish().is_new is False
    assert pointer.read_bytes() == content


def test_scratch_of_dead_publishers_is_removed_and_of_living_ones_kept(ready: SmallWarehouse) -> None:
    folder = ready.warehouse.editions / QUARTER
    folder.mkdir(parents=True)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    writer = process_identity(os.getppid()).split("/")[1]
    dead, alive = (folder / f"{durable.SCRATCH_PREFIX}{name}-abcdef12-001" for name in (f"{gone.pid}-77", f"{os.getppid()}-{writer}"))
    for scratch in (dead, alive):
        scratch.mkdir()
        (scratch / "indicators.csv").write_text("half")
    ready.publish()
    assert (dead.exists(), alive.exists()) == (False, True)


def test_numbers_go_on_after_a_withdrawal(ready: SmallWarehouse) -> None:
    ready.publish()
    corrected(ready, 2.0)
    ready.judge()
    ready.publish()
    ready.ledger.append(
        "withdrawal", quarter=QUARTER, subject=f"{QUARTER}/002", payload={"edition": "002", "reason": "错报"}, actor="tester"
    )
    assert in_force(ready.ledger)[QUARTER].edition == "001"
    corrected(ready, 3.0)
    ready.judge()
    third = publish(QUARTER, ready.warehouse, ready.ledger, "tester", expectations=ready.expectations, models=None)
    assert third.edition == "003"
    assert json.loads((third.path / "manifest.json").read_bytes())["previous"] == "001"
