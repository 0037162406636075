"""What scoring offices ask of a ruleset, with figures worked out by hand.

分项排名, 数据不全不参评, 折算, 得分×系数, 倒数第几, 单边限幅.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.errors import UsageError
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.outside import ScoringFailed, score_files

SCORES = {"A": (0.9, 0.4, 0.8), "B": (0.6, 0.8, 0.5), "C": (0.3, 0.6, None)}
"""Given scores of three indicators; C lacks the third."""


class Office:
    """A ruleset over given scores, as a document that a test changes, and the files of the run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scores = {unit: list(scores) for unit, scores in SCORES.items()}
        self.rules: dict[str, Any] = {
            "schema": "scoring-rules/1",
            "ruleset": {"id": "office", "version": "1", "valid": {"from": "2024Q1"}},
            "units": {"population": "everyone"},
            "indicators": [{"id": name, "states": {"missing": "redistribute"}, "score": {"method": "given"}} for name in "xyz"],
            "tree": {
                "id": "total",
                "children": [
                    {"id": "economy", "points": 60, "combine": "arithmetic", "children": [{"ref": "x"}, {"ref": "y"}]},
                    {"ref": "z", "points": 40},
                ],
            },
            "ranks": [{"id": "all"}],
        }

    @property
    def economy(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rules["tree"]["children"][0]
        return found

    def parse(self) -> None:
        parse_ruleset(yaml.safe_dump(self.rules, sort_keys=False), "rules.yml")

    def score(self) -> None:
        (self.folder / "rules.yml").write_text(yaml.safe_dump(self.rules, sort_keys=False), encoding="utf-8")
        rows = [
            f"{unit},2024Q1,{name},{'' if value is None else value}\n"
            for unit, values in self.scores.items()
            for name, value in zip("xyz", values, strict=True)
        ]
        (self.folder / "VALUES.csv").write_text("unit,period,indicator,value\n" + "".join(rows), encoding="utf-8")
        score_files(self.folder / "VALUES.csv", self.folder / "rules.yml", self.folder / "out")

    def ranking(self, column: str) -> list[str]:
        return [row[column] for row in self._read("ranking.csv")]

    def node(self, node: str, column: str = "score") -> list[float | None]:
        return [float(row[column]) if row[column] else None for row in self._read("scores.csv") if row["node"] == node]

    def states(self, node: str) -> list[str]:
        return [row["state"] for row in self._read("scores.csv") if row["node"] == node]

    def _read(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "out" / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_any_node_has_ranks_and_stars_of_its_own(office: Office) -> None:
    office.rules["ranks"] += [{"id": "economy", "by": {"node": "economy"}}, {"id": "z", "by": {"node": "z"}}]
    office.rules["stars"] = [{"id": "economy", "by": {"node": "economy"}, "cut": {5: 0.7, 4: 0.65, 3: 0}}]
    office.score()
    assert office.ranking("rank_economy") == ["2", "1", "3"]
    assert office.ranking("rank_z") == ["1", "2", ""]
    assert office.ranking("stars_economy") == ["4", "5", "3"]


def test_a_share_of_places_in_a_node_gives_stars(office: Office) -> None:
    office.rules["ranks"] += [{"id": "economy", "by": {"node": "economy"}}]
    office.rules["stars"] = [{"id": "s", "rank": "economy", "cumulative": {5: "1/3", 3: 1}}]
    office.score()
    assert office.ranking("stars_s") == ["3", "5", "3"]


def test_a_withheld_indicator_has_no_place_of_its_own(office: Office) -> None:
    office.rules["ranks"] += [{"id": "x", "by": {"node": "x"}}]
    office.rules["stars"] = [{"id": "x", "by": {"node": "x"}, "cut": {5: 0.5, 3: 0}}]
    office.score()
    table = office.folder / "VALUES.csv"
    lines = table.read_text(encoding="utf-8").split("\n")
    table.write_text("\n".join([lines[0] + ",state", "A,2024Q1,x,0.9,withheld", *(f"{line}," for line in lines[2:] if line)]) + "\n")
    score_files(table, office.folder / "rules.yml", office.folder / "out")
    assert office.ranking("rank_x") == ["", "1", "2"]
    assert office.ranking("stars_x") == ["", "5", "3"]


def test_a_unit_with_too_few_values_takes_no_part(office: Office) -> None:
    office.rules["units"]["coverage_min"] = 0.7
    office.economy["rescale"] = "best"
    office.scores["C"][1] = 1.5
    office.score()
    assert office.ranking("total")[2] == ""
    assert office.ranking("rank_all") == ["1", "2", ""]
    assert office.states("total") == ["value", "value", "too_few_values"]
    assert office.node("economy") == [pytest.approx(0.65 / 0.7), 1.0, None], "the best of those that take part"


def test_two_of_three_values_are_enough_for_two_thirds(office: Office) -> None:
    office.rules["units"]["coverage_min"] = "2/3"
    office.score()
    assert office.ranking("rank_all") == ["1", "2", "3"]


def test_a_gap_that_a_rule_does_not_accept_is_no_failure_of_a_unit_that_takes_no_part(office: Office) -> None:
    del office.rules["indicators"][2]["states"]
    with pytest.raises(ScoringFailed, match="the rule accepts no gap"):
        office.score()
    office.rules["units"]["coverage_min"] = 0.7
    office.score()
    assert office.ranking("rank_all") == ["1", "2", ""]


def test_a_node_is_rescaled_to_its_best(office: Office) -> None:
    office.economy["rescale"] = "best"
    office.score()
    assert office.node("economy") == [pytest.approx(0.65 / 0.7), 1.0, pytest.approx(0.45 / 0.7)]
    assert [float(total) for total in office.ranking("total")] == pytest.approx([60 * 0.65 / 0.7 + 32, 60 + 20, 100 * 0.45 / 0.7])
    parts = [office.node(name, "points") for name in "xyz"]
    assert [sum(part or 0 for part in unit) for unit in zip(*parts, strict=True)] == pytest.approx(
        [60 * 0.65 / 0.7 + 32, 80, 100 * 0.45 / 0.7]
    )


def test_a_best_that_is_not_above_zero_is_no_measure(office: Office) -> None:
    office.economy["rescale"] = "best"
    for scores in office.scores.values():
        scores[:2] = [0, 0]
    with pytest.raises(ScoringFailed, match="economy is rescaled to a best score of 0"):
        office.score()


def test_a_node_is_shown_out_of_a_hundred(office: Office) -> None:
    office.economy["out_of"] = 100
    office.rules["stars"] = [{"id": "s", "by": {"node": "economy"}, "cut": {5: 70, 3: 60}}]
    office.score()
    assert office.node("economy") == pytest.approx([65, 70, 45])
    assert office.ranking("stars_s") == ["3", "5", "0"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x × y", [0.36, 0.48, 0.18]),
        ("x * (1 - y)", [0.54, 0.12, 0.12]),
        ("x / y", [2.25, 0.75, 0.5]),
        ("(1 − x) ÷ y", [0.25, 0.5, 0.7 / 0.6]),
    ],
)
def test_a_formula_multiplies_divides_and_takes_from_one(office: Office, formula: str, expected: list[float]) -> None:
    office.economy["combine"] = {"formula": formula}
    office.score()
    assert office.node("economy") == pytest.approx(expected)


def test_a_formula_that_lacks_a_factor_has_no_value(office: Office) -> None:
    office.economy["combine"] = {"formula": "x × y"}
    office.scores["B"][1] = None
    office.score()
    assert office.node("economy")[1] is None
    assert float(office.ranking("total")[1]) == pytest.approx(50)


def test_a_formula_does_not_divide_by_zero(office: Office) -> None:
    office.economy["combine"] = {"formula": "x / y"}
    office.scores["B"][1] = 0
    with pytest.raises(ScoringFailed, match="economy is divided by y with the score 0"):
        office.score()


@pytest.mark.parametrize(("k", "expected"), [(1, [0.4, 0.6, 0.3]), (2, [0.9, 0.8, 0.6]), (5, [0.9, 0.8, 0.6])])
def test_the_kth_worst_is_the_best_where_there_are_fewer(office: Office, k: int, expected: list[float]) -> None:
    office.economy["combine"] = {"kth_worst": k}
    office.score()
    assert office.node("economy") == pytest.approx(expected)


def test_a_clamp_may_be_open_on_one_side(office: Office) -> None:
    office.rules["indicators"][0]["score"]["clamp"] = ["none", 0.7]
    office.rules["indicators"][1]["score"]["clamp"] = [0.5, "none"]
    office.rules["total"] = {"clamp": [60, "none"]}
    office.score()
    assert office.node("x") == [0.7, 0.6, 0.3]
    assert office.node("y") == [0.5, 0.8, 0.6]
    assert [float(total) for total in office.ranking("total")] == pytest.approx([60 * 0.6 + 32, 62, 60])


WRONG = [
    (lambda o: o.economy.update(combine={"formula": "x × w"}), r"combine\.formula: found 'w'; expected one of the node's children"),
    (lambda o: o.economy.update(combine={"formula": "x"}), r"combine\.formula: found no factor y"),
    (lambda o: o.economy.update(combine={"formula": "x + y"}), r"combine\.formula: found 'x \+ y'; expected factors"),
    (lambda o: o.economy.update(combine={"formula": "x × x"}), r"combine\.formula: found 'x' again"),
    (lambda o: o.economy.update(combine={"kth_worst": 0}), r"combine\.kth_worst: found '0'; expected a whole number"),
    (lambda o: o.economy.update(rescale="top"), r"rescale: found 'top'; expected"),
    (lambda o: o.economy.update(out_of=0), r"out_of: found 0; expected a number above 0"),
    (lambda o: o.rules["tree"].update(out_of=100), r"tree\.out_of: found 100; expected no such key at the top"),
    (lambda o: o.rules["units"].update(coverage_min=80), r"units\.coverage_min: found 80; expected a share"),
    (lambda o: o.rules["ranks"].append({"id": "e", "by": {"node": "econ"}}), r"ranks\[1\]\.by\.node: found 'econ'; .*economy"),
    (lambda o: o.rules["ranks"].append({"id": "e", "by": {"node": "x"}, "basis": "rounded"}), r"basis: found 'rounded'; expected 'raw'"),
    (lambda o: o.rules.update(stars=[{"id": "s", "by": {"node": "economy"}, "cut": {5: 60}}]), r"cut\.5: found 60; expected a share"),
    (lambda o: o.rules.update(total={"clamp": ["none", "none"]}), r"total\.clamp: found \[none, none\]"),
]


@pytest.mark.parametrize(("spoil", "message"), WRONG)
def test_what_has_no_meaning_is_refused_by_its_path(office: Office, spoil: Any, message: str) -> None:
    spoil(office)
    with pytest.raises(UsageError, match=message):
        office.parse()
