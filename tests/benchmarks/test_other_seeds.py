"""Deliveries of further seeds, taken to editions in an empty warehouse, equal the oracle for every region and indicator."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.quarters import Quarter, span
from tests.conftest import Office, deliveries
from tests.oracle import compare_edition


@pytest.mark.parametrize(("seed", "first", "last"), [(202, "2023Q1", "2023Q2"), (303, "2023Q3", "2023Q3"), (404, "2022Q1", "2023Q4")])
def test_every_edition_equals_the_oracle(tmp_path: Path, seed: int, first: str, last: str) -> None:
    office = Office(deliveries(tmp_path / "drop", seed, "2022Q1", last, scale=0.1), tmp_path / "warehouse", tmp_path)
    finished = office.run(f"{first}..{last}")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    for quarter in map(str, span(Quarter.parse(first), Quarter.parse(last))):
        tax = f"sqlite:///{office.data_raw / 'tax.sqlite'}"
        assert compare_edition(office.edition(quarter), office.data_raw, tax, quarter) == []
    print(f"\nseed {seed}: {first}..{last} equal the oracle")
