"""Dagster's parts as services of their own, for a server that runs them apart (deploy/systemd): code server, webserver, daemon.

Here: their command lines, the file that tells two of them where the third is, and runs that ended with a code server. Not here: the
UI that a person starts (cli/operating.py), the auditors' door (door).
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipelines.durable import write_bytes

LOOPBACK = "127.0.0.1"
LOCATION = "pipelines.definitions"
_LAUNCHED_AT = ".dagster/grpc_info"
_BEGUN = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]


class Part(StrEnum):
    """A part of Dagster that runs as a service; code and runs are in the first, which the other two reach through a socket."""

    CODE_SERVER = "code-server"
    WEBSERVER = "webserver"
    DAEMON = "daemon"


def command(part: Part, home: Path, socket: Path, port: int) -> list[str]:
    """What a service executes; the webserver listens on loopback, for Dagster has no login."""
    python = [sys.executable, "-m"]
    if part is Part.CODE_SERVER:
        # Runs are started with this Python: a service has no virtual environment on its PATH.
        own = ["--use-python-environment-entry-point", "--location-name", LOCATION]
        return [*python, "dagster", "api", "grpc", "--module-name", LOCATION, "--socket", str(socket), *own]
    workspace = ["--workspace", str(_told_where(home, socket))]
    if part is Part.WEBSERVER:
        return [*python, "dagster_webserver", *workspace, "--host", LOOPBACK, "--port", str(port)]
    return [str(Path(sys.executable).parent / "dagster-daemon"), "run", *workspace]


def end_runs_of(instance: dg.DagsterInstance, socket: Path) -> list[str]:
    """End the runs that a code server on this socket had begun; to be asked before the next one starts.

    They are processes of the one before and ended with it, which Dagster's daemon does not notice; its queue would wait for hours.
    """
    ended = []
    for run in instance.get_runs(filters=RunsFilter(statuses=_BEGUN)):
        if json.loads(run.tags.get(_LAUNCHED_AT, "{}")).get("socket") == str(socket):
            instance.report_run_failed(run, "The code server of this run was ended; the run was ended with it, so that the queue goes on.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended.append(run.run_id)
    return ended


def _told_where(home: Path, socket: Path) -> Path:
    file = home / "workspace.yaml"
    location = {"grpc_server": {"socket": str(socket), "location_name": LOCATION}}
    write_bytes(file, json.dumps({"load_from": [location]}).encode())  # JSON is YAML.
    return file
