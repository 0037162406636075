"""Dagster's parts as services of their own, as deploy/systemd starts them: they find each other, and a code server's death ends its run.

Code server, webserver and daemon over the sample's first quarter; a run is started through the UI, its code server killed with all that it
had started, and another one started in its place. The queue must not wait for the dead run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import I315, PROJECT, clean_environment

PATIENCE = 300
QUARTER = "2022Q1"
STATES = (
    "{ workspaceOrError { ... on Workspace { locationEntries { loadStatus } } } "
    "instance { daemonHealth { allDaemonStatuses { healthy } } } }"
)
RUNS = "{ runsOrError { ... on Runs { results { status } } } }"
LAUNCH = "mutation($p: ExecutionParams!) { launchRun(executionParams: $p) { __typename } }"


@contextmanager
def part(name: str, folder: Path, *options: str) -> Iterator[None]:
    """A part that runs until the block ends, then is killed with all that it started."""
    settings = {"I315_DATA_RAW": str(folder / "drop"), "I315_WAREHOUSE": str(folder / "warehouse"), "I315_AUTOMATION": "false"}
    settings |= {"I315_TAX_URL": f"sqlite:///{PROJECT / 'data_raw' / 'tax.sqlite'}", "PATH": "/usr/bin:/bin"}
    arguments = [str(I315), "serve", name, "--socket", str(folder / "code.sock"), *options]
    with (folder / f"{name}.log").open("a") as log:
        process = subprocess.Popen(
            arguments, cwd="/", env=clean_environment() | settings, start_new_session=True, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def asked(port: int, query: str, **variables: Any) -> dict[str, Any]:
    content = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())["data"]
    return found


def wait_until(is_so: Callable[[], bool]) -> float:
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        try:
            if is_so():
                return time.monotonic() - started
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass  # The webserver is not up yet.
        time.sleep(0.5)
    raise AssertionError(f"not within {PATIENCE} s")


def test_parts_find_each_other_and_a_dead_code_server_blocks_no_queue(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "data_raw" / QUARTER, tmp_path / "drop" / QUARTER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def statuses() -> list[str]:
        return [run["status"] for run in asked(port, RUNS)["runsOrError"]["results"]]

    def is_launched() -> bool:
        """Start a run; while a code server is loading the code, the webserver answers with an error."""
        selector = {"repositoryLocationName": "pipelines.definitions", "repositoryName": "__repository__", "jobName": "refresh"}
        tags = {"tags": [{"key": "dagster/partition", "value": QUARTER}]}
        found = asked(port, LAUNCH, p={"selector": selector, "runConfigData": {}, "executionMetadata": tags})
        return bool(found["launchRun"]["__typename"] == "LaunchRunSuccess")

    def is_whole() -> bool:
        found = asked(port, STATES)
        loaded = [entry["loadStatus"] for entry in found["workspaceOrError"]["locationEntries"]]
        healthy = [daemon["healthy"] for daemon in found["instance"]["daemonHealth"]["allDaemonStatuses"]]
        return loaded == ["LOADED"] and all(healthy)

    print()
    with ExitStack() as code, ExitStack() as others:
        code.enter_context(part("code-server", tmp_path))
        wait_until((tmp_path / "code.sock").exists)
        others.enter_context(part("webserver", tmp_path, "--port", str(port)))
        others.enter_context(part("daemon", tmp_path))
        print(f"  three parts found each other, every daemon healthy        {wait_until(is_whole):6.1f} s", flush=True)
        wait_until(is_launched)
        wait_until(lambda: statuses() == ["STARTED"])
        code.close()
        assert statuses() == ["STARTED"]
        code.enter_context(part("code-server", tmp_path))
        print(
            f"  run of a killed code server ended by the next one         {wait_until(lambda: statuses() == ['FAILURE']):6.1f} s",
            flush=True,
        )
        wait_until(is_launched)
        print(
            f"  the next run went through                                 {wait_until(lambda: 'SUCCESS' in statuses()):6.1f} s", flush=True
        )
