"""What a data catalogue is told of a run: valid events, names that join from an office's feed to the edition, nothing lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterRun

from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.errors import InfrastructureError, UsageError
from pipelines.openlineage import Dataset, recorded
from pipelines.quarters import Quarter
from pipelines.settings import Settings
from pipelines.workplace import Workplace
from tests.conftest import Office
from tests.openlineage_specification import offences

Event = dict[str, Any]
RUN = DagsterRun(job_name="refresh", run_id="8c0c1f43-9e5b-4b6c-8f52-315315315315")


def events_of(warehouse: Path) -> list[Event]:
    """The events of all runs, one run after the other in order of time: the files bear the runs' ids."""
    runs = [[json.loads(line) for line in file.open(encoding="utf-8")] for file in (warehouse / "openlineage").glob("*.jsonl")]
    return [event for run in sorted(runs, key=lambda run: run[0]["eventTime"]) for event in run]


@pytest.fixture(scope="module")
def events(small: Office) -> list[Event]:
    return events_of(small.warehouse)


@pytest.fixture(scope="module")
def completed(events: list[Event]) -> dict[str, Event]:
    return {event["job"]["name"]: event for event in events if event["eventType"] == "COMPLETE"}


def origins(completed: dict[str, Event]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """(dataset, column) -> where it comes from, over all events of the runs."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for event in completed.values():
        for output in event["outputs"]:
            fields = output["facets"].get("columnLineage", {"fields": {}})["fields"]
            for column, stated in fields.items():
                found[output["name"], column] = {(each["name"], each["field"]) for each in stated["inputFields"]}
    return found


def test_every_event_is_one_of_the_specification(events: list[Event]) -> None:
    assert len(events) > 150
    assert [offence for event in events for offence in offences(event)] == []


def test_the_judge_of_events_finds_what_the_specification_does_not_admit(events: list[Event]) -> None:
    event = json.loads(json.dumps(next(each for each in events if each["job"]["name"] == "edition" and each["eventType"] == "COMPLETE")))
    del event["run"]["runId"]
    event["eventType"] = "DONE"
    event["outputs"][0]["facets"]["schema"]["fields"][0]["kind"] = "varchar"
    del event["outputs"][0]["facets"]["version"]["datasetVersion"]
    event["outputs"][0]["facets"]["columnLineage"]["fields"]["value"]["inputFields"][0]["field"] = 3
    assert len(offences(event)) == 5


def test_every_step_and_model_is_told_of_from_its_start_to_its_end(events: list[Event], completed: dict[str, Event]) -> None:
    started = [event["job"]["name"] for event in events if event["eventType"] == "START"]
    assert sorted(started) == sorted(completed)
    assert {"land_contracts", "land_tax", "in_force", "rule_tables", "warehouse", "warehouse.int_cells", "gate", "edition"} <= set(started)
    assert {event["run"]["facets"]["parent"]["job"]["name"] for name, event in completed.items() if "." in name} == {"warehouse"}


def test_what_a_step_reads_was_written_by_one_before_it_or_is_a_feed_a_ruleset_or_published_already(events: list[Event]) -> None:
    written: set[str] = set()
    for event in events:
        for name in (each["name"] for each in event["inputs"]):
            assert name in written or name.startswith(("feeds/", "rulesets/", "landing/published/")), f"{event['job']['name']} reads {name}"
        written |= {each["name"] for each in event["outputs"]}
    assert {f"edition/{table.name}" for table in WAREHOUSE_TABLES} <= written


def test_a_published_value_leads_to_the_headers_that_the_offices_wrote(completed: dict[str, Event]) -> None:
    parents = origins(completed)
    found, waiting = set(), [("edition/indicators", "value")]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += parents.get(place, ())
    assert ("feeds/contracts", "contracts.技术交易额(万元)") in {place for place in found if place[0].startswith("feeds/")}
    assert {place[0] for place in found if place[0].startswith("feeds/")} == {
        f"feeds/{each}" for each in ("statistics", "contracts", "incubators", "tax", "ledger")
    }


def test_the_gate_tells_which_rules_passed_and_the_edition_which_one_it_is(completed: dict[str, Event]) -> None:
    judged = {each["name"]: each["inputFacets"]["dataQualityAssertions"]["assertions"] for each in completed["gate"]["inputs"]}
    assert all(assertion["success"] for assertion in judged["ed_indicators"])
    assert {each["facets"]["version"]["datasetVersion"] for each in completed["edition"]["outputs"]} == {"2023Q1/001"}
    assert completed["edition"]["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2023-01-01T00:00:00+08:00"


def test_no_path_of_this_machine_is_told(small: Office) -> None:
    assert str(small.cwd) not in "".join(file.read_text() for file in (small.warehouse / "openlineage").glob("*.jsonl"))


def test_a_step_that_fails_is_told_of_as_failed_with_what_it_had_read(tmp_path: Path) -> None:
    workplace = Workplace(Settings(warehouse=tmp_path))

    def step() -> None:
        with recorded(workplace, RUN, [Quarter(2023, 1)], "land_contracts") as recording:
            recording.reads(Dataset("feeds/contracts"))
            raise UsageError("no such quarter")

    with pytest.raises(UsageError):
        step()
    last = events_of(tmp_path)[-1]
    assert (last["eventType"], [each["name"] for each in last["inputs"]], last["outputs"]) == ("FAIL", ["feeds/contracts"], [])
    assert offences(last) == []


def test_a_step_does_not_run_on_if_its_lineage_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "openlineage" / f"{RUN.run_id}.jsonl").mkdir(parents=True)
    has_run = False
    with (
        pytest.raises(InfrastructureError, match="lineage of this run cannot be written"),
        recorded(Workplace(Settings(warehouse=tmp_path)), RUN, [], "land_tax"),
    ):
        has_run = True
    assert not has_run
