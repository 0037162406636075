"""On Dagster's real daemon: what is dropped into the folder becomes an edition without a hand, and what comes during a run is not lost."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from pathlib import Path

import yaml

from pipelines.ledger import Ledger
from pipelines.operation.calendar import OFFICIAL
from pipelines.quarters import BEIJING, Quarter
from tests.conftest import Office, deliveries
from tests.running_ui import RunningUi

SEED, DELIVERED, NEW = 12, ("2022Q1", "2023Q1"), "2023Q1"
MINUTES_TO_RELEASE = 6


def test_a_delivery_becomes_an_edition_without_a_hand_and_none_is_lost(tmp_path: Path) -> None:
    office = Office(deliveries(tmp_path / "drop", SEED, *DELIVERED), tmp_path / "warehouse", tmp_path)
    kept_back = tmp_path / "kept_back"
    shutil.move(office.data_raw / NEW, kept_back)
    assert office.run("2022Q4").returncode == 0
    ledger = Ledger(f"sqlite:///{office.warehouse / 'ledger.sqlite'}", is_reader=True)
    release = dt.datetime.now(BEIJING) + dt.timedelta(minutes=MINUTES_TO_RELEASE)
    calendar = released_on(tmp_path / "calendar.yml", Quarter.parse(NEW), release)
    begun = time.monotonic()
    with RunningUi.over(office, I315_CALENDAR=str(calendar)) as ui:
        drop(kept_back, office, "contracts")
        ui.wait_until(lambda: "STARTED" in {run["status"] for run in ui.runs("refresh")})
        print(f"\nwithout a hand: a run is under way {time.monotonic() - begun:.0f} s after the daemon's start and the first delivery")
        # During the run: two drops, one after the other.
        drop(kept_back, office, "statistics")
        time.sleep(5)
        for feed in ("incubators", "ledger"):
            drop(kept_back, office, feed)
        assert "STARTED" in {run["status"] for run in ui.runs("refresh")}, "the run ended before the drops"
        ui.wait_until(lambda: {feed for quarter, feed in ledger.in_force() if quarter == NEW} == {*FEEDS, "tax"})
        ui.wait_until(lambda: ui.has_ended("refresh", 2))
        refreshed = ui.runs("refresh")
        assert {run["status"] for run in refreshed} == {"SUCCESS"}
        landed = time.monotonic() - begun
        print(f"without a hand: all feeds landed after {landed:.0f} s in {len(refreshed)} runs, two drops during the first of them")
        ui.wait_until(lambda: ui.has_ended("quarter", 1))
    released = ledger.entries("verdict", NEW)[-1]
    latest = json.loads((office.warehouse / "editions" / "latest.json").read_bytes())
    is_published = NEW in latest
    assert is_published == (released.payload["outcome"] == "ready")
    state = "published" if is_published else "held"
    print(f"without a hand: {NEW} {state} by the schedule {(dt.datetime.now(BEIJING) - release).total_seconds():.0f} s after its hour")


FEEDS = ("contracts", "statistics", "incubators", "ledger")


def released_on(path: Path, quarter: Quarter, moment: dt.datetime) -> Path:
    """A calendar that releases a quarter at a moment."""
    calendar = yaml.safe_load(OFFICIAL.read_text(encoding="utf-8"))
    calendar["released_at"] = {"hour": moment.hour, "minute": moment.minute}
    day = {"quarter": str(quarter), "what": "release", "day": moment.date(), "reason_zh": "试验", "reason_en": "trial"}
    path.write_text(yaml.safe_dump(calendar | {"exceptions": [day]}, allow_unicode=True), encoding="utf-8")
    return path


def drop(kept_back: Path, office: Office, feed: str) -> None:
    """Put an office's delivery into the drop folder as people do: by copying."""
    shutil.copytree(kept_back / feed, office.data_raw / NEW / feed)
