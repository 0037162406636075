"""A run that is killed (kill -9) at any moment is followed by a clean run: same bytes, one edition, nothing left, nothing stuck.

Here: the moments that are worst to die in, one after the other in the same warehouse: each run starts on what the kill before it left.
`make bench` kills at 50 random ones, each followed by a run to the end.
"""

from __future__ import annotations

import json
import subprocess

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.ledger import Ledger
from tests.conftest import I315, Office, clean_environment, table_bytes
from tests.kills import FINISHED, QUARTER, Aftermath, Moment, dbt_writes, edition_is_in_place, edition_is_written, kill_and_run_again

WHILE_DBT_BUILDS = Moment("rulesets", dbt_writes, seconds_later=6, is_group=False)  # the run alone: dbt is left behind
WHILE_THE_EDITION_IS_WRITTEN = Moment("gate", edition_is_written)
BEFORE_IT_IS_RECORDED = Moment("gate", edition_is_in_place)


@pytest.fixture(scope="module")
def aftermath(small: Office, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Three kills and the run after them; `small` is the run that nobody disturbed."""
    root = tmp_path_factory.mktemp("killed")
    office = Office(small.data_raw, root / "warehouse", root)
    return kill_and_run_again(office, (WHILE_DBT_BUILDS, WHILE_THE_EDITION_IS_WRITTEN, BEFORE_IT_IS_RECORDED))


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


def test_the_kill_while_dbt_built_hit_a_run_under_way(aftermath: Aftermath) -> None:
    assert aftermath.unfinished[0], "only a kill between the two runs of a quarter leaves none behind"


def test_no_run_is_left_unfinished_and_no_slot_of_a_pool_is_taken_after_a_kill(aftermath: Aftermath) -> None:
    with dg.DagsterInstance.from_config(str(aftermath.office.warehouse / "dagster_home")) as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
        assert set(states.values()) <= FINISHED, states
        assert {states[run_id] for run_id in set().union(*aftermath.unfinished)} <= {DagsterRunStatus.FAILURE}, (
            "a killed run is told as failed"
        )
        storage = instance.event_log_storage
        pools = {key: storage.get_concurrency_info(key) for key in storage.get_concurrency_keys()}
        assert "warehouse" in pools
        assert {key: (info.active_slot_count, info.pending_step_count) for key, info in pools.items()} == dict.fromkeys(pools, (0, 0))
