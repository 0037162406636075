"""What each method makes of a direction: the right score, or a failure that names the unit and the indicator."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_hard_numbers import totals

from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.outside import ScoringFailed, score_files

TREE = "tree: {id: total, children: [{ref: a, points: 100}]}\n"
HEAD = "schema: scoring-rules/1\nruleset: {id: small, version: 1, valid: {from: 2020Q1}}\nunits: {population: everyone}\n"


def scored(folder: Path, indicator: str, *values: float) -> list[float]:
    rules = f"indicators:\n- {{id: a, {indicator}}}\n{TREE}"
    found = totals(folder, rules, {(f"U{number}", "a"): value for number, value in enumerate(values)})
    return [float(found[f"U{number}"]) for number in range(len(values))]


@pytest.mark.parametrize(
    ("indicator", "values", "expected"),
    [
        ("score: {method: ratio_to_best}", (5, 10, 2), (50, 100, 20)),
        ("score: {method: ratio_to_best}", (5, 10, -2), (50, 100, -20)),
        ("direction: down, score: {method: ratio_to_best}", (5, 10, 2), (40, 20, 100)),
        ("score: {method: ratio_to_target, target: 8}", (4, 8, -2), (50, 100, -25)),
        ("direction: down, score: {method: ratio_to_target, target: 8}", (4, 8, 32), (200, 100, 25)),
        ("direction: down, score: {method: ratio_to_target, target: -4}", (-4, -8, 2), (100, 200, -50)),
        ("direction: down, score: {method: goalposts, worst: 10, best: 2}", (10, 2, 6), (0, 100, 50)),
        ("direction: target, ideal: 40, score: {method: goalposts, worst: -20, best: 0}", (40, 30, 60), (100, 50, 0)),
        ("score: {method: minmax, to: [0.6, 1]}", (7, 7, 7), (100, 100, 100)),
        ("score: {method: zscore, m: 0.6, s: 0.1}", (7, 7, 7), (60, 60, 60)),
        ("score: {method: minmax, to: [0.6, 1]}", (7,), (100,)),
        ("score: {method: zscore, m: 0.6, s: 0.1}", (7,), (60,)),
        ("score: {method: rank, to: [0.6, 1]}", (7,), (100,)),
        ("score: {method: percentile}", (7, 7), (100, 100)),
        ("score: {method: given}", (0.8, 1.5), (80, 150)),
    ],
)
def test_a_direction_gives_the_score_that_the_page_defines(
    tmp_path: Path, indicator: str, values: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    assert scored(tmp_path, indicator, *values) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("indicator", "values"),
    [
        ("score: {method: ratio_to_best}", (-5, -10)),
        ("score: {method: ratio_to_best}", (0, -10)),
        ("direction: down, score: {method: ratio_to_best}", (0, 4)),
        ("direction: down, score: {method: ratio_to_best}", (-3, 4)),
        ("direction: down, score: {method: ratio_to_target, target: 8}", (0, 4)),
        ("score: {method: given, clamp: [0, 1]}", (85, 0.9)),
    ],
)
def test_values_without_a_meaning_under_the_direction_fail_by_unit_and_indicator(
    tmp_path: Path, indicator: str, values: tuple[float, ...]
) -> None:
    with pytest.raises(ScoringFailed, match=rf"U0, 2025Q1, a: \w+ has no score for {values[0]}\D"):
        scored(tmp_path, indicator, *values)


def test_a_ratio_to_a_negative_base_fails(tmp_path: Path) -> None:
    rules = "indicators:\n- {id: a, components: [{id: c, share: 1, value: {change: ratio, base: previous_period}, "
    rules += "score: {method: goalposts, worst: 0, best: 2}}]}\n" + TREE
    (tmp_path / "rules.yml").write_text(HEAD + rules, encoding="utf-8")
    table = "unit,period,indicator,value\nU0,2024Q4,a,-5\nU0,2025Q1,a,-10\n"
    (tmp_path / "VALUES.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ScoringFailed, match="U0, 2025Q1, a: no ratio to a base of -5"):
        score_files(tmp_path / "VALUES.csv", tmp_path / "rules.yml", tmp_path / "out", period="2025Q1")


def test_a_direction_left_out_is_that_of_the_goalposts() -> None:
    rules = HEAD + "indicators:\n- {id: a, score: {method: goalposts, worst: 10, best: 2}}\n" + TREE
    (row,) = parse_ruleset(rules, "rules.yml").rows["rule_indicator"]
    assert row["direction"] == "down"


@pytest.mark.parametrize(("threshold", "stars"), [(30, 5), (31, 4)])
def test_a_guard_stands_on_the_scale_of_scores_csv(tmp_path: Path, threshold: float, stars: int) -> None:
    """Node `part` carries 50 points and scores 0.6: 30 in scores.csv."""
    given = "score: {method: given}"
    rules = f"indicators:\n- {{id: a, {given}}}\n- {{id: b, {given}}}\n"
    rules += "tree: {id: total, children: [{ref: b, points: 50}, {id: part, points: 50, children: [{ref: a, points: 50}]}]}\n"
    rules += "stars:\n- id: s\n  cut: {5: 70, 4: 10}\n"
    rules += f"  guards: [{{need: {{score: {{ref: part, ge: {threshold}}}}}, for: 5, else: 4}}]\n"
    totals(tmp_path, rules, {("A", "a"): 0.6, ("A", "b"): 1.0})
    line = (tmp_path / "out" / "ranking.csv").read_text(encoding="utf-8").splitlines()[1]
    assert line.rpartition(",")[2] == str(stars)
    assert "A,2025Q1,part,,value,30.0," in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
