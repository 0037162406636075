"""Verification from the folder alone: every kind of damage is named."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.editions.formats import BOM
from pipelines.editions.manifest import canonical, digest, sealed
from pipelines.editions.verify import point_faults, verify_edition
from tests.small_warehouse import QUARTER, ruleset, tables

FLIPS = 150


@pytest.fixture
def copy(edition: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(edition, tmp_path / QUARTER / edition.name))


def resealed(folder: Path, name: str, content: bytes) -> None:
    """Write a file and bring data package and manifest in line, as a clumsy editor with the tools would."""
    (folder / name).write_bytes(content)
    package = json.loads((folder / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        if resource["path"] == name:
            resource |= {"bytes": len(content), "hash": f"sha256:{digest(content)}"}
    (folder / "datapackage.json").write_bytes(canonical(package))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for changed in (name, "datapackage.json"):
        content = (folder / changed).read_bytes()
        manifest["files"][changed] = {"bytes": len(content), "sha256": digest(content)}
    (folder / "manifest.json").write_bytes(canonical(sealed(manifest)))


def test_an_untouched_edition_has_no_fault(copy: Path) -> None:
    assert verify_edition(copy) == []


def test_every_flipped_byte_is_noticed_and_its_file_named(copy: Path) -> None:
    chance = random.Random(315)
    files = sorted(copy.iterdir())
    for number in range(FLIPS):
        path = files[number % len(files)]
        content = path.read_bytes()
        place = chance.randrange(len(content))
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :])
        faults = verify_edition(copy)
        assert any(path.name in fault for fault in faults), (path.name, place, faults)
        path.write_bytes(content)


def test_a_missing_and_an_added_file_are_named(copy: Path) -> None:
    (copy / "targets.csv").unlink()
    (copy / "extra.csv").write_text("x")
    faults = verify_edition(copy)
    assert any(fault.startswith("targets.csv: found no such file") for fault in faults)
    assert any(fault.startswith("extra.csv: found a file that the manifest does not list") for fault in faults)


def test_two_swapped_files_are_named(copy: Path) -> None:
    first, second = (copy / "scores.csv").read_bytes(), (copy / "ranking.csv").read_bytes()
    (copy / "scores.csv").write_bytes(second)
    (copy / "ranking.csv").write_bytes(first)
    assert {fault.split(":")[0] for fault in verify_edition(copy)} >= {"scores.csv", "ranking.csv"}


def test_an_edition_moved_to_another_number_is_noticed(copy: Path) -> None:
    moved = copy.rename(copy.parent / "002")
    assert any("edition '001'" in fault for fault in verify_edition(moved))


def test_a_data_package_that_hides_a_table_is_noticed_even_if_hashes_fit(copy: Path) -> None:
    package = json.loads((copy / "datapackage.json").read_bytes())
    package["resources"] = package["resources"][1:]
    resealed(copy, "datapackage.json", canonical(package))
    assert any("datapackage.json: found tables" in fault for fault in verify_edition(copy))


def test_a_manifest_of_another_structure_is_a_fault_and_no_crash(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_bytes())
    (copy / "manifest.json").write_bytes(canonical(sealed({"edition": manifest["edition"], "quarter": manifest["quarter"]})))
    assert any("another structure" in fault for fault in verify_edition(copy))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.replace("year,", "years,", 1), "columns"),
        (lambda text: text.replace("350", "abc"), "expected number"),
        (lambda text: text + text.split("\n")[1] + "\n", "a key twice"),
        (lambda text: text.replace("330108", ""), "found no region_code"),
    ],
)
def test_a_table_that_breaks_its_description_is_noticed_even_if_hashes_fit(copy: Path, change: Callable[[str], str], fault: str) -> None:
    text = (copy / "targets.csv").read_text(encoding="utf-8-sig")
    resealed(copy, "targets.csv", (BOM + change(text)).encode())
    assert any(found.startswith("targets.csv") and fault in found for found in verify_edition(copy))


def test_csv_and_parquet_that_differ_are_noticed_even_if_hashes_fit(copy: Path) -> None:
    text = (copy / "ranking.csv").read_text(encoding="utf-8-sig")
    lines = text.split("\n")
    lines[1] = lines[1].replace("杭州市", "宁波市")
    resealed(copy, "ranking.csv", (BOM + "\n".join(lines)).encode())
    assert any("in CSV" in fault and "city_name" in fault for fault in verify_edition(copy))


def test_an_unwaived_error_among_the_findings_is_noticed(copy: Path) -> None:
    text = (copy / "findings.csv").read_text(encoding="utf-8-sig")
    resealed(copy, "findings.csv", (BOM + text.replace("true", "false")).encode())
    assert any("unwaived error" in fault for fault in verify_edition(copy))


def test_points_that_do_not_give_the_total_are_noticed() -> None:
    content = tables(4)
    assert point_faults([ruleset()], content["scores"], content["ranking"]) == []
    content["scores"][0]["points"] += 1e-6
    region = content["scores"][0]["region_code"]
    assert any(
        region in fault and "below node total" in fault for fault in point_faults([ruleset()], content["scores"], content["ranking"])
    )


def test_a_total_beyond_rounding_and_adjustments_is_noticed() -> None:
    content = tables(4)
    content["ranking"][0]["total"] += 0.02
    (fault,) = point_faults([ruleset()], content["scores"], content["ranking"])
    assert content["ranking"][0]["region_code"] in fault
    assert point_faults([ruleset() | {"adjustments": [-2.0, 3.0]}], content["scores"], content["ranking"]) == []


def test_a_withheld_leaf_leaves_its_parent_unchecked() -> None:
    content = tables(4)
    content["scores"][0] |= {"points": None, "score": None, "value": None, "state": "withheld"}
    assert point_faults([ruleset()], content["scores"], content["ranking"]) == []
