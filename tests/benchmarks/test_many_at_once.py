"""Several backfills, single runs and readers at once: serialised, none lost, no error shown to anyone; and a backfill from the UI."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.conftest import I315, Office, clean_environment, deliveries, table_bytes

SEED, DELIVERED = 11, ("2022Q1", "2023Q1")
ASKED = ("2022Q1..2022Q3", "2022Q2..2022Q4", "2023Q1", "2022Q4..2023Q1", "2023Q1")
PUBLISHED = ("2022Q1", "2022Q2", "2022Q3", "2022Q4", "2023Q1")
PATIENCE = 900  # seconds for all runs
READERS = (("status", "--json"), ("verify", "--all"), ("findings", "2023Q1"), ("diff", "2023Q1", "001", "001"))
BACKFILL = """mutation($job: String!, $quarters: [String!]!) { launchPartitionBackfill(backfillParams: {
  selector: {repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "pipelines.definitions"},
             partitionSetName: $job},
  partitionNames: $quarters}) { __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
RUNS = "{ runsOrError { ... on Runs { results { runId jobName status } } } }"


def asked(office: Office, *command: str) -> subprocess.CompletedProcess[str]:
    places = office.places if command[0] == "status" else office.places[2:4]
    return subprocess.run(
        [str(I315), *command, *places], cwd=office.cwd, env=clean_environment(), capture_output=True, text=True, check=False
    )


def in_force(office: Office) -> dict[str, str]:
    latest = office.warehouse / "editions" / "latest.json"
    return {quarter: each["edition"] for quarter, each in json.loads(latest.read_bytes()).items()} if latest.exists() else {}


def test_runs_and_readers_at_once_disturb_nobody(tmp_path: Path) -> None:
    office = Office(deliveries(tmp_path / "drop", SEED, *DELIVERED), tmp_path / "warehouse", tmp_path)
    with ThreadPoolExecutor(len(ASKED)) as together:
        runs = [together.submit(office.run, quarters) for quarters in ASKED]
        read: dict[tuple[str, ...], list[subprocess.CompletedProcess[str]]] = {reader: [] for reader in READERS}
        while not all(run.done() for run in runs):
            for reader, told in read.items():
                if reader[0] == "status" or "2023Q1" in in_force(office):
                    told.append(asked(office, *reader))
            time.sleep(1)
        finished = [run.result() for run in runs]
    for quarters, run in zip(ASKED, finished, strict=True):
        assert run.returncode == 0, f"{quarters}: {run.stdout}{run.stderr}"
    troubled = [f"{each.args}: {each.stdout}{each.stderr}" for told in read.values() for each in told if each.returncode]
    print(f"\nat once: {len(runs)} runs and {sum(map(len, read.values()))} answers to readers, {len(troubled)} of them troubled")
    assert troubled == []
    assert in_force(office) == dict.fromkeys(PUBLISHED, "001")
    assert asked(office, "verify", "--all").returncode == 0


def test_a_backfill_from_the_ui_gives_the_editions_of_the_command_line(small: Office, tmp_path: Path) -> None:
    quarters = ["2022Q4", "2023Q1"]
    by_command = Office(small.data_raw, tmp_path / "by_command", tmp_path)
    assert by_command.run("..".join(quarters)).returncode == 0
    office = Office(small.data_raw, tmp_path / "by_ui", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tax = f"sqlite:///{office.data_raw / 'tax.sqlite'}"
    environment = clean_environment() | {
        "I315_DATA_RAW": str(office.data_raw),
        "I315_WAREHOUSE": str(office.warehouse),
        "I315_TAX_URL": tax,
    }
    ui = subprocess.Popen(
        [str(I315), "ui", "--port", str(port)],
        cwd=tmp_path,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    begun = time.monotonic()
    try:
        for job in ("refresh", "release"):
            _wait(lambda: "data" in _query(port, RUNS))
            launched = _query(port, BACKFILL, job=f"{job}_partition_set", quarters=quarters)
            assert launched["data"]["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", launched
            _wait(lambda job=job: _ended(port, job, 1 if job == "refresh" else len(quarters)))
            assert {run["status"] for run in _runs(port, job)} == {"SUCCESS"}
    finally:
        os.killpg(ui.pid, signal.SIGKILL)
        ui.wait()
    print(f"\nbackfill from the UI: {len(quarters)} quarters in {time.monotonic() - begun:.0f} s")
    for quarter in quarters:
        assert table_bytes(office.edition(quarter)) == table_bytes(by_command.edition(quarter))


def _ended(port: int, job: str, at_least: int) -> bool:
    runs = _runs(port, job)
    return len(runs) >= at_least and all(run["status"] in ("SUCCESS", "FAILURE", "CANCELED") for run in runs)


def _runs(port: int, job: str) -> list[dict[str, str]]:
    # A backfill of assets runs under a name of Dagster's own; the first one here is the refresh.
    results: list[dict[str, str]] = _query(port, RUNS)["data"]["runsOrError"]["results"]
    return [run for run in results if run["jobName"] == job]


def _wait(is_so: Any) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if is_so():
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass  # The server is not up yet.
        time.sleep(1)
    raise AssertionError(f"not within {PATIENCE} s")


def _query(port: int, text: str, **variables: Any) -> dict[str, Any]:
    content = json.dumps({"query": text, "variables": variables}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found
