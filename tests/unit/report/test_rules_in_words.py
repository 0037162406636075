"""Rulesets in words: every parameter of the shipped rulesets stands in the sentences of the methods page."""

from __future__ import annotations

import re

import pytest

from pipelines.report.rules_in_words import rules_in_words
from pipelines.report.score_in_words import scoring
from pipelines.rulesets.language import Ruleset, load_rulesets
from pipelines.rulesets.tables import RULESETS, flatten
from tests.small_warehouse import Row, board

SHIPPED = {each.name: each for each in load_rulesets(RULESETS)}


def told_of(ruleset: Ruleset) -> Row:
    """The words for a ruleset that ranks the counties of a made-up board."""
    rules = {name: content.to_pylist() for name, content in flatten([ruleset]).items()}
    made = board(1)
    ranking = [row | {"ruleset": ruleset.name} for row in made.ranking]
    (told,) = rules_in_words(board(1, ranking=ranking, rules=rules, peers={}))
    return told


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_number_of_a_rulesets_indicators_is_told(name: str) -> None:
    rules = {table: content.to_pylist() for table, content in flatten([SHIPPED[name]]).items()}
    for component in rules["rule_component"]:
        told = scoring(rules, component["indicator"])
        numbers = (
            "worst",
            "best",
            "to_low",
            "to_high",
            "target",
            "base_y",
            "step",
            "gain",
            "clamp_low",
            "clamp_high",
            "floor_share",
            "min_base",
        )
        given = [component[key] for key in numbers if component[key] is not None]
        given += [band["y"] for band in rules["rule_band"] if band["indicator"] == component["indicator"]]
        given += [point[key] for point in rules["rule_point"] if point["indicator"] == component["indicator"] for key in ("x", "y")]
        assert given or component["method"] == "ratio_to_best"
        assert [number for number in given if f"{number:g}" not in re.findall(r"-?\d+(?:\.\d+)?", told.replace("–", " "))] == [], told


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_points_cuts_shares_guards_and_draws_are_told(name: str) -> None:
    ruleset = SHIPPED[name]
    told = told_of(ruleset)
    facts = " ".join(told["facts"])
    for cut in ruleset.rows["rule_cut"]:
        edge = f"{cut['cut']:g} 分" if cut.get("cut") is not None else f"{cut['share_numerator']}/{cut['share_denominator']}"
        assert f"{cut['star']}星" in facts
        assert edge in facts
    for guard in ruleset.rows["rule_guard"]:
        assert f"{guard['star']}星另需" in facts
        assert f"否则 {guard['else_star']} 星" in facts
    assert "抽样 10,000 次（随机种子 315）" in facts
    nodes = ruleset.rows["rule_node"]
    shares = [f"{node['points']:g} 分" if node.get("points") is not None else f"权重 {node['weight']:g}" for node in nodes]
    assert [node["share"] for node in told["nodes"]] == shares
    assert not re.search(r"\bNone\b|\bnan\b", facts + " ".join(node["method"] + node["absent"] for node in told["nodes"]))
