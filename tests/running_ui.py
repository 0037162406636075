"""Dagster's UI and daemon over an office, as `i315 ui` starts them, asked through GraphQL and ended with the block."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.conftest import I315, Office, clean_environment

PATIENCE = 900  # seconds for anything
RUNS = "{ runsOrError { ... on Runs { results { runId jobName status tags { key value } } } } }"
ENDED = ("SUCCESS", "FAILURE", "CANCELED")


@dataclass(frozen=True)
class RunningUi:
    """A UI that answers on a port of the loopback."""

    port: int

    @staticmethod
    @contextmanager
    def over(office: Office, **settings: str) -> Iterator[RunningUi]:
        """Started over an office with further settings; killed with all that it started."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        tax = f"sqlite:///{office.data_raw / 'tax.sqlite'}"
        places = {"I315_DATA_RAW": str(office.data_raw), "I315_WAREHOUSE": str(office.warehouse), "I315_TAX_URL": tax}
        process = subprocess.Popen(
            [str(I315), "ui", "--port", str(port)],
            cwd=office.cwd,
            env=clean_environment() | places | settings,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ui = RunningUi(port)
        try:
            ui.wait_until(lambda: "data" in ui.query(RUNS))
            yield ui
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        """The answer to a GraphQL document."""
        content = json.dumps({"query": text, "variables": variables}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", content, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def runs(self, job: str) -> list[dict[str, Any]]:
        """Runs of a job, the newest first; a backfill of assets runs under a name of Dagster's own."""
        results: list[dict[str, Any]] = self.query(RUNS)["data"]["runsOrError"]["results"]
        return [run for run in results if run["jobName"] == job]

    def has_ended(self, job: str, at_least: int) -> bool:
        """Whether so many runs of a job were there and none is under way."""
        runs = self.runs(job)
        return len(runs) >= at_least and all(run["status"] in ENDED for run in runs)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Look every second; an assertion fails if it is not so within `PATIENCE`."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if is_so():
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass  # The server is not up yet.
            time.sleep(1)
        raise AssertionError(f"not within {PATIENCE} s")
