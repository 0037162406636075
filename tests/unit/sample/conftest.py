"""A small sample of two quarters, made once, and ways to read it that share nothing with the project."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from pipelines.quarters import Quarter
from pipelines.sample import write_sample

SCALE, FIRST, LAST = 0.02, Quarter(2023, 2), Quarter(2023, 3)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2023Q2 and 2023Q3 at a fiftieth of the usual size, with the default seed."""
    out = tmp_path_factory.mktemp("sample")
    write_sample(out, SCALE, first=FIRST, last=LAST)
    return out


@pytest.fixture(scope="session")
def other_seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same quarters from another seed."""
    out = tmp_path_factory.mktemp("other")
    write_sample(out, SCALE, seed=8, first=FIRST, last=LAST)
    return out


class Reader:
    """Reads the newest delivery of a quarter and feed with csv and openpyxl alone."""

    @staticmethod
    def newest(root: Path, quarter: str, feed: str) -> Path:
        def received(path: Path) -> tuple[str, int]:
            day, number = re.match(r"(\d{8})(?:-(\d+))?_", path.name).groups()  # type: ignore[union-attr]
            return day, int(number or 1)

        return max((root / quarter / feed).iterdir(), key=received)

    @classmethod
    def contracts(cls, root: Path, quarter: str) -> list[dict[str, str]]:
        text = cls.newest(root, quarter, "contracts").read_bytes().decode("gb18030", errors="strict")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    @classmethod
    def sheet(cls, root: Path, quarter: str, feed: str, name: str) -> list[tuple[object, ...]]:
        book = openpyxl.load_workbook(cls.newest(root, quarter, feed))
        return list(book[name].iter_rows(values_only=True))

    @classmethod
    def records(cls, root: Path, quarter: str, feed: str, name: str) -> list[dict[str, object]]:
        header, *body = cls.sheet(root, quarter, feed, name)
        return [dict(zip(map(str, header), row, strict=True)) for row in body]


@pytest.fixture(scope="session")
def read() -> type[Reader]:
    """The reader of the sample's files."""
    return Reader
