"""Numbers at which arithmetic gives way: large and small powers, shares of coverage, scores beyond reason, zeros with a sign."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipelines.rulesets.outside import ScoringFailed, score_files

HEAD = "schema: scoring-rules/1\nruleset: {id: small, version: 1, valid: {from: 2020Q1}}\nunits: {population: everyone}\n"


def totals(folder: Path, rules: str, values: dict[tuple[str, str], float], units: str = "") -> dict[str, str]:
    """The column `total` of `ranking.csv` by unit, and a check that points add up to the raw total."""
    (folder / "rules.yml").write_text(HEAD + rules, encoding="utf-8")
    lines = [f"{unit},2025Q1,{indicator},{value!r}\n" for (unit, indicator), value in values.items()]
    (folder / "VALUES.csv").write_text("unit,period,indicator,value\n" + "".join(lines), encoding="utf-8")
    (folder / "UNITS.csv").write_text("unit\n" + units, encoding="utf-8")
    score_files(folder / "VALUES.csv", folder / "rules.yml", folder / "out", folder / "UNITS.csv" if units else None)
    indicators = {indicator for _, indicator in values}
    with (folder / "out" / "ranking.csv").open(encoding="utf-8", newline="") as lines_of_file:
        ranking = list(csv.DictReader(lines_of_file))
    with (folder / "out" / "scores.csv").open(encoding="utf-8", newline="") as lines_of_file:
        scores = list(csv.DictReader(lines_of_file))
    for row in ranking:
        points = [float(each["points"] or 0) for each in scores if each["unit"] == row["unit"] and each["node"] in indicators]
        assert sum(points) == pytest.approx(float(row["total_raw"]), abs=1e-9)
    return {row["unit"]: row["total"] for row in ranking}


@pytest.mark.parametrize("exponent", [-300, -20, -0.5, 0.001, 6, 10, 30, 300])
def test_a_power_mean_is_exact_whatever_the_exponent(tmp_path: Path, exponent: float) -> None:
    given = "  score: {method: given, clamp: [0.01, 1]}\n"
    tree = f"tree: {{id: total, combine: {{power: {exponent}}}, children: [{{ref: a, weight: 2}}, {{ref: b}}]}}\n"
    scores = (0.05, 0.1)
    unit = min(scores) if exponent < 0 else max(scores)
    expected = 100 * unit * ((2 * (scores[0] / unit) ** exponent + (scores[1] / unit) ** exponent) / 3) ** (1 / exponent)
    found = totals(tmp_path, f"indicators:\n- id: a\n{given}- id: b\n{given}{tree}", {("A", "a"): scores[0], ("A", "b"): scores[1]})
    assert float(found["A"]) == pytest.approx(expected, abs=1e-9)


def test_a_coverage_that_is_just_enough_is_enough(tmp_path: Path) -> None:
    score = "{method: goalposts, worst: 0, best: 1}"
    rules = f"indicators:\n- id: a\n  states: {{missing: {{then: zero_points, coverage_min: 0.55}}}}\n  score: {score}\n"
    rules += "tree: {id: total, children: [{ref: a, points: 100}]}\n"
    everyone = [f"u{number}" for number in range(100)]
    units = "".join(f"{unit}\n" for unit in everyone)
    assert set(totals(tmp_path, rules, {(unit, "a"): 1.0 for unit in everyone[:55]}, units).values()) == {"100.0", "0.0"}
    with pytest.raises(ScoringFailed, match="only 54 of 100 units"):
        totals(tmp_path, rules, {(unit, "a"): 1.0 for unit in everyone[:54]}, units)


@pytest.mark.parametrize("combine", ["weighted_sum", "{mpi: {penalty: neg}}", "harmonic"])
def test_a_score_beyond_reason_is_a_failure_that_names_its_cell(tmp_path: Path, combine: str) -> None:
    key = "points: 50" if combine == "weighted_sum" else "weight: 1"
    rules = "indicators:\n- id: a\n  score: {method: zscore, m: 1}\n- id: b\n  score: {method: goalposts, worst: 0, best: 0.001}\n"
    tree = f"tree: {{id: total, combine: {combine}, children: [{{ref: a, {key}}}, {{ref: b, {key}}}]}}\n"
    values = {("A", "a"): 1.0, ("A", "b"): 0.01}
    assert len(totals(tmp_path, rules + tree, values)) == 1
    with pytest.raises(ScoringFailed, match=r"A, 2025Q1, b: goalposts gives .* a score of 1000000000 or more"):
        totals(tmp_path, rules + tree, values | {("A", "b"): 1e25})
