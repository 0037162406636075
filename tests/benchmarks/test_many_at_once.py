"""Several backfills, single runs and readers at once: serialised, none lost, no error shown to anyone; and a backfill from the UI."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import I315, Office, clean_environment, deliveries, table_bytes
from tests.running_ui import RunningUi

SEED, DELIVERED = 11, ("2022Q1", "2023Q1")
ASKED = ("2022Q1..2022Q3", "2022Q2..2022Q4", "2023Q1", "2022Q4..2023Q1", "2023Q1")
PUBLISHED = ("2022Q1", "2022Q2", "2022Q3", "2022Q4", "2023Q1")
READERS = (("status", "--json"), ("verify", "--all"), ("findings", "2023Q1"), ("diff", "2023Q1", "001", "001"))
BACKFILL = """mutation($job: String!, $quarters: [String!]!) { launchPartitionBackfill(backfillParams: {
  selector: {repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "pipelines.definitions"},
             partitionSetName: $job},
  partitionNames: $quarters}) { __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""


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
    begun = time.monotonic()
    # What the drop folder's sensor would start by itself is left to test_without_a_hand.py.
    with RunningUi.over(office, I315_AUTOMATION="false") as ui:
        for job in ("refresh", "release"):
            launched = ui.query(BACKFILL, job=f"{job}_partition_set", quarters=quarters)
            assert launched["data"]["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", launched
            ui.wait_until(lambda job=job: ui.has_ended(job, 1 if job == "refresh" else len(quarters)))
            assert {run["status"] for run in ui.runs(job)} == {"SUCCESS"}
    print(f"\nbackfill from the UI: {len(quarters)} quarters in {time.monotonic() - begun:.0f} s")
    for quarter in quarters:
        assert table_bytes(office.edition(quarter)) == table_bytes(by_command.edition(quarter))
