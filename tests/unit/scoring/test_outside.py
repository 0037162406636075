"""`i315 score`: the worked example through files, and refusals by line and column."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
from scoring_example import EXAMPLE, Example

from pipelines.errors import Failure, UsageError
from pipelines.rulesets.outside import ScoringFailed, score_files
from pipelines.rulesets.outside_tables import read_values

BY_CLASS = "".join(f"{u},{1 if u in 'ABC' else 2},否\n" for u in "ABCDEF")


class Files:
    """The worked example as the files of section 5; a test may change one line before scoring."""

    def __init__(self, folder: Path, example: Example) -> None:
        self.out = folder / "out"
        self.rules = folder / "rules.yml"
        self.rules.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        values = "".join(f"{unit},{period},{indicator},{value!r}\n" for _, unit, period, indicator, value, _ in example.values)
        self.values = self.write(folder / "VALUES.csv", "unit,period,indicator,value\n" + values)
        self.units = self.write(folder / "UNITS.csv", "unit,class,dev_zones\n" + BY_CLASS)
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
    files.change(files.rules, "  applies: {units: {not_in: [dev_zones]}}\n", "")
    assert score_files(files.values, files.rules, files.out, events=files.events, period="2025Q1") == ["2025Q1"]
    assert [row["unit"] for row in files.read("ranking.csv")] == list("ABCDEF")


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
    ("units", "unit,class", "unit,klass", r"UNITS\.csv: line 1: .* expected a column class"),
    ("units", "B,1", "A,1", r"UNITS\.csv: line 3: column unit: found A again"),
    ("events", "B,2025Q1,award,5", "B,2025Q1,award,-5", r"EVENTS\.csv: line 2: column count"),
    ("events", "B,2025Q1,award,5", "B,2025Q1,award,1e300", r"EVENTS\.csv: line 2: column count"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,20２５Q1,hightech_firms,520", r"VALUES\.csv: line 2: column period"),
    ("values", "A,2025Q1,hightech_firms,520.0", "A,2025Q1,hightech_firms,５２０", r"VALUES\.csv: line 2: column value"),
    (
        "units",
        "unit,class,dev_zones\n" + BY_CLASS,
        "unit,class,dev_zones,valid_from,valid_to\nA,1,0,2025,2024\n",
        r"UNITS\.csv: line 2: column valid_to: found '2024'",
    ),
    (
        "units",
        "unit,class,dev_zones\n" + BY_CLASS,
        "unit,class,dev_zones,valid_from\nA,1,0,2026Q1\n",
        r"UNITS\.csv: found no unit that is valid on .* 2025Q1",
    ),
    ("rules", "not_in: [dev_zones]", "in: [dev_zone]", r"UNITS\.csv: line 1: .* expected a column dev_zone, nearest: dev_zones"),
    ("units", "unit,class,dev_zones", "unit,class,dev_zone", r"UNITS\.csv: line 1: .* expected a column dev_zones, nearest: dev_zone"),
    ("rules", "points: 20}", "points: 25}", r"rules\.yml: line \d+: tree\.children: found"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), WRONG)
def test_a_wrong_table_is_refused_by_place_and_nothing_is_written(files: Files, file: str, old: str, new: str, message: str) -> None:
    path = getattr(files, file)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        files.score()
    assert not files.out.exists()


UNUSED = [
    ("values", "A,2025Q1,tech", "AA,2025Q1,tech", r"VALUES\.csv: line 4: column unit: found 'AA'; expected a unit of the population"),
    ("values", "Q1,tech_contracts", "Q1,tech_contract", r"line 4: column indicator: found 'tech_contract'; .* nearest: tech_contracts"),
    ("values", "A,2024Q1", "A,2021Q1", r"VALUES\.csv: line 3: column period: found '2021Q1'; expected a period that the scores of 2025Q1"),
    ("events", "1,late", "1,latte", r"EVENTS\.csv: line 4: column event: found 'latte'; .* nearest: late"),
    ("events", "C,2025Q1,late", "G,2025Q1,late", r"EVENTS\.csv: line 4: column unit: found 'G'"),
    ("events", "2025Q1,late", "2024Q4,late", r"EVENTS\.csv: line 4: column period: found '2024Q4'; .* is scored: 2024Q1, 2025Q1"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), UNUSED)
def test_a_row_that_no_score_rests_on_is_refused_by_place_or_counted(files: Files, file: str, old: str, new: str, message: str) -> None:
    files.change(getattr(files, file), old, new)
    with pytest.raises(UsageError, match=message):
        files.score()
    assert not files.out.exists()
    files.change(files.rules, "score: {method: minmax", "states: {missing: redistribute}\n  score: {method: minmax")
    told: list[str] = []
    score_files(files.values, files.rules, files.out, files.units, files.events, allow_unused=True, tell=told.append)
    (row,) = files.read("unused.csv")
    assert row["file"] == getattr(files, file).name
    assert told == [f"1 rows that no score rests on, listed in {files.out / 'unused.csv'}"]


def test_a_ruleset_that_counts_events_asks_for_them(files: Files) -> None:
    with pytest.raises(UsageError, match=r"--events: found no table; expected one, because rules\.yml: line 65: adjustments\[0\]\.from"):
        score_files(files.values, files.rules, files.out, files.units)
    assert not files.out.exists()


def test_a_run_without_one_total_is_no_success(files: Files) -> None:
    rows = "".join(f"{unit},2025Q1,tech_contracts,,missing\n" for unit in "ABCDEF")
    files.write(files.values, "unit,period,indicator,value,state\n" + rows)
    files.rules.write_text(
        files.rules.read_text(encoding="utf-8")
        .replace("missing: {then: zero_points}", "missing: redistribute")
        .replace("  direction: up\n", "  direction: up\n  states: {missing: redistribute}\n", 2)
        .replace("  states: {missing: redistribute}\n  calendar: {published: [Q4]", "  calendar: {published: [Q4]")
        .replace("score: {method: minmax", "states: {missing: redistribute}\n  score: {method: minmax"),
        encoding="utf-8",
    )
    with pytest.raises(ScoringFailed, match="2025Q1: found no unit with a total") as failed:
        files.score()
    assert failed.value.exit_code == 1
    assert not files.out.exists()


@pytest.mark.parametrize("word", ["无", "-", "×", "F", "N/A", "不是", "√", "2"])
def test_only_listed_words_say_who_is_a_member(files: Files, word: str) -> None:
    files.change(files.units, "B,1,否", f"B,1,{word}")
    with pytest.raises(UsageError, match=rf"UNITS\.csv: line 3: column dev_zones: found '{word}'; expected yes \(1, true"):
        files.score()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("B,1,", "B,,", r"line 3: column class: found ''; expected the name of a group"),
        ("B,1,", "B,\uff11,", r"line 3: column class: found '１'; expected one spelling: line 2 has '1'"),
        ("unit,class,dev_zones", "unit,class,dev_zones,valid_form", r"line 1: found the column 'valid_form'; .* nearest: valid_from"),
        ("unit,class,dev_zones", "unit,class,dev_zones,county_class_2025", r"line 1: found the columns class and county_class_2025"),
    ],
)
def test_a_group_that_a_cell_does_not_name_for_certain_is_refused(files: Files, old: str, new: str, message: str) -> None:
    text = files.units.read_text(encoding="utf-8")
    if new.count(",") > old.count(","):
        text = text.replace("否\n", "否,\n")
    files.units.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        files.score()


@pytest.mark.parametrize("number", ["1,234", "1,234.5", "12%", "1e400", "-inf", "NaN", "1e-400", "1e290", "0x1F", "1_000", "−5", "5亿"])
def test_a_number_that_is_not_certain_is_refused_by_line(files: Files, number: str) -> None:
    files.change(files.values, "520.0", f'"{number}"')
    with pytest.raises(UsageError, match=r"VALUES\.csv: line 2: column value: found "):
        files.score()


@pytest.mark.parametrize("number", ['"520.0"', " 520.0 ", "+520", "5.2e2", "520."])
def test_a_number_that_is_certain_is_read(files: Files, number: str) -> None:
    files.change(files.values, "520.0", number)
    files.values.write_bytes(b"\xef\xbb\xbf" + files.values.read_bytes().replace(b"\n", b"\r\n") + b",,,\r\n\r\n")
    files.score()
    assert [row["total"] for row in files.read("ranking.csv")] == ["83.41", "64.58", "45.31", "88.74", "70.5", "42.86"]


def test_a_line_is_where_its_row_begins(files: Files) -> None:
    files.change(files.values, "A,2025Q1,hightech_firms,520.0\n", '"A\n",2025Q1,hightech_firms,520.0\n')
    files.change(files.values, "A,2024Q1,hightech_firms,430.0\n", "A,2024Q1,hightech_firms,x\n")
    with pytest.raises(UsageError, match=r"VALUES\.csv: line 4: column value: found 'x'"):
        files.score()


@pytest.mark.parametrize("encoding", ["gbk", "utf-16"])
def test_a_table_in_another_encoding_is_refused(files: Files, encoding: str) -> None:
    files.values.write_bytes(files.values.read_text(encoding="utf-8").replace("A,", "甲,").encode(encoding))
    with pytest.raises(UsageError, match=r"VALUES\.csv: byte \d+: found text that is not UTF-8"):
        files.score()


def test_results_are_replaced_as_a_whole_and_foreign_files_are_left_alone(files: Files) -> None:
    score_files(files.values, files.rules, files.out, files.units, files.events, draws=20)
    assert (files.out / "robustness.csv").exists()
    files.score()
    assert sorted(path.name for path in files.out.iterdir()) == ["ranking.csv", "scores.csv"]
    before = (files.out / "ranking.csv").read_bytes()
    (files.out / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"--out .*: found notes\.txt; expected a new folder"):
        files.score()
    with pytest.raises(UsageError, match=r"--out .*notes\.txt: found a file; expected a new folder"):
        score_files(files.values, files.rules, files.out / "notes.txt", files.units, files.events)
    assert (files.out / "ranking.csv").read_bytes() == before
    assert [path.name for path in files.out.parent.iterdir() if path.name.startswith(".tmp-")] == []


def test_a_gap_that_the_rule_does_not_accept_stops_the_scoring(files: Files) -> None:
    files.change(files.values, "C,2025Q1,tech_contracts,40.0\n", "")
    with pytest.raises(ScoringFailed, match="C, 2025Q1, tech_contracts: missing") as stopped:
        files.score()
    assert isinstance(stopped.value, Failure)
    assert not files.out.exists()


def test_the_results_are_the_bytes_that_they_were_when_rows_were_written_one_by_one(files: Files) -> None:
    files.score()
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files.out.iterdir())}
    assert found == {
        "ranking.csv": "453427484b5497ee05a658e2979e8c14b99129a10bd7e237a535024bcf774a2e",
        "scores.csv": "6c076b99ee760409cc9b37bec87c0b37e92c561304dd39a37959d8a958c84e0e",
    }


@pytest.mark.parametrize("rows", [2047, 2048, 4097])
def test_a_table_of_many_parts_is_read_whole_and_a_fault_in_any_is_told_by_its_line(files: Files, rows: int) -> None:
    lines = "".join(f"U{row},2025Q1,x,{row / 7!r}\n" for row in range(rows))
    table = read_values(files.write(files.values, "unit,period,indicator,value\n\n" + lines))
    assert table["value"].to_pylist() == [row / 7 for row in range(rows)]
    assert table["line"].to_pylist() == list(range(3, rows + 3))
    for wrong, message in (
        ("U0,2025Q1,x,1", f"line {rows + 3}: found U0, 2025Q1, x again, as in line 3"),
        ("V,2025Q1,x,1e999", f"line {rows + 3}: column value: found '1e999'"),
        ("V,2025Q1,x,1e-999", f"line {rows + 3}: column value: found '1e-999'"),
        ("V,2025Q1,x", f"line {rows + 3}: found 3 fields; expected 4"),
    ):
        with pytest.raises(UsageError, match=message):
            read_values(files.write(files.values, "unit,period,indicator,value\n\n" + lines + wrong + "\n"))
