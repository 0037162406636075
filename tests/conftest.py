"""Fixtures that all tests share: the command line as users run it, and warehouses that it filled."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.quarters import Quarter
from pipelines.sample import write_sample

PROJECT = Path(__file__).resolve().parent.parent
I315 = Path(sys.executable).parent / "i315"
FIRST_RUN = "first_run.txt"


@dataclass(frozen=True)
class Office:
    """A drop folder and the warehouse that the command line fills from it, run from a folder of its own."""

    data_raw: Path
    warehouse: Path
    cwd: Path

    @property
    def places(self) -> list[str]:
        """The options that say where things lie."""
        tax = f"sqlite:///{self.data_raw / 'tax.sqlite'}"
        return ["--data-raw", str(self.data_raw), "--warehouse", str(self.warehouse), "--tax-url", tax]

    def command(self, quarters: str) -> list[str]:
        """The command line of a run."""
        return [str(I315), "run", quarters, *self.places]

    def run(self, quarters: str) -> subprocess.CompletedProcess[str]:
        """Run quarters and return what the command printed and its exit code."""
        return subprocess.run(self.command(quarters), cwd=self.cwd, env=clean_environment(), capture_output=True, text=True, check=False)

    def edition(self, quarter: str, number: str = "001") -> Path:
        """The folder of an edition."""
        return self.warehouse / "editions" / quarter / number


def clean_environment() -> dict[str, str]:
    """The environment without any setting of this system and without Dagster's home."""
    return {name: value for name, value in os.environ.items() if not name.startswith("I315_") and name != "DAGSTER_HOME"}


def table_bytes(edition: Path) -> dict[str, bytes]:
    """The files of an edition that must be the same bytes for the same inputs."""
    return {path.name: path.read_bytes() for path in sorted(edition.iterdir()) if path.suffix in (".csv", ".parquet")}


def deliveries(folder: Path, seed: int, first: str, last: str, scale: float = 0.02) -> Path:
    """Synthetic deliveries that the project has never seen."""
    write_sample(folder, scale=scale, seed=seed, first=Quarter.parse(first), last=Quarter.parse(last))
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The sample in git, all eight quarters taken to editions in one run."""
    root = tmp_path_factory.mktemp("sample")
    office = Office(PROJECT / "data_raw", root / "warehouse", root)
    finished = office.run("2022Q1..2023Q4")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return office


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A small office of another seed with 2023Q1 published."""
    root = tmp_path_factory.mktemp("small")
    office = Office(deliveries(root / "drop", 11, "2022Q1", "2023Q1"), root / "warehouse", root)
    finished = office.run("2023Q1")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (root / FIRST_RUN).write_text(finished.stdout)
    return office
