"""The worked example of the scoring rules (section 2.3), every column of its table."""

from __future__ import annotations

import pytest
from scoring_example import Example, by_unit

NOW = {"period": "2025Q1"}


def test_the_worked_example_is_scored_as_the_page_says(example: Example) -> None:
    scored = example.score()

    def scores(indicator: str) -> dict[str, float]:
        return {unit: round(y, 6) for unit, y in by_unit(scored["score_indicators"], "y", indicator=indicator, **NOW).items()}

    def totals(column: str) -> dict[str, float]:
        return by_unit(scored["score_totals"], column, **NOW)

    assert scores("hightech_firms") == {"A": 0.848837, "B": 0.536207, "C": 0.45, "D": 0.8, "E": 0.716667, "F": 0.6}
    assert scores("hightech_invest_growth") == {"A": 0.646, "B": 0.576, "C": 0.346, "D": 0.906, "E": 0.526, "F": 0.0}
    assert scores("tech_contracts") == {"A": 1.0, "B": 0.775, "C": 0.6, "D": 1.0, "E": 0.866667, "F": 0.6}
    trees = {unit: round(total, 4) for unit, total in totals("tree_total").items()}
    assert trees == {"A": 83.4073, "B": 61.5803, "C": 46.3143, "D": 88.7429, "E": 70.5048, "F": 42.8571}
    assert totals("adjustment") == {"A": 0, "B": 3, "C": -1, "D": 0, "E": 0, "F": 0}
    assert totals("total") == {"A": 83.41, "B": 64.58, "C": 45.31, "D": 88.74, "E": 70.50, "F": 42.86}
    ranks = scored["score_ranks"]
    assert by_unit(ranks, "place", rank_id="province", **NOW) == {"A": 2, "B": 4, "C": 5, "D": 1, "E": 3, "F": 6}
    assert by_unit(ranks, "place", rank_id="in_class", **NOW) == {"A": 1, "B": 2, "C": 3, "D": 1, "E": 2, "F": 3}
    stars = scored["score_stars"]
    assert by_unit(stars, "stars", star_id="by_score", **NOW) == {"A": 4, "B": 2, "C": 1, "D": 4, "E": 3, "F": 1}
    assert by_unit(stars, "stars", star_id="by_share", **NOW) == {"A": 5, "B": 4, "C": 3, "D": 5, "E": 4, "F": 3}


def test_the_weights_of_an_unpublished_indicator_go_to_its_siblings(example: Example) -> None:
    scored = example.score()
    for indicator, points in (("hightech_firms", 42.8571), ("hightech_invest_growth", 28.5714), ("tech_contracts", 28.5714)):
        weights = by_unit(scored["score_weights"], "weight_effective", node=indicator, **NOW)
        assert {round(weight, 4) for weight in weights.values()} == {points}
    assert set(by_unit(scored["score_indicators"], "state", indicator="rd_intensity", **NOW).values()) == {"not_published"}
    assert by_unit(scored["score_weights"], "weight_effective", node="rd_intensity", **NOW) == {}
    assert by_unit(scored["score_weights"], "weight_effective", node="total", **NOW)["A"] == pytest.approx(100, abs=1e-9)
