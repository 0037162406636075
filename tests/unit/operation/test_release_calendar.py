"""The release calendar: which day what is due, and what is refused in its file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml

from pipelines.errors import UsageError
from pipelines.feeds import FEEDS
from pipelines.operation.calendar import OFFICIAL, load_calendar
from pipelines.quarters import BEIJING, Quarter

Q3 = Quarter(2023, 3)


def calendar_file(folder: Path, **changed: object) -> Path:
    content = yaml.safe_load(OFFICIAL.read_text(encoding="utf-8")) | changed
    path = folder / "calendar.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def test_days_count_from_the_quarters_end() -> None:
    calendar = load_calendar()
    assert calendar.due_on("contracts", Q3) == dt.date(2023, 10, 13)
    assert calendar.waited_until("contracts", Q3) == dt.date(2023, 10, 20)
    assert calendar.released_on(Q3) == dt.date(2023, 11, 9)
    assert calendar.warned_from(Q3) == dt.date(2023, 10, 30)


@pytest.mark.parametrize("quarter", [Quarter(2019, 1), Quarter(2023, 4), Quarter(2030, 2)], ids=str)
def test_every_feed_is_waited_for_in_vain_before_the_release_is_missed(quarter: Quarter) -> None:
    calendar = load_calendar()
    for feed in FEEDS:
        assert quarter.last_day < calendar.due_on(feed, quarter) <= calendar.waited_until(feed, quarter) < calendar.released_on(quarter)


def test_a_day_that_differs_stands_with_its_reason(tmp_path: Path) -> None:
    moved = {"quarter": "2023Q4", "what": "release", "day": dt.date(2024, 2, 20), "reason_zh": "春节顺延", "reason_en": "Spring Festival"}
    calendar = load_calendar(calendar_file(tmp_path, exceptions=[moved]))
    quarter = Quarter(2023, 4)
    assert calendar.released_on(quarter) == dt.date(2024, 2, 20)
    reason = calendar.reason_of("release", quarter)
    assert reason is not None
    assert reason.zh == "春节顺延"
    assert calendar.released_on(Q3) == dt.date(2023, 11, 9)


def test_the_schedule_had_to_look_at_the_last_hour_that_has_passed() -> None:
    calendar = load_calendar()
    before = dt.datetime(2023, 11, 9, 8, 59, tzinfo=BEIJING)
    assert calendar.last_look(before) == dt.datetime(2023, 11, 8, 9, tzinfo=BEIJING)
    assert calendar.last_look(before.astimezone(dt.UTC) + dt.timedelta(minutes=1)) == dt.datetime(2023, 11, 9, 9, tzinfo=BEIJING)


SECTION = yaml.safe_load(OFFICIAL.read_text(encoding="utf-8"))["sections"][0]
MOVED = {"quarter": "2023Q4", "what": "release", "day": dt.date(2024, 2, 20), "reason_zh": "春节", "reason_en": "Spring Festival"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"sections": [SECTION | {"release": 20}]}, "before the last delivery is due on day 26"),
        ({"sections": [SECTION | {"feeds": {"tax": SECTION["feeds"]["tax"]}}]}, "found days for tax"),
        ({"sections": [SECTION, SECTION]}, "found sections out of order or twice"),
        ({"sections": []}, "at least 1 item"),
        ({"sections": [SECTION | {"relaese": 3}]}, "relaese"),
        ({"exceptions": [MOVED | {"what": "taxes"}]}, "found taxes"),
        ({"exceptions": [MOVED | {"day": dt.date(2023, 12, 31)}]}, "expected a day after 2023Q4 has ended"),
        ({"exceptions": [MOVED | {"reason_zh": ""}]}, "reason_zh"),
        ({"exceptions": [MOVED, MOVED]}, "found two exceptions for one day"),
        ({"exceptions": [MOVED | {"quarter": "2023-4"}]}, "not a quarter"),
    ],
)
def test_a_calendar_that_says_no_day_or_two_is_refused_by_what_is_wrong(tmp_path: Path, changed: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load_calendar(calendar_file(tmp_path, **changed))


def test_a_calendar_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="I315_CALENDAR"):
        load_calendar(tmp_path / "none.yml")


def test_no_quarter_is_without_a_section(tmp_path: Path) -> None:
    late = load_calendar(calendar_file(tmp_path, sections=[SECTION | {"from": "2024Q1"}]))
    with pytest.raises(UsageError, match="found no section for 2023Q3"):
        late.released_on(Q3)
