"""Waivers: loaded strictly, by two persons, in force from their date to their last day. Nothing here needs Great Expectations."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.errors import UsageError
from pipelines.gate import Waiver, load_waivers
from tests.unit.gate.conftest import QUARTER, TODAY, waiver


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "waivers").mkdir()
    return tmp_path


def waive(folder: Path, *waivers: Any, key: str = "waivers") -> Path:
    path = folder / "waivers" / f"{QUARTER}.yml"
    path.write_text(yaml.safe_dump({key: list(waivers)}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_quarter_without_a_file_has_no_waivers(folder: Path):
    assert load_waivers(QUARTER, folder) == []
    waive(folder)
    assert load_waivers(QUARTER, folder) == []
    assert load_waivers("2023Q2", folder) == []


def test_a_waiver_is_loaded_as_it_is_written_with_blanks_folded(folder: Path):
    waive(folder, waiver(reason=" 统计局\n  已确认 "), waiver(region="", indicator=""))
    first, second = load_waivers(QUARTER, folder)
    assert first == Waiver(**waiver(reason="统计局 已确认"))
    assert (first.key, second.key) == (("T-001", "330108", "GDP"), ("T-001", "", ""))


def test_a_waiver_says_who_when_and_until_when():
    made = Waiver(**waiver())
    assert made.text == "统计局已书面确认(提出 张三,批准 李四,2023-10-30,有效至 2023-12-31)"
    assert made.payload() == {
        "rule": "T-001",
        "region": "330108",
        "indicator": "GDP",
        "reason": "统计局已书面确认",
        "proposed_by": "张三",
        "approved_by": "李四",
        "date": "2023-10-30",
        "expires": "2023-12-31",
    }


TEXTS = ("rule", "region", "indicator", "reason", "proposed_by", "approved_by")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *(({name: 330108}, f"{name}: found 330108; expected a text (codes in quotes)") for name in TEXTS),
        *(({name: None}, f"{name}: found None; expected a text (codes in quotes)") for name in TEXTS),
        *(({name: " "}, f"{name}: found ' '; expected a text (codes in quotes)") for name in ("rule", "reason", "proposed_by")),
        *(({name: "soon"}, f"{name}: found 'soon'; expected a day such as 2023-10-12") for name in ("date", "expires")),
        ({"expires": None}, "expires: found None; expected a day such as 2023-10-12"),
        (
            {"expires": dt.datetime(2023, 12, 31, 12)},
            "expires: found datetime.datetime(2023, 12, 31, 12, 0); expected a day such as 2023-10-12",
        ),
    ],
)
def test_a_wrong_field_is_refused_with_its_place(folder: Path, changes: dict[str, Any], message: str):
    path = waive(folder, waiver(rule="T-002"), waiver(**changes))
    with pytest.raises(UsageError) as caught:
        load_waivers(QUARTER, folder)
    assert str(caught.value) == f"{path}: waivers[2]: {message}"


@pytest.mark.parametrize("name", waiver())
def test_every_field_is_needed_and_no_other_known(folder: Path, name: str):
    path = waive(folder, {key: value for key, value in waiver().items() if key != name})
    with pytest.raises(UsageError) as caught:
        load_waivers(QUARTER, folder)
    fields = "approved_by, date, expires, indicator, proposed_by, reason, region, rule"
    assert str(caught.value) == f"{path}: waivers[1]: found no {name}; expected {fields}"
    waive(folder, waiver(scope="all"))
    with pytest.raises(UsageError, match=r"waivers\[1\]: found unknown key scope; expected approved_by"):
        load_waivers(QUARTER, folder)


def test_a_file_of_another_form_is_refused(folder: Path):
    path = waive(folder, key="waiver")
    with pytest.raises(UsageError) as caught:
        load_waivers(QUARTER, folder)
    assert str(caught.value) == f"{path}: found unknown key waiver; expected waivers"
    path.write_text("waivers: all", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_waivers(QUARTER, folder)
    assert str(caught.value) == f"{path}: waivers: found str; expected a list"


@pytest.mark.parametrize("again", [{}, {"reason": "再次"}, {"region": " 330108 "}, {"expires": dt.date(2024, 1, 1)}])
def test_two_waivers_of_one_finding_are_refused(folder: Path, again: dict[str, Any]):
    path = waive(folder, waiver(), waiver(**again))
    with pytest.raises(UsageError) as caught:
        load_waivers(QUARTER, folder)
    assert str(caught.value) == f"{path}: found two waivers of one rule, region and indicator; expected each once"


@pytest.mark.parametrize("other", [{"rule": "T-002"}, {"region": "330109"}, {"indicator": "RD"}])
def test_waivers_of_other_findings_stand_beside_each_other(folder: Path, other: dict[str, Any]):
    waive(folder, waiver(), waiver(**other))
    assert len(load_waivers(QUARTER, folder)) == 2


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"date": TODAY}, ""),
        ({"expires": TODAY}, ""),
        ({"date": dt.date(2023, 11, 1)}, "日期 2023-11-01 晚于审核日"),
        ({"expires": dt.date(2023, 10, 30)}, "已于 2023-10-30 到期"),
        ({"approved_by": "张三"}, "提出人与批准人为同一人"),
        ({"approved_by": ""}, "尚无人批准"),
    ],
)
def test_a_waiver_holds_between_two_persons_from_its_date_to_its_last_day(changes: dict[str, Any], fault: str):
    assert Waiver(**waiver(**changes)).fault(TODAY) == fault


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("张三", "张 三", True),
        ("张三", "张\u3000三", True),
        ("张三", "张\u200b三", True),
        ("Zhang San", "ZHANG SAN", True),
        ("Zhang San", "Ｚｈａｎｇ Ｓａｎ", True),
        ("ZHANG SAN", "ｚｈａｎｇ-ｓａｎ", True),
        ("José", "Jose\u0301", True),
        ("Groß", "GROSS", True),
        ("—", "…", True),
        ("张三", "张三丰", False),
        ("张三", "李四", False),
        ("王1", "王2", False),
    ],
)
def test_two_spellings_of_one_name_are_one_person(first: str, second: str, is_one: bool):
    assert (Waiver(**waiver(proposed_by=first, approved_by=second)).fault(TODAY) != "") is is_one
