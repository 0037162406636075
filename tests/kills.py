"""Killing a run (kill -9) at a moment and running again: what is left, and what the run after it says.

Here: when and how a run is killed, what still works for its warehouse. Not here: what must hold afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus

from tests.conftest import Office, clean_environment

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


@dataclass(frozen=True)
class Aftermath:
    """What killed runs left, `unfinished` by kill, and what the run after them said."""

    office: Office
    survivors: list[str]
    unfinished: list[set[str]]
    pointer_after_kill: dict[str, object]
    again: subprocess.CompletedProcess[str]


def kill_and_run_again(office: Office, moments: tuple[Moment, ...]) -> Aftermath:
    survivors: list[str] = []
    unfinished: list[set[str]] = []
    for moment in moments:
        survivors += survivors_of_kill(office, moment)
        unfinished.append(unfinished_runs(office))
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
