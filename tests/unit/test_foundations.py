"""Quarters, settings, the ledger's chain and durable writes."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.delivery import Delivery
from pipelines.durable import beside, remove_scratch_of_dead_processes, written_beside
from pipelines.errors import LedgerBroken, UsageError
from pipelines.ledger import Ledger
from pipelines.processes import is_alive, process_identity
from pipelines.quarters import Quarter, parse_range, partition_keys
from pipelines.settings import load_settings


def test_a_quarter_rests_on_all_quarters_from_the_year_before() -> None:
    assert [str(q) for q in Quarter.parse("2023Q2").inputs()] == ["2022Q1", "2022Q2", "2022Q3", "2022Q4", "2023Q1", "2023Q2"]


def test_an_edition_rests_on_all_quarters_before_it() -> None:
    history = Quarter.parse("2023Q2").history()
    assert (str(history[0]), str(history[-1]), len(history)) == ("2019Q1", "2023Q2", 18)
    assert str(Quarter.parse("2019Q3").history()[0]) == "2018Q1"


def test_a_quarters_days_and_neighbours() -> None:
    quarter = Quarter.parse("2023Q4")
    assert (quarter.first_day, quarter.last_day) == (dt.date(2023, 10, 1), dt.date(2023, 12, 31))
    assert (str(quarter.plus(1)), str(quarter.plus(-4))) == ("2024Q1", "2022Q4")
    assert Quarter.of(dt.date(2024, 2, 29)) == Quarter(2024, 1)


@pytest.mark.parametrize("text", ["2023Q5", "2023q3", "23Q3", "2023-Q3", "2023Q3 "])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="expected the form 2023Q3"):
        Quarter.parse(text)


def test_a_range_in_the_wrong_order_is_refused() -> None:
    assert [str(q) for q in parse_range("2022Q4..2023Q1")] == ["2022Q4", "2023Q1"]
    with pytest.raises(UsageError, match="empty range"):
        parse_range("2023Q2..2023Q1")


def test_partitions_reach_from_2019_to_four_quarters_ahead() -> None:
    keys = partition_keys(dt.date(2026, 11, 23))
    assert (keys[0], keys[-1]) == ("2019Q1", "2027Q4")


def test_an_unknown_setting_stops_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("I315_WAREHUOSE", "/nowhere")
    with pytest.raises(UsageError, match="I315_WAREHUOSE"):
        load_settings()


def delivery(day: int, number: int = 1, *, accepted: bool = True) -> Delivery:
    sha256 = f"{day:02d}{number}{int(accepted)}".ljust(64, "0")
    problem = None if accepted else {"code": "unreadable"}
    return Delivery(
        "2023Q3", "contracts", sha256, f"202310{day:02d}-{number}_a.csv", dt.date(2023, 10, day), number, 1, accepted, {}, problem
    )


def test_the_newest_accepted_delivery_is_in_force_and_numbers_of_a_day_count_as_numbers(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    received = [delivery(12, 10), delivery(12, 9), delivery(11), delivery(20, accepted=False)]
    for item in received:
        ledger.record_delivery(item, "tester")
    assert ledger.in_force() == {("2023Q3", "contracts"): received[0]}
    assert ledger.in_force(dt.date(2023, 10, 11)) == {("2023Q3", "contracts"): received[2]}
    assert ledger.in_force(dt.date(2023, 10, 10)) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "update ledger set payload = '{}' where seq = 2",
        "delete from ledger where seq = 2",
        "update ledger set actor = 'other' where seq = 3",
        "update ledger set seq = seq + 10 where seq = 3",
        "delete from ledger where seq = 3",
        "update ledger set payload = cast(x'ff' as text) where seq = 2",
        "update ledger set payload = cast(payload as blob) where seq = 2",
        "delete from ledger_end",
    ],
)
def test_a_changed_ledger_is_named(tmp_path: Path, damage: str) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledger = Ledger(url)
    for day in (10, 11, 12):
        ledger.record_delivery(delivery(day), "tester")
    assert ledger.verify() == 3
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text(damage))
    with pytest.raises(LedgerBroken, match="ledger line"):
        ledger.verify()


def test_moments_in_the_ledger_never_go_back(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    now = dt.datetime(2023, 10, 12, tzinfo=dt.UTC)
    for moment in (now, now - dt.timedelta(days=1), now + dt.timedelta(days=1)):
        ledger.append("receipt", quarter="2023Q3", subject="s", payload={}, actor="tester", at=moment)
    assert [entry.at[:10] for entry in ledger.entries()] == ["2023-10-12", "2023-10-12", "2023-10-13"]
    assert ledger.faults() == []


def test_a_file_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "latest.json"
    target.write_text("old")

    def fail_half_way() -> None:
        with written_beside(target) as scratch:
            scratch.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert (target.read_text(), list(tmp_path.iterdir())) == ("old", [target])


def test_scratch_of_the_dead_goes_and_of_the_living_stays(tmp_path: Path) -> None:
    living = beside(tmp_path / "a.parquet")
    living.write_text("")
    dead = tmp_path / ".tmp-4194304-77-deadbeef-a.parquet"
    dead.mkdir()
    number_taken_over = tmp_path / f".tmp-{os.getpid()}-1-deadbeef-a.parquet"
    number_taken_over.write_text("")
    assert remove_scratch_of_dead_processes(tmp_path) == sorted([dead, number_taken_over])
    assert living.exists()


def test_scratch_of_the_dead_is_removed_once_however_many_remove_it_at_once(tmp_path: Path) -> None:
    dead = [tmp_path / f".tmp-4194304-77-{number:08x}-reproduction" for number in range(100)]
    for folder in dead:
        (folder / "warehouse").mkdir(parents=True)
        (folder / "warehouse" / "dbt.lock").touch()
    with ThreadPoolExecutor(8) as eight:
        removed = [path for one in eight.map(remove_scratch_of_dead_processes, [tmp_path] * 8) for path in one]
    assert sorted(removed) == dead
    assert list(tmp_path.iterdir()) == []


def test_a_process_is_known_by_more_than_its_number() -> None:
    identity = process_identity()
    assert is_alive(identity)
    number, started, boot = identity.split("/")
    assert not is_alive(f"{number}/{int(started) + 1}/{boot}")
    assert not is_alive(f"4194304/{started}/{boot}")
