"""`i315 score`: the worked example through files, and refusals by line and column."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from scoring_example import EXAMPLE, Example

from pipelines.errors import Failure, UsageError
from pipelines.rulesets.outside import ScoringFailed, score_files


class Files:
    """The worked example as the files of section 5; a test may change one line before scoring."""

    def __init__(self, folder: Path, example: Example) -> None:
        self.out = folder / "out"
        self.rules = folder / "rules.yml"
        self.rules.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        values = "".join(f"{unit},{period},{indicator},{value!r}\n" for _, unit, period, indicator, value, _ in example.values)
        self.values = self.write(folder / "VALUES.csv", "unit,period,indicator,value\n" + values)
        self.units = self.write(folder / "UNITS.csv", "unit,class\n" + "".join(f"{u},{1 if u in 'ABC' else 2}\n" for u in "ABCDEF"))
        self.events = self.write(folder / "EVENTS.csv", "unit,period,event,count\nB,2025Q1,award,5\nC,2025Q1,award,1\nC,2025Q1,late,2\n")

    @staticmethod
    def write(path: Path, text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def score(self) -> list[str]:
        return score_files(self.values, self.rules, self.out, self.units, self.events)

    def read(self, name: str) -> list[dict[str, str]]:
        with (self.out / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture
def files(tmp_path: Path, example: Example) -> Files:
    return Files(tmp_path, example)


def test_the_worked_example_goes_through_files(files: Files) -> None:
    assert files.score() == ["2025Q1"]
    ranking = files.read("ranking.csv")
    columns = [
        "unit",
        "period",
        "total_raw",
        "total",
        "rank_province",
        "rank_in_class",
        "rank_progress",
        "stars_by_score",
        "stars_by_share",
    ]
    assert list(ranking[0]) == columns
    assert [row["total"] for row in ranking] == ["83.41", "64.58", "45.31", "88.74", "70.5", "42.86"]
    assert [row["rank_province"] for row in ranking] == ["2", "4", "5", "1", "3", "6"]
    assert [row["stars_by_share"] for row in ranking] == ["5", "4", "3", "5", "4", "3"]
    scores = {(row["unit"], row["node"]): row for row in files.read("scores.csv")}
    assert len(scores) == 6 * 5
    unpublished = scores["A", "rd_intensity"]
    assert [unpublished[name] for name in ("value", "state", "score", "weight_effective", "points")] == ["", "not_published", "", "", ""]
    assert float(scores["A", "total"]["score"]) == pytest.approx(83.4073, abs=1e-4)
    for unit in "ABCDEF":
        leaves = [float(row["points"] or 0) for (u, node), row in scores.items() if u == unit and node != "total"]
        assert sum(leaves) == pytest.approx(float(scores[unit, "total"]["score"]), abs=1e-9)


def test_a_year_is_scored_where_its_last_quarter_is_valid(files: Files) -> None:
    for table in (files.values, files.events):
        table.write_text(table.read_text(encoding="utf-8").replace("2025Q1", "2025").replace("2024Q1", "2024"), encoding="utf-8")
    files.change(files.rules, "published: [Q1, Q2, Q3, Q4]", "published: [Q4]")
    files.change(files.rules, "published: [Q4], vintage", "published: [Q1], vintage")
    assert files.score() == ["2025"]
    assert [row["total"] for row in files.read("ranking.csv")] == ["83.41", "64.58", "45.31", "88.74", "70.5", "42.86"]


def test_a_unit_is_named_as_its_cell_says_and_no_zero_has_a_sign(files: Files) -> None:
    for table in (files.values, files.units):
        table.write_text(table.read_text(encoding="utf-8").replace("F,", "F\u2028\u0085G,"), encoding="utf-8")
    files.change(files.rules, "total: {clamp: [0, 105], round: 2}", "total: {round: 0}")
    files.change(files.rules, "per_item: -1, floor: -2", "per_item: -23.9, floor: -99")
    files.score()
    ranking = {row["unit"]: row for row in files.read("ranking.csv")}
    assert "F\u2028\u0085G" in ranking
    assert -0.5 < float(ranking["C"]["total_raw"]) < 0
    assert ranking["C"]["total"] == "0.0"


def test_without_units_everyone_in_the_values_is_ranked(files: Files) -> None:
    files.change(files.rules, "over: {peer_group: class}, to", "over: all, to")
    files.change(files.rules, "over: {peer_group: class}, ties", "over: all, ties")
    assert score_files(files.values, files.rules, files.out, period="2025Q1") == ["2025Q1"]
    assert [row["unit"] for row in files.read("ranking.csv")] == list("ABCDEF")


BY_CLASS = "".join(f"{u},{1 if u in 'ABC' else 2}\n" for u in "ABCDEF")
WRONG = [
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025Q1,hightech_firms,5 20", r"VALUES\.csv: line 2: column value: found '5 20'"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025Q1,hightech_firms,nan", r"VALUES\.csv: line 2: column value"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025-1,hightech_firms,520", r"VALUES\.csv: line 2: column period"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025Q1,hightech_firms", r"VALUES\.csv: line 2: found 3 fields; expected 4"),
    ("values", "A,2025Q1,hightech_firms,520.0", ",2025Q1,hightech_firms,520", r"VALUES\.csv: line 2: column unit"),
    (
        "values",
        "A,2024Q1,hightech_firms",
        "A,2025Q1,hightech_firms",
        r"VALUES\.csv: line 3: found A, 2025Q1, hightech_firms again, as in line 2",
    ),
    ("values", "unit,period,indicator,value", "unit,period,indicator,amount", r"VALUES\.csv: line 1: .* expected a column value"),
    ("values", "unit,period,indicator,value", "unit,period,indicator,value,note", r"VALUES\.csv: line 1: found the column 'note'"),
    ("units", "unit,class", "unit,group", r"UNITS\.csv: line 1: .* expected a column class"),
    ("units", "B,1", "A,1", r"UNITS\.csv: line 3: column unit: found A again"),
    ("events", "B,2025Q1,award,5", "B,2025Q1,award,-5", r"EVENTS\.csv: line 2: column count"),
    ("events", "B,2025Q1,award,5", "B,2025Q1,award,1e300", r"EVENTS\.csv: line 2: column count"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,20２５Q1,hightech_firms,520", r"VALUES\.csv: line 2: column period"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025Q1,hightech_firms,５２０", r"VALUES\.csv: line 2: column value"),
    (
        "units",
        "unit,class\n" + BY_CLASS,
        "unit,class,valid_from,valid_to\nA,1,2025,2024\n",
        r"UNITS\.csv: line 2: column valid_to: found '2024'",
    ),
    ("units", "unit,class\n" + BY_CLASS, "unit,class,valid_from\nA,1,2026Q1\n", r"UNITS\.csv: found no unit that is valid on .* 2025Q1"),
    ("rules", "not_in: [dev_zones]", "in: [dev_zones]", r"UNITS\.csv: line 1: .* expected a column dev_zones"),
    ("rules", "points: 20}", "points: 25}", r"rules\.yml: line \d+: tree\.children: found"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), WRONG)
def test_a_wrong_table_is_refused_by_place_and_nothing_is_written(files: Files, file: str, old: str, new: str, message: str) -> None:
    path = getattr(files, file)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        files.score()
    assert not files.out.exists()


def test_a_gap_that_the_rule_does_not_accept_stops_the_scoring(files: Files) -> None:
    files.change(files.values, "C,2025Q1,tech_contracts,40.0\n", "")
    with pytest.raises(ScoringFailed, match="C, 2025Q1, tech_contracts: missing") as stopped:
        files.score()
    assert isinstance(stopped.value, Failure)
    assert not files.out.exists()
