"""What the system costs beyond the work itself, as ratios measured in turn within one run (`make bench`)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.quarters import Quarter
from pipelines.transform.project import DBT_EXECUTABLE, DBT_PROJECT, build_arguments, dbt_environment, run_environment
from tests.conftest import PROJECT, Office, clean_environment

ROUNDS = 3
QUARTER = "2023Q3"


def seconds(command: list[str], cwd: Path = PROJECT, **environment: str) -> float:
    """Wall time of a command that has to succeed."""
    started = time.perf_counter()
    finished = subprocess.run(command, env=clean_environment() | environment, capture_output=True, text=True, check=False, cwd=cwd)
    assert finished.returncode == 0, finished.stdout[-2000:] + finished.stderr[-2000:]
    return time.perf_counter() - started


def in_turn(rounds: int, *measured: Callable[[], float]) -> list[float]:
    """The least of several measurements taken in turn: the work is the same each time, and what else the machine does only adds to it."""
    taken = [[measure() for measure in measured] for _ in range(rounds)]
    return [min(column) for column in zip(*taken, strict=True)]


def test_a_run_on_the_sample_costs_at_most_1_8_bare_builds(tmp_path: Path) -> None:
    office = Office(PROJECT / "data_raw", tmp_path / "warehouse", tmp_path)
    cold = seconds(office.command(QUARTER))
    target = str(tmp_path / "bare")
    bare_build = [str(DBT_EXECUTABLE), *build_arguments()]
    bare_build += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", target, "--log-path", target]
    environment = dbt_environment(office.warehouse, 2) | run_environment([Quarter.parse(QUARTER)], office.warehouse / "landing")
    seconds(bare_build, office.warehouse, **environment)
    run, bare = in_turn(ROUNDS, lambda: seconds(office.command(QUARTER)), lambda: seconds(bare_build, office.warehouse, **environment))
    print(f"\ni315 run {QUARTER}: {run:.1f} s; bare dbt build of the same models: {bare:.1f} s; ratio {run / bare:.2f} (at most 1.8)")
    print(f"first run, with environment parsed and all deliveries landed: {cold:.1f} s")
    assert run / bare <= 1.8


def test_loading_the_code_location_costs_less_than_importing_dagster_and_dagster_dbt(tmp_path: Path) -> None:
    python = sys.executable
    load = "import sys; from pipelines.definitions import defs; defs(); print(*sys.modules)"
    environment = clean_environment() | {"I315_WAREHOUSE": str(tmp_path / "warehouse")}
    loaded = subprocess.run([python, "-c", load], env=environment, cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split()
    location, imports = in_turn(
        7,
        lambda: seconds([python, "-c", load], I315_WAREHOUSE=os.fspath(tmp_path / "warehouse")),
        lambda: seconds([python, "-c", "import dagster, dagster_dbt"]),
    )
    print(f"\ncode location: {location:.2f} s; import dagster, dagster_dbt: {imports:.2f} s; ratio {location / imports:.2f} (at most 0.9)")
    assert {"dbt", "great_expectations", "pandas"}.isdisjoint(loaded)
    assert location / imports <= 0.9
