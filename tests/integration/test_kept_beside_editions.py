"""What answers are made from beside editions: `verify --all` compares landing with the archive and receipts with the ledger."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.landing import parquet
from pipelines.ledger import Ledger
from pipelines.warehouse import Warehouse
from tests.conftest import I315, Office, clean_environment
from tests.tampering import behind_a_link, changed


@pytest.fixture(scope="module")
def kept(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(small.warehouse, tmp_path_factory.mktemp("kept") / "warehouse", ignore=shutil.ignore_patterns("dbt")))


def verified(warehouse: Path) -> tuple[int, dict[str, object]]:
    command = [str(I315), "verify", "--all", "--json", "--warehouse", str(warehouse)]
    finished = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    return finished.returncode, json.loads(finished.stdout)


def landed(warehouse: Path, feed: str) -> Path:
    return next(path for path in sorted((warehouse / "landing" / feed).rglob("quarter=2023Q1/*.parquet")))


def with_a_cell_changed(path: Path) -> bytes:
    """The file with one text of its first column changed, and all that it says of itself kept."""
    table = pq.ParquetFile(path).read()
    first = table.column(0).to_pylist()
    other = table.set_column(0, table.schema.field(0), pa.array([f"{first[0]}"[::-1], *first[1:]], table.schema.types[0]))
    with changed(path, None):
        pq.write_table(other, path, compression="zstd", store_schema=False)
        return path.read_bytes()


def test_landing_that_the_archive_does_not_give_is_named_by_its_file(kept: Path) -> None:
    code, answer = verified(kept)
    assert (code, answer["faults"]) == (0, [])
    assert answer["landing_files_compared"] == len(list((kept / "landing").rglob("quarter=20*/*.parquet")))
    for feed in ("statistics", "contracts", "incubators", "ledger"):
        path = landed(kept, feed)
        name = path.relative_to(kept).as_posix()
        with changed(path, with_a_cell_changed(path)):
            code, answer = verified(kept)
        assert code == 1
        assert [fault.split(";")[0] for fault in answer["faults"]] == [f"{name}: found other rows than the archived delivery gives"]
    path = landed(kept, "tax")
    with changed(path, path.read_bytes()[:-100]):
        code, answer = verified(kept)
    assert (code, [fault.split(": ")[0] for fault in answer["faults"]]) == (1, [path.relative_to(kept).as_posix()])
    with behind_a_link(path, kept.parent / "target"):
        code, answer = verified(kept)
    assert (code, answer["faults"]) == (1, [f"{path.relative_to(kept).as_posix()}: found a link; expected the file itself"])


def test_a_receipt_other_than_the_recorded_one_is_named(kept: Path) -> None:
    receipt = next(path for path in sorted((kept / "receipts").rglob("*.html")))
    with changed(receipt, receipt.read_bytes() + b" "):
        code, answer = verified(kept)
    (fault,) = answer["faults"]
    assert (code, fault.split(";")[0]) == (1, f"{receipt.relative_to(kept).as_posix()}: found other bytes")


def test_what_no_hash_covers_is_said(kept: Path) -> None:
    _, answer = verified(kept)
    assert [each.split(" (")[0] for each in answer["not_checked"]] == [
        *("warehouse.duckdb", "lineage/known.json", "internal", "quarantine", "openlineage", "dagster_home"),
    ]


def test_a_damaged_landing_file_counts_as_none(kept: Path) -> None:
    warehouse = Warehouse(kept)
    delivery = Ledger(f"sqlite:///{kept / 'ledger.sqlite'}", is_reader=True).in_force()["2023Q1", "contracts"]
    path = landed(kept, "contracts")
    assert parquet.landed_notes(warehouse, delivery) is not None
    for content in (b"", path.read_bytes()[:-100], b"PAR1" + os.urandom(100)):
        with changed(path, content):
            assert parquet.landed_notes(warehouse, delivery) is None


def test_a_garbled_pointer_is_told_in_words_by_all_that_read_it(kept: Path) -> None:
    for content in (b"{", b"[]", b'{"2023Q1": 5}'):
        with changed(kept / "editions" / "latest.json", content):
            for command in (["status"], ["doctor"], ["site", "--out", str(kept.parent / "site")], ["run", "2023Q1", "--dry-run"]):
                asked = [str(I315), *command, "--warehouse", str(kept)]
                finished = subprocess.run(asked, env=clean_environment(), capture_output=True, text=True, check=False)
                assert finished.returncode == 30, finished.stderr
                assert "no pointer to editions" in finished.stdout + finished.stderr
                assert "Traceback" not in finished.stderr
