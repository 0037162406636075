"""A run that is killed (kill -9) at any moment is followed by a clean run: same bytes, one edition, nothing left, nothing stuck.

Here: the moments that are worst to die in. `make bench` kills at 50 random ones.
The kills happen side by side on both cores, each in an empty warehouse of its own; the claims are then read from the warehouses.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.ledger import Ledger
from tests.conftest import I315, Office, clean_environment, table_bytes
from tests.kills import FINISHED, QUARTER, Aftermath, Moment, dbt_writes, edition_is_in_place, edition_is_written, kill_and_run_again

MOMENTS = {
    "while dbt builds, dbt left alone": (Moment("rulesets", dbt_writes, seconds_later=6, is_group=False),),
    "while the edition is written, then before it is recorded": (Moment("gate", edition_is_written), Moment("gate", edition_is_in_place)),
}


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
    assert "while dbt builds, dbt left alone" in hit, "only a kill between the two runs of a quarter leaves none behind"


def test_no_run_is_left_unfinished_and_no_slot_of_a_pool_is_taken_after_a_kill(aftermath: Aftermath) -> None:
    with dg.DagsterInstance.from_config(str(aftermath.office.warehouse / "dagster_home")) as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
        assert set(states.values()) <= FINISHED, states
        assert {states[run_id] for run_id in aftermath.unfinished} <= {DagsterRunStatus.FAILURE}, "a killed run is told as failed"
        storage = instance.event_log_storage
        pools = {key: storage.get_concurrency_info(key) for key in storage.get_concurrency_keys()}
        assert "warehouse" in pools
        assert {key: (info.active_slot_count, info.pending_step_count) for key, info in pools.items()} == dict.fromkeys(pools, (0, 0))
