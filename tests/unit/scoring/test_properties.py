"""What must hold of scores whatever the rule: order, threads, scale of weights, improvement, bad states."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from scoring_example import Example, by_unit

NOW = {"period": "2025Q1"}


def in_order(scored: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Every table sorted by all its columns that are keys, so that only the content is compared."""
    keys = (
        "scenario",
        "ruleset",
        "period",
        "unit",
        "indicator",
        "component",
        "node",
        "rank_id",
        "star_id",
        "kind",
        "subject",
        "peer_group",
    )
    return {name: content.sort_by([(key, "ascending") for key in keys if key in content.column_names]) for name, content in scored.items()}


def test_threads_and_the_order_of_rows_change_no_byte(example: Example) -> None:
    first = in_order(example.score(threads=1))
    for threads in (2, 4):
        random.Random(threads).shuffle(example.values)
        random.Random(threads).shuffle(example.groups)
        again = in_order(example.score(threads=threads))
        assert all(again[name].equals(content) for name, content in first.items())


def test_the_order_of_indicators_changes_no_score(example: Example) -> None:
    first = by_unit(example.score()["score_totals"], "total_raw", **NOW)
    head, rest = example.rules.split("  - {ref: hightech_firms, points: 30}\n")
    example.rules = head + rest.replace("  redistribute_within", "  - {ref: hightech_firms, points: 30}\n  redistribute_within")
    assert by_unit(example.score()["score_totals"], "total_raw", **NOW) == first


@pytest.mark.parametrize("factor", [2, 7])
def test_scaling_all_weights_changes_nothing(example: Example, factor: int) -> None:
    first = by_unit(example.score()["score_totals"], "total_raw", **NOW)
    weights = {"rd_intensity": 30, "hightech_firms": 30, "hightech_invest_growth": 20, "tech_contracts": 20}
    example.rules = example.rules.replace("combine: weighted_sum", "combine: arithmetic")
    for indicator, points in weights.items():
        example.rules = example.rules.replace(f"{{ref: {indicator}, points: {points}}}", f"{{ref: {indicator}, weight: {points * factor}}}")
    again = by_unit(example.score()["score_totals"], "total_raw", **NOW)
    assert all(again[unit] == pytest.approx(total, abs=1e-9) for unit, total in first.items())


@pytest.mark.parametrize("unit", ["B", "E", "F"])
def test_improving_an_own_value_never_worsens_the_own_rank(example: Example, unit: str) -> None:
    before = by_unit(example.score()["score_ranks"], "place", rank_id="province", **NOW)[unit]
    example.values = [
        (*row[:4], row[4] * 1.5, row[5]) if row[1] == unit and row[2] == "2025Q1" and row[3] == "hightech_firms" else row
        for row in example.values
    ]
    assert by_unit(example.score()["score_ranks"], "place", rank_id="province", **NOW)[unit] <= before


def test_a_gap_that_the_rule_does_not_accept_is_a_failure_and_no_total(example: Example) -> None:
    example.values = [row for row in example.values if row[:4] != ("official", "C", "2025Q1", "tech_contracts")]
    scored = example.score()
    assert [(row["unit"], row["indicator"]) for row in scored["score_failures"].to_pylist()] == [("C", "tech_contracts")]
    assert by_unit(scored["score_totals"], "total", **NOW)["C"] is None
    assert "C" not in by_unit(scored["score_ranks"], "place", rank_id="province", **NOW)
    assert set(by_unit(scored["score_ranks"], "n_ranked", rank_id="province", **NOW).values()) == {5}


def test_rounding_is_decimal(example: Example) -> None:
    example.rules = example.rules.replace("score: {method: minmax, over: {peer_group: class}, to: [0.6, 1.0]}", "score: {method: given}")
    example.rules = example.rules.replace("{ref: rd_intensity, points: 30}", "{ref: rd_intensity, points: 1}")
    example.rules = example.rules.replace("{ref: hightech_firms, points: 30}", "{ref: hightech_firms, points: 1}")
    example.rules = example.rules.replace("{ref: hightech_invest_growth, points: 20}", "{ref: hightech_invest_growth, points: 1}")
    example.rules = example.rules.replace("{ref: tech_contracts, points: 20}", "{ref: tech_contracts, points: 97}")
    example.rules = example.rules.replace("- id: hightech_firms\n", "- id: hightech_firms\n  applies: {units: {in: [nobody]}}\n")
    example.rules = example.rules.replace(
        "- id: hightech_invest_growth\n", "- id: hightech_invest_growth\n  applies: {units: {in: [nobody]}}\n"
    )
    given = {"A": 0.01005, "B": 0.02675, "C": 0.01015, "D": 0.10025, "E": 0.0, "F": 1.0}
    example.values = [(*row[:4], given[row[1]], row[5]) if row[3] == "tech_contracts" else row for row in example.values]
    example.events = []
    half_up = by_unit(example.score()["score_totals"], "total", **NOW)
    assert half_up == {"A": 1.01, "B": 2.68, "C": 1.02, "D": 10.03, "E": 0.0, "F": 100.0}
    example.rules = example.rules.replace("rounding: half_up", "rounding: half_even")
    half_even = by_unit(example.score()["score_totals"], "total", **NOW)
    assert half_even == {"A": 1.0, "B": 2.68, "C": 1.02, "D": 10.02, "E": 0.0, "F": 100.0}
