"""Runs of dead processes are ended before the next one starts; those of living processes and of Dagster's own launcher stay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from pipelines.processes import PROCESS_TAG, process_identity
from pipelines.runs import end_orphaned_runs, instance_of
from pipelines.services import end_runs_of
from pipelines.warehouse import Warehouse


@dg.op
def work() -> None:
    pass


@dg.job
def job() -> None:
    work()


def identity_of_a_dead_process() -> str:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        return process_identity(process.pid)


@pytest.mark.parametrize("status", [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED])
def test_a_run_of_a_dead_process_is_ended_and_its_slot_is_free(tmp_path: Path, status: DagsterRunStatus) -> None:
    with instance_of(Warehouse(tmp_path)) as instance:
        run = instance.create_run_for_job(job, status=status, tags={PROCESS_TAG: identity_of_a_dead_process()})
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("warehouse")
        assert storage.claim_concurrency_slot("warehouse", run.run_id, "step").is_claimed
        assert end_orphaned_runs(instance) == [run.run_id]
        assert instance.get_run_by_id(run.run_id).status is DagsterRunStatus.FAILURE
        assert storage.get_concurrency_info("warehouse").active_slot_count == 0


def test_runs_of_living_processes_and_of_dagsters_own_launcher_stay(tmp_path: Path) -> None:
    with instance_of(Warehouse(tmp_path)) as instance:
        instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags={PROCESS_TAG: process_identity()})
        instance.create_run_for_job(job, status=DagsterRunStatus.NOT_STARTED)
        assert end_orphaned_runs(instance) == []


def test_runs_that_ended_with_their_code_server_are_ended_and_free_their_slots(tmp_path: Path) -> None:
    socket = tmp_path / "code.sock"
    with instance_of(Warehouse(tmp_path)) as instance:
        launched = {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": str(socket)})}
        elsewhere = {".dagster/grpc_info": json.dumps({"host": "localhost", "socket": "/run/other.sock"})}
        begun = instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=launched)
        instance.create_run_for_job(job, status=DagsterRunStatus.SUCCESS, tags=launched)
        instance.create_run_for_job(job, status=DagsterRunStatus.STARTED, tags=elsewhere)
        assert end_runs_of(instance, socket) == [begun.run_id]
        assert instance.get_run_by_id(begun.run_id).status is DagsterRunStatus.FAILURE
