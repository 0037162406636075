"""A run that is killed (kill -9) at any moment is followed by a clean run: same bytes, one edition, nothing left, nothing stuck.

The kills happen side by side on both cores, each in an empty warehouse of its own; the claims are then read from the warehouses.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.ledger import Ledger
from tests.conftest import I315, Office, clean_environment, table_bytes

QUARTER = "2023Q1"
PATIENCE = 300  # seconds; a run takes some 40 on a quiet core
FINISHED = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}


@dataclass(frozen=True)
class Moment:
    """When a run is killed: after a line of progress, once `is_there` holds; whole process group or the run's process alone."""

    after: str
    is_there: Callable[[Path], bool] = lambda warehouse: True
    seconds_later: float = 0
    is_group: bool = True


def dbt_writes(warehouse: Path) -> bool:
    return (warehouse / "warehouse.duckdb").exists()


def edition_is_written(warehouse: Path) -> bool:
    return any((warehouse / "editions" / QUARTER).glob(".tmp-*")) or edition_is_in_place(warehouse)


def edition_is_in_place(warehouse: Path) -> bool:
    return (warehouse / "editions" / QUARTER / "001").exists()


MOMENTS = {
    "while landing": (Moment("landing    contracts"),),
    "while dbt builds, dbt left alone": (Moment("rulesets", dbt_writes, seconds_later=6, is_group=False),),
    "between dbt and the verdict": (Moment("transform", seconds_later=0.5),),
    "while the edition is written, then before it is recorded": (Moment("gate", edition_is_written), Moment("gate", edition_is_in_place)),
}


@dataclass(frozen=True)
class Aftermath:
    """What a killed run left, and what the run after it said."""

    office: Office
    survivors: list[str]
    unfinished: set[str]
    pointer_after_kill: dict[str, object]
    again: subprocess.CompletedProcess[str]


def kill_and_run_again(office: Office, moments: tuple[Moment, ...]) -> Aftermath:
    survivors: list[str] = []
    unfinished: set[str] = set()
    for moment in moments:
        survivors += survivors_of_kill(office, moment)
        unfinished |= unfinished_runs(office)
    latest = office.warehouse / "editions" / "latest.json"
    pointer = json.loads(latest.read_bytes()) if latest.exists() else {}
    again = subprocess.run(
        office.command(QUARTER), cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return Aftermath(office, survivors, unfinished, pointer, again)


def unfinished_runs(office: Office) -> set[str]:
    """The runs that Dagster's history holds as not ended."""
    with dg.DagsterInstance.from_config(str(office.warehouse / "dagster_home")) as instance:
        return {run.run_id for run in instance.get_runs() if run.status not in FINISHED}


def survivors_of_kill(office: Office, moment: Moment) -> list[str]:
    """Start a run, kill it at its moment, and return what still works for its warehouse ten seconds later."""
    run = subprocess.Popen(
        office.command(QUARTER),
        cwd=office.cwd,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    told = []
    for line in run.stdout:
        told.append(line)
        if f"s  {moment.after}" in line:
            break
    until(lambda: moment.is_there(office.warehouse) or run.poll() is not None, pause=0.001)
    time.sleep(moment.seconds_later)
    assert run.poll() is None, "the run was over before the kill:\n" + "".join(told) + run.stdout.read()
    if moment.is_group:
        os.killpg(run.pid, signal.SIGKILL)
    else:
        assert any("dbt build" in process for process in processes_of(office.warehouse)), "this kill must leave dbt behind"
        run.kill()
    run.wait()
    run.stdout.close()
    until(lambda: not processes_of(office.warehouse), seconds=10)
    return processes_of(office.warehouse)


def until(is_so: Callable[[], bool], seconds: float = PATIENCE, pause: float = 0.1) -> None:
    """Wait until something is so, or until patience ends."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(pause)


def processes_of(warehouse: Path) -> list[str]:
    """Command lines of processes that work for this warehouse: its path is among their arguments or in their environment."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                arguments, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if str(warehouse).encode() in arguments + environment:
                found.append(arguments.replace(b"\0", b" ").decode())
    return found


@pytest.fixture(scope="module")
def aftermaths(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Aftermath]]]:
    """Every moment's kill and the run after it; `small`, made before them, is the run that nobody disturbed."""
    with ThreadPoolExecutor(2) as two:
        futures = {}
        for name, moments in MOMENTS.items():
            root = tmp_path_factory.mktemp("killed")
            futures[name] = two.submit(kill_and_run_again, Office(small.data_raw, root / "warehouse", root), moments)
        yield futures


@pytest.fixture(params=MOMENTS)
def aftermath(request: pytest.FixtureRequest, aftermaths: dict[str, Future[Aftermath]]) -> Aftermath:
    return aftermaths[request.param].result()


def test_nothing_of_a_killed_run_works_on_and_nothing_half_made_is_served(aftermath: Aftermath) -> None:
    assert aftermath.survivors == []
    latest = json.loads((aftermath.office.warehouse / "editions" / "latest.json").read_bytes())
    assert aftermath.pointer_after_kill in ({}, latest)


def test_the_run_after_a_kill_publishes_the_bytes_of_an_undisturbed_run_once(aftermath: Aftermath, small: Office) -> None:
    again, office = aftermath.again, aftermath.office
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stderr == ""
    assert table_bytes(office.edition(QUARTER)) == table_bytes(small.edition(QUARTER))
    assert sorted(path.name for path in (office.warehouse / "editions" / QUARTER).iterdir()) == ["001"]
    latest = json.loads((office.warehouse / "editions" / "latest.json").read_bytes())
    assert {quarter: pointer["edition"] for quarter, pointer in latest.items()} == {QUARTER: "001"}
    assert len(Ledger(f"sqlite:///{office.warehouse / 'ledger.sqlite'}").entries("publication")) == 1
    verify = [str(I315), "verify", QUARTER, "--warehouse", str(office.warehouse)]
    verified = subprocess.run(verify, cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr


def test_no_scratch_is_left_after_the_run_that_follows_a_kill(aftermath: Aftermath) -> None:
    assert [path for path in aftermath.office.warehouse.rglob("*") if path.name.startswith(".tmp-")] == []


def test_kills_hit_runs_under_way(aftermaths: dict[str, Future[Aftermath]]) -> None:
    hit = [name for name, future in aftermaths.items() if future.result().unfinished]
    assert len(hit) >= 2, "only a kill between the two runs of a quarter leaves none behind"


def test_no_run_is_left_unfinished_and_no_slot_of_a_pool_is_taken_after_a_kill(aftermath: Aftermath) -> None:
    with dg.DagsterInstance.from_config(str(aftermath.office.warehouse / "dagster_home")) as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
        assert set(states.values()) <= FINISHED, states
        assert {states[run_id] for run_id in aftermath.unfinished} <= {DagsterRunStatus.FAILURE}, "a killed run is told as failed"
        storage = instance.event_log_storage
        pools = {key: storage.get_concurrency_info(key) for key in storage.get_concurrency_keys()}
        assert "warehouse" in pools
        assert {key: (info.active_slot_count, info.pending_step_count) for key, info in pools.items()} == dict.fromkeys(pools, (0, 0))
