"""How feeds stand by the calendar, which quarters are awaited and due, what people are told of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pipelines.delivery import Delivery
from pipelines.feeds import FEEDS
from pipelines.ledger import Ledger
from pipelines.operation import heartbeat, notices
from pipelines.operation.calendar import load_calendar
from pipelines.operation.lateness import Timetable
from pipelines.operation.releases import due_releases
from pipelines.quarters import BEIJING, Quarter
from pipelines.warehouse import Warehouse

Q3 = Quarter(2023, 3)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def deliver(ledger: Ledger, feed: str, day: dt.date, quarter: Quarter = Q3, *, accepted: bool = True) -> None:
    digest = f"{abs(hash((feed, str(quarter), day))):064x}"[:64]
    ledger.record_delivery(Delivery(str(quarter), feed, digest, f"{day:%Y%m%d}_x.csv", day, 1, 1, accepted, {}), "tester")


def state(ledger: Ledger, data_raw: Path, feed: str, today: dt.date) -> str:
    return Timetable(load_calendar(), ledger, data_raw, today).of_feed(feed, Q3).state


def october(day: int) -> dt.date:
    return dt.date(2023, 10, day)


@pytest.mark.parametrize(("day", "expected"), [(13, "expected"), (14, "overdue"), (20, "overdue"), (21, "missing")])
def test_what_was_not_delivered_is_expected_then_overdue_then_missing(ledger: Ledger, tmp_path: Path, day: int, expected: str) -> None:
    deliver(ledger, "contracts", october(12), accepted=False)
    assert state(ledger, tmp_path, "contracts", october(day)) == expected


@pytest.mark.parametrize(("received", "expected"), [(13, "in time"), (14, "late")])
def test_a_delivery_is_judged_by_the_day_on_which_it_came(ledger: Ledger, tmp_path: Path, received: int, expected: str) -> None:
    deliver(ledger, "contracts", october(received))
    assert state(ledger, tmp_path, "contracts", october(30)) == expected


def test_a_correction_makes_nothing_late(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, "contracts", october(12))
    deliver(ledger, "contracts", october(28))
    assert state(ledger, tmp_path, "contracts", october(30)) == "in time"


def test_what_was_taken_before_the_quarter_could_be_whole_is_partial_until_it_comes_again(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, "contracts", dt.date(2023, 9, 30))
    assert state(ledger, tmp_path, "contracts", october(5)) == "partial"
    deliver(ledger, "contracts", october(12))
    assert state(ledger, tmp_path, "contracts", october(12)) == "in time"


def test_the_tax_extract_is_whole_once_it_was_taken_after_the_closing_marker(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, "tax", october(14))
    assert state(ledger, tmp_path, "tax", october(18)) == "partial"
    deliver(ledger, "tax", october(16))
    assert state(ledger, tmp_path, "tax", october(18)) == "in time"
    marker = tmp_path / "2023Q3" / "tax" / "20231018_征期结束.txt"
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert state(ledger, tmp_path, "tax", october(18)) == "partial"
    deliver(ledger, "tax", october(18))
    assert state(ledger, tmp_path, "tax", october(18)) == "in time"
    marker.rename(marker.with_name("20231025_征期结束.txt"))
    deliver(ledger, "tax", october(25))
    assert state(ledger, tmp_path, "tax", october(25)) == "late"


def test_a_quarter_is_awaited_when_it_has_ended_where_something_was_delivered_before(ledger: Ledger, tmp_path: Path) -> None:
    def awaited(today: dt.date) -> list[str]:
        return [str(quarter) for quarter in Timetable(load_calendar(), ledger, tmp_path, today).awaited()]

    assert awaited(october(5)) == []
    deliver(ledger, "contracts", dt.date(2023, 7, 12), Quarter(2023, 2))
    assert awaited(dt.date(2023, 9, 30)) == ["2023Q2"]
    assert awaited(october(5)) == ["2023Q2", "2023Q3"]
    assert awaited(dt.date(2026, 11, 26)) == []


def told(ledger: Ledger, data_raw: Path, today: dt.date) -> list[str]:
    return [f"{each.title}: {each.state}" for each in notices.of_timetable(Timetable(load_calendar(), ledger, data_raw, today))]


def test_people_are_told_of_what_is_overdue_and_before_the_release_of_all_that_is_wanting(ledger: Ledger, tmp_path: Path) -> None:
    for feed in FEEDS:
        deliver(ledger, feed, dt.date(2023, 7, 30), Quarter(2023, 2))
    assert told(ledger, tmp_path, october(11)) == []
    assert told(ledger, tmp_path, october(12)) == ["2023Q3 计划 2023-11-09 发布: 孵化载体逾期未报"]
    for feed in ("incubators", "contracts", "ledger", "statistics"):
        deliver(ledger, feed, october(11))
    assert told(ledger, tmp_path, october(20)) == []
    assert told(ledger, tmp_path, october(30)) == ["2023Q3 计划 2023-11-09 发布: 税务局未报"]
    deliver(ledger, "tax", october(30))
    assert told(ledger, tmp_path, october(30)) == []


def test_the_calendar_publishes_what_is_due_and_was_delivered_and_nothing_that_is_held_or_old(ledger: Ledger) -> None:
    from pipelines.gate.judged import deliveries_sha256

    calendar, released_on = load_calendar(), dt.date(2023, 11, 9)
    assert due_releases(calendar, ledger, released_on) == []
    deliver(ledger, "contracts", october(12))
    assert due_releases(calendar, ledger, released_on - dt.timedelta(days=1)) == []
    assert due_releases(calendar, ledger, released_on) == [Q3]
    assert due_releases(calendar, ledger, released_on + dt.timedelta(days=121)) == []
    behind = [(*place, delivery.delivery_id) for place, delivery in ledger.in_force().items()]
    payload = {"outcome": "held", "deliveries_sha256": deliveries_sha256(behind)}
    ledger.append("verdict", quarter="2023Q3", subject="s", payload=payload, actor="tester")
    assert due_releases(calendar, ledger, released_on) == []
    deliver(ledger, "ledger", october(13))
    assert due_releases(calendar, ledger, released_on) == [Q3]


def test_a_sensor_or_schedule_that_falls_silent_is_noticed(tmp_path: Path) -> None:
    warehouse, calendar = Warehouse(tmp_path), load_calendar()
    now = dt.datetime(2023, 11, 9, 9, 20, tzinfo=BEIJING)
    assert heartbeat.silences(warehouse, calendar, now) == []
    heartbeat.beat(warehouse, heartbeat.SENSOR, now - dt.timedelta(minutes=14))
    heartbeat.beat(warehouse, heartbeat.SCHEDULE, now - dt.timedelta(minutes=19))
    assert heartbeat.silences(warehouse, calendar, now) == []
    heartbeat.beat(warehouse, heartbeat.SCHEDULE, now - dt.timedelta(hours=24))
    (silence,) = heartbeat.silences(warehouse, calendar, now)
    assert "release schedule: found the last look at 2023-11-08 09:20" in silence
    assert "expected one at 2023-11-09 09:00" in silence
    heartbeat.beat(warehouse, heartbeat.SENSOR, now - dt.timedelta(minutes=16))
    assert len(heartbeat.silences(warehouse, calendar, now)) == 2
