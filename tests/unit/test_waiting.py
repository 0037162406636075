"""A call of dbt that is handed to the one that waits is, for its caller, a call like any other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.transform.project import DBT_OF_A_RUN, DBT_PROJECT, dbt_environment
from pipelines.transform.waiting import dbt_in_waiting
from tests.kills import processes_of, until

NOBODY = 65534
WAITS = "pipelines.transform.waiting"
# The kernel itself says whose process the other one is: nothing short of a process of another user shows that it is asked.
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="the system lets nobody but root start a process of another user")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Path]:
    """A warehouse folder in which a dbt waits."""
    with dbt_in_waiting(tmp_path):
        yield tmp_path


def call(warehouse: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Dbt as a run calls it."""
    environment = os.environ | dbt_environment(warehouse, 1) | more
    return subprocess.Popen(
        [str(DBT_OF_A_RUN), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/"
    )


def waiting(warehouse: Path) -> list[str]:
    return [process for process in processes_of(warehouse) if WAITS in process]


def number_of(warehouse: Path) -> int:
    """The process that waits for this warehouse, or has taken a call."""
    named = subprocess.run(["pgrep", "--full", f"{WAITS} .*{warehouse}"], capture_output=True, text=True, check=True)
    return int(named.stdout)


def parse(warehouse: Path) -> subprocess.Popen[str]:
    """A call that takes seconds and first writes a log, begun by the one that waited."""
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target-path", str(warehouse)]
    called = call(warehouse, "parse", "--no-partial-parse", "--log-path", str(warehouse), *project)
    until(lambda: (warehouse / "dbt.log").exists(), seconds=60)
    assert called.poll() is None
    return called


def test_output_and_exit_code_are_those_of_dbt_and_the_next_call_starts_its_own(warehouse: Path) -> None:
    handed_over = call(warehouse, "nonsense")
    said, code = handed_over.communicate()[0], handed_over.returncode
    assert not waiting(warehouse), "whoever waited was called"
    anew = call(warehouse, "nonsense")
    assert (said, code) == (anew.communicate()[0], anew.returncode)
    assert "No such command 'nonsense'" in said
    assert code == 2


def test_the_call_brings_its_environment_and_runs_in_the_folder_of_the_warehouse(warehouse: Path) -> None:
    (warehouse / "dbt_project.yml").write_text("name: small\nprofile: small\nversion: \"{{ env_var('SMALL') }}\"\n")
    (warehouse / "profiles.yml").write_text("small: {target: small, outputs: {small: {type: duckdb, path: ':memory:'}}}\n")
    called = call(warehouse, "parse", "--profiles-dir", ".", SMALL="1.0")
    assert called.communicate()[0].count("Performance info") == 1
    assert called.returncode == 0
    assert (warehouse / "target" / "manifest.json").exists()


def test_nobody_waits_any_longer_than_the_run(tmp_path: Path) -> None:
    with dbt_in_waiting(tmp_path):
        until(lambda: bool(waiting(tmp_path)), seconds=10)
        assert waiting(tmp_path)
        assert "RUN_DBT_WAITING" in os.environ
    assert not waiting(tmp_path)
    assert "RUN_DBT_WAITING" not in os.environ


def test_the_lock_of_the_warehouse_is_held_until_dbt_is_gone_and_whoever_kills_the_caller_kills_dbt(warehouse: Path) -> None:
    called = parse(warehouse)
    take = ["flock", "--nonblock", str(warehouse / "dbt.lock"), "true"]
    assert subprocess.run(take, check=False).returncode == 1
    called.kill()
    called.communicate()
    until(lambda: not waiting(warehouse), seconds=10)
    assert not waiting(warehouse)
    assert subprocess.run(take, check=False).returncode == 0


def test_an_interrupt_of_the_caller_interrupts_dbt(warehouse: Path) -> None:
    called = parse(warehouse)
    called.send_signal(signal.SIGINT)
    called.communicate()
    assert called.returncode != 0
    assert not waiting(warehouse)


@AS_ROOT
def test_nobody_else_is_answered(warehouse: Path) -> None:
    stranger = os.fork()
    if stranger == 0:
        heard = 1
        try:
            os.setuid(NOBODY)
            with socket.socket(socket.AF_UNIX) as line:
                line.connect("\0" + os.environ["RUN_DBT_WAITING"])
                heard = len(line.recv(1))
        finally:
            os._exit(heard)
    assert os.waitpid(stranger, 0)[1] == 0, "the line was closed without a word"
    called = call(warehouse, "nonsense")
    assert "No such command" in called.communicate()[0]
    assert not waiting(warehouse), "the call was answered by the one that waited on"


@AS_ROOT
def test_nothing_is_handed_to_somebody_else(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(b"")
        name = door.getsockname()[1:].decode()
        stranger = os.fork()
        if stranger == 0:
            heard = 1
            try:
                os.setuid(NOBODY)
                door.listen()
                heard = len(door.accept()[0].recv(1))
            finally:
                os._exit(heard)
    until(lambda: f"@{name}" in Path("/proc/net/unix").read_text(), seconds=10)
    called = call(tmp_path, "nonsense", RUN_DBT_WAITING=name)
    assert "No such command" in called.communicate()[0]
    assert os.waitpid(stranger, 0)[1] == 0, "it was told nothing"


def test_a_call_is_made_anew_if_who_waited_died_before_it_began(warehouse: Path) -> None:
    until(lambda: bool(waiting(warehouse)), seconds=10)
    os.kill(number_of(warehouse), signal.SIGSTOP)
    called = call(warehouse, "nonsense")
    until(lambda: any("hand_over" in process for process in processes_of(warehouse)), seconds=10)
    os.kill(number_of(warehouse), signal.SIGKILL)
    assert "No such command" in called.communicate()[0]
    assert called.returncode == 2


def test_dbt_that_is_killed_is_killed_for_its_caller(warehouse: Path) -> None:
    called = parse(warehouse)
    os.kill(number_of(warehouse), signal.SIGKILL)
    called.communicate()
    assert called.returncode == -signal.SIGKILL
