"""kill -9 at 50 random moments of a run: worker alone or whole tree, from the first second to publishing, then a run to its end.

Two warehouses take the kills in turn, side by side; each run after a kill goes on from what the kills before it left.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from pipelines.ledger import Ledger
from tests.conftest import I315, Office, clean_environment, deliveries, table_bytes
from tests.kills import FINISHED, PATIENCE, processes_of, until

QUARTER, SEED_OF_DELIVERIES = "2022Q1", 11
N_KILLS = 50
QUEUE_FREE = 60  # seconds
SEED = 315


@dataclass
class Tally:
    """What came of the kills in one warehouse."""

    hit: int = 0
    clean: int = 0
    longest: float = 0
    faults: list[str] = field(default_factory=list)


def test_fifty_killed_runs_are_each_followed_by_a_clean_one(tmp_path: Path) -> None:
    drop = deliveries(tmp_path / "drop", SEED_OF_DELIVERIES, QUARTER, QUARTER)
    quiet = Office(drop, tmp_path / "quiet", tmp_path)
    assert quiet.run(QUARTER).returncode == 0
    undisturbed = table_bytes(quiet.edition(QUARTER))
    chance = random.Random(SEED)
    plans = [[(chance.random(), chance.random() < 0.5) for _ in range(N_KILLS // 2)] for _ in range(2)]
    started = time.monotonic()
    with ThreadPoolExecutor(2) as two:
        offices = [Office(drop, tmp_path / name, tmp_path) for name in ("left", "right")]
        tallies = list(two.map(lambda office, plan: _killed(office, plan, undisturbed), offices, plans))
    hit, clean = sum(each.hit for each in tallies), sum(each.clean for each in tallies)
    faults = [fault for each in tallies for fault in each.faults]
    print(f"\nkills: {clean} of {N_KILLS} followed by a clean run, {hit} hit a run under way, {time.monotonic() - started:.0f} s; ", end="")
    print(
        f"the longest wait for the run after a kill to begin its work: {max(each.longest for each in tallies):.1f} s (at most {QUEUE_FREE})"
    )
    assert faults == []
    assert clean == N_KILLS
    assert max(each.longest for each in tallies) <= QUEUE_FREE


def _killed(office: Office, plan: list[tuple[float, bool]], undisturbed: dict[str, bytes]) -> Tally:
    tally, length = Tally(), 60.0
    for moment, is_group in plan:
        tally.hit += _kill(office, moment * length, is_group)
        begun = time.monotonic()
        again = subprocess.run(
            office.command(QUARTER), cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        length = time.monotonic() - begun
        tally.longest = max(tally.longest, _seconds_to_first_work(again.stdout))
        faults = _faults(office, again, undisturbed)
        tally.clean += not faults
        tally.faults += [f"after a kill at {moment:.2f} of a run ({'group' if is_group else 'process'}): {fault}" for fault in faults]
    return tally


def _kill(office: Office, seconds: float, is_group: bool) -> bool:
    run = subprocess.Popen(
        office.command(QUARTER),
        cwd=office.cwd,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    is_under_way = run.poll() is None
    if is_under_way and is_group:
        os.killpg(run.pid, signal.SIGKILL)
    elif is_under_way:
        run.kill()
    run.wait()
    until(lambda: not processes_of(office.warehouse), seconds=10)
    return is_under_way


def _seconds_to_first_work(told: str) -> float:
    """When the run said that it had landed something: the lock, the queue and the pool were free by then."""
    return next((float(line.split()[0]) for line in told.splitlines() if "s  landing" in line), float("inf"))


def _faults(office: Office, again: subprocess.CompletedProcess[str], undisturbed: dict[str, bytes]) -> list[str]:
    faults = [] if again.returncode == 0 else [f"exit code {again.returncode}: {again.stderr}"]
    numbers = sorted(path.name for path in (office.warehouse / "editions" / QUARTER).iterdir())
    faults += [] if numbers == ["001"] else [f"editions {numbers}"]
    faults += [] if table_bytes(office.edition(QUARTER)) == undisturbed else ["other tables than an undisturbed run's"]
    verify = [str(I315), "verify", QUARTER, "--warehouse", str(office.warehouse)]
    verified = subprocess.run(verify, cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False)
    faults += [] if verified.returncode == 0 else [f"verify: {verified.stderr}"]
    faults += [f"scratch left: {path.name}" for path in office.warehouse.rglob(".tmp-*")]
    with dg.DagsterInstance.from_config(str(office.warehouse / "dagster_home")) as instance:
        faults += [f"run left {run.status.value}" for run in instance.get_runs() if run.status not in FINISHED]
        storage = instance.event_log_storage
        taken = [key for key in storage.get_concurrency_keys() if storage.get_concurrency_info(key).active_slot_count]
        faults += [f"slot of pool {key} taken" for key in taken]
    publications = len(Ledger(f"sqlite:///{office.warehouse / 'ledger.sqlite'}", is_reader=True).entries("publication"))
    return faults if publications == 1 else [*faults, f"{publications} publications in the ledger"]
