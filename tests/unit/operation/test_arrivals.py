"""What the drop folder's sensor asks for: every quarter for which something arrived, once, until a run has served it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.delivery import Delivery
from pipelines.errors import UsageError
from pipelines.landing.archive import sha256_of
from pipelines.ledger import Ledger
from pipelines.operation.arrivals import DropFolderWatch
from pipelines.operation.automation import arrivals_sensor
from pipelines.quarters import Quarter, span
from pipelines.settings import load_settings
from pipelines.workplace import Workplace

QUARTERS = span(Quarter(2023, 1), Quarter(2023, 4))


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(load_settings(data_raw=tmp_path / "drop", warehouse=tmp_path / "warehouse"))


def drop(workplace: Workplace, name: str, content: bytes = b"x") -> Path:
    path = workplace.settings.data_raw / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def landed(ledger: Ledger, path: Path) -> None:
    quarter, feed, name = path.parts[-3:]
    ledger.record_delivery(Delivery(quarter, feed, sha256_of(path), name, dt.date(2023, 10, 12), 1, 1, False, {}, {"code": "x"}), "tester")


def look(watch: DropFolderWatch, workplace: Workplace) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(each.quarter), each.feeds) for each in watch.look(workplace.settings.data_raw, workplace.ledger, QUARTERS)]


def test_a_file_arrives_when_two_looks_find_it_the_same(workplace: Workplace) -> None:
    watch = DropFolderWatch()
    path = drop(workplace, "2023Q3/contracts/20231012_x.csv")
    assert look(watch, workplace) == []
    path.write_bytes(b"xy")
    assert look(watch, workplace) == []
    assert look(watch, workplace) == [("2023Q3", ("contracts",))]
    landed(workplace.ledger, path)
    assert look(watch, workplace) == []


def test_other_bytes_under_a_known_name_arrive(workplace: Workplace) -> None:
    watch = DropFolderWatch()
    path = drop(workplace, "2023Q3/contracts/20231012_x.csv")
    landed(workplace.ledger, path)
    assert look(watch, workplace) == look(watch, workplace) == []
    path.write_bytes(b"other")
    assert look(watch, workplace) == []
    assert look(watch, workplace) == [("2023Q3", ("contracts",))]


def test_what_is_being_copied_or_was_named_by_nobody_is_told_apart(workplace: Workplace) -> None:
    watch = DropFolderWatch()
    drop(workplace, "2023Q2/ledger/20230712_x.xlsx.part")
    drop(workplace, "2023Q2/ledger/~$20230712_x.xlsx")
    drop(workplace, "2023Q4/ledger/x.xlsx")
    look(watch, workplace)
    assert look(watch, workplace) == [("2023Q4", ("ledger",))], "a misnamed delivery is to be refused by a run, in its office's words"


def test_a_delivery_where_nobody_looks_is_an_error(workplace: Workplace) -> None:
    drop(workplace, "2023Q3/20231012_x.csv")
    with pytest.raises(UsageError, match="expected deliveries in one of the folders"):
        look(DropFolderWatch(), workplace)


class Sensor:
    """The sensor looked at through Dagster, with runs that end as a test says."""

    def __init__(self, workplace: Workplace, instance: dg.DagsterInstance) -> None:
        self._sensor, self._workplace, self._instance = arrivals_sensor(dg.DefaultSensorStatus.RUNNING), workplace, instance

    def look(self) -> list[tuple[str, dict[str, str]]]:
        context = dg.build_sensor_context(instance=self._instance, resources={"workplace": self._workplace})
        result: Any = self._sensor(context)
        asked = [(request.partition_key, dict(request.tags)) for request in result.run_requests]
        self.events = list(result.asset_events)
        return asked

    def run(self, asked: tuple[str, dict[str, str]], status: dg.DagsterRunStatus) -> None:
        @dg.job(name="refresh")
        def refresh() -> None:
            pass

        run_tags = asked[1] | {"dagster/partition": asked[0]}
        self._instance.create_run_for_job(refresh, tags=run_tags, status=status)


@pytest.fixture
def sensor(workplace: Workplace) -> Iterator[Sensor]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Sensor(workplace, instance)


def test_two_drops_during_a_run_give_one_run_more(sensor: Sensor, workplace: Workplace) -> None:
    first = drop(workplace, "2023Q3/contracts/20231012_x.csv")
    assert sensor.look() == []
    (asked,) = sensor.look()
    assert asked[0] == "2023Q3"
    sensor.run(asked, dg.DagsterRunStatus.STARTED)
    assert sensor.look() == []
    landed(workplace.ledger, first)
    drop(workplace, "2023Q3/ledger/20231013_x.xlsx")
    drop(workplace, "2023Q3/contracts/20231012-2_x.csv")
    assert sensor.look() == []
    (further,) = sensor.look()
    assert further[0] == "2023Q3"
    assert further[1] != asked[1]


def test_a_run_that_failed_is_tried_again_later_and_not_for_ever(
    sensor: Sensor, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.operation import automation

    drop(workplace, "2023Q3/contracts/20231012_x.csv")
    sensor.look()
    (asked,) = sensor.look()
    for tries in range(1, automation._MOST_TRIES + 1):
        sensor.run(asked, dg.DagsterRunStatus.FAILURE)
        assert sensor.look() == [], "at once"
        with monkeypatch.context() as later:
            later.setattr(automation, "_RETRY_AFTER", dt.timedelta(0))
            assert sensor.look() == ([asked] if tries < automation._MOST_TRIES else [])


def test_the_closing_marker_of_the_tax_office_asks_for_its_quarter_once(sensor: Sensor, workplace: Workplace) -> None:
    drop(workplace, "2023Q3/tax/20231020_征期结束.txt")
    (asked,) = sensor.look()
    assert asked[0] == "2023Q3"
    sensor.run(asked, dg.DagsterRunStatus.SUCCESS)
    assert sensor.look() == []
    drop(workplace, "2023Q3/tax/20231025_延期征期结束.txt")
    assert len(sensor.look()) == 1


def test_what_is_awaited_is_shown_on_landing_when_it_changes(sensor: Sensor, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.operation import automation

    before = Delivery("2023Q2", "contracts", "0" * 64, "20230712_x.csv", dt.date(2023, 7, 12), 1, 1, True, {})
    workplace.ledger.record_delivery(before, "tester")
    monkeypatch.setattr(automation, "today_in_beijing", lambda: dt.date(2023, 10, 14))
    sensor.look()
    shown = {(event.asset_key.path[1], event.partition): event.passed for event in sensor.events if event.partition == "2023Q3"}
    assert shown == {
        ("contracts", "2023Q3"): False,
        ("incubators", "2023Q3"): False,
        ("ledger", "2023Q3"): True,
        ("statistics", "2023Q3"): True,
        ("tax", "2023Q3"): True,
    }
    sensor.look()
    assert sensor.events == []
