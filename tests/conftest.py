"""Fixtures that all tests share: the command line as users run it, and warehouses that it filled."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from pipelines.quarters import Quarter
from pipelines.sample import write_sample

PROJECT = Path(__file__).resolve().parent.parent
I315 = Path(sys.executable).parent / "i315"
FIRST_RUN = "first_run.txt"
BUILT = "built"
# Files that take longest, or build an office that others wait for. Processes take whole files in this order: begun first, each of
# these builds beside the other ones, and none of them is what one process ends with while the others have nothing left.
FIRST = (
    "integration/test_main_job.py",
    "integration/test_killed_run.py",
    "integration/test_reproduction.py",
    "integration/test_late_delivery.py",
    "integration/test_engines_agree.py",
    "integration/gate/test_checks_of_contracts.py",
    "integration/test_quarantined_rows.py",
    "integration/test_bad_input.py",
    "unit/whatif/test_margins.py",
    "unit/whatif/test_explanation.py",
)
# No assertion on seconds: the example that meets a busy moment is no counter-example.
settings.register_profile("at_any_speed", parent=settings.default, deadline=None)
settings.load_profile("at_any_speed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of `FIRST` before all others, which stay in the order of the tree."""
    places = {PROJECT / "tests" / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(FIRST)))


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

    def run(self, quarters: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run quarters, with more in the environment if given, and return what the command printed and its exit code."""
        variables = clean_environment() | environment
        return subprocess.run(self.command(quarters), cwd=self.cwd, env=variables, capture_output=True, text=True, check=False)

    def edition(self, quarter: str, number: str = "001") -> Path:
        """The folder of an edition."""
        return self.warehouse / "editions" / quarter / number


def clean_environment() -> dict[str, str]:
    """The environment without any setting of this system, without Dagster's home, and with byte code kept as on any machine."""
    others = ("DAGSTER_HOME", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith("I315_") and name not in others}


def table_bytes(edition: Path) -> dict[str, bytes]:
    """The files of an edition that must be the same bytes for the same inputs."""
    return {path.name: path.read_bytes() for path in sorted(edition.iterdir()) if path.suffix in (".csv", ".parquet")}


def same_files_in_another_order(data_raw: Path, folder: Path, seed: int) -> Path:
    """A copy of a drop folder whose files were made in an order drawn from `seed`, as a folder lists them on some disks."""
    files = sorted(path for path in data_raw.rglob("*") if path.is_file())
    random.Random(seed).shuffle(files)
    for path in files:
        copied = folder / path.relative_to(data_raw)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    return folder


def deliveries(folder: Path, seed: int, first: str, last: str, scale: float = 0.02) -> Path:
    """Synthetic deliveries that the project has never seen."""
    write_sample(folder, scale=scale, seed=seed, first=Quarter.parse(first), last=Quarter.parse(last))
    return folder


@contextmanager
def in_use(office: Office, folder: Path) -> Iterator[Office]:
    """The same office while a run holds its warehouse file, which is one of its own: other tests read the office's meanwhile."""
    warehouse = folder / "in_use"
    warehouse.mkdir()
    for path in office.warehouse.iterdir():
        if path.name != "warehouse.duckdb":
            (warehouse / path.name).symlink_to(path)
    with duckdb.connect(str(warehouse / "warehouse.duckdb")):
        yield replace(office, warehouse=warehouse)


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], None]) -> Path:
    """A folder that the first of the test processes fills and the others wait for."""
    base = factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / BUILT).exists():
            root.mkdir()
            build(root)
            (root / BUILT).touch()
    return root


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The sample in git, all eight quarters taken to editions in one run."""

    def build(root: Path) -> None:
        finished = Office(PROJECT / "data_raw", root / "warehouse", root).run("2022Q1..2023Q4")
        assert finished.returncode == 0, finished.stdout + finished.stderr

    root = built_once(tmp_path_factory, "office_of_the_sample", build)
    return Office(PROJECT / "data_raw", root / "warehouse", root)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A small office of another seed with 2023Q1 published."""

    def build(root: Path) -> None:
        finished = Office(deliveries(root / "drop", 11, "2022Q1", "2023Q1"), root / "warehouse", root).run("2023Q1")
        assert finished.returncode == 0, finished.stdout + finished.stderr
        (root / FIRST_RUN).write_text(finished.stdout)

    root = built_once(tmp_path_factory, "small_office", build)
    return Office(root / "drop", root / "warehouse", root)
