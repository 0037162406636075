"""Workbooks made to kill their reader: each ends in an error with a name, and the same reader goes on to the next.

Those that run into a limit of time or memory are in the bench (benchmarks/test_hostile_workbooks.py), all but one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.landing.workbook.limits import MEMORY
from pipelines.landing.workbook.reader import WorkbookReader
from tests.hostile_workbooks import HOSTILE, SLOW, met, sound

MOST_SECONDS = 20


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    with WorkbookReader() as made:
        yield made


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind not in SLOW[1:]])
def test_a_hostile_workbook_ends_in_a_named_error_and_the_reader_lives(kind: str, reader: WorkbookReader, tmp_path: Path) -> None:
    make, code = HOSTILE[kind]
    content = make()
    start = time.perf_counter()
    problem = met(reader, tmp_path, content)
    assert time.perf_counter() - start < MOST_SECONDS
    assert problem is not None
    assert problem.code == code
    assert problem.file == "20230413_台账.xlsx"
    assert reader.peak_kib << 10 <= MEMORY
    assert met(reader, tmp_path, sound()) is None


def test_there_are_25_hostile_workbooks() -> None:
    assert len(HOSTILE) >= 25
