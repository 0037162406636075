"""The draws: what they vary, against a plain loop; seeds, hashes, bytes; intervals, pairs and bands that fit each other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scored_worlds import Worlds
from scoring_example import table

from pipelines.robustness.draws import Settings, draw, normalised
from pipelines.robustness.measures import as_published, robustness
from pipelines.robustness.scored import Scored, read_scored, rules_of, slices_of
from pipelines.robustness.standing import Standing
from pipelines.robustness.tree import Tree
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten

VARIED = Settings(400, 5, "dirichlet", 160.0, ("as_ruled", "minmax", "zscore", "rank"), ("as_ruled", "arithmetic", "geometric"), True)


def plain_total(scored: Scored, flat: dict[str, float], y: np.ndarray, factors: np.ndarray, unit: int, *, geometric: bool) -> float:
    """The total of one unit of the worked example in one draw, by hand: its tree is flat and additive."""
    present = [n for n in range(len(scored.leaves)) if not math.isnan(y[unit, n])]
    weights = [list(flat.values())[n] * factors[n] for n in present]
    scores = [y[unit, n] for n in present]
    if geometric:
        mean = math.exp(math.fsum(w * math.log(max(s, 0.01)) for w, s in zip(weights, scores, strict=True)) / math.fsum(weights))
    else:
        mean = math.fsum(w * s for w, s in zip(weights, scores, strict=True)) / math.fsum(weights)
    return min(max(100 * mean + scored.adjustment[unit], 0.0), 105.0)


@pytest.mark.parametrize("geometric", [False, True])
def test_a_draw_is_the_weighted_mean_that_a_plain_loop_gives(example: Scored, geometric: bool) -> None:
    tree, standing = Tree(example, "geometric" if geometric else None), Standing(example)
    factors = draw(replace(VARIED, normalise=("as_ruled",)), tree.flat).factors
    totals = standing.totals(tree.nodes(example.y, factors), "total")
    for number in range(0, 400, 37):
        for unit in range(len(example.units)):
            expected = plain_total(example, tree.flat, example.y, factors[number], unit, geometric=geometric)
            assert totals.raw[number, unit] == pytest.approx(expected, abs=1e-9)


def test_weights_vary_as_the_concentration_says(example: Scored) -> None:
    flat = Tree(example).flat
    factors = draw(Settings(20_000, 1, "dirichlet", 160.0), flat).factors
    for number, weight in enumerate(flat.values()):
        assert factors[:, number].std() == pytest.approx(math.sqrt((1 - weight) / (weight * 161)), rel=0.03)
        assert factors[:, number].mean() == pytest.approx(1, abs=0.01)
    uniform = draw(Settings(20_000, 1, "uniform", 0.25), flat).factors
    assert uniform.min() >= 0.75
    assert uniform.max() <= 1.25
    assert uniform.std() == pytest.approx(0.25 / math.sqrt(3), rel=0.03)


def test_an_indicator_left_out_has_no_weight_in_its_draws(example: Scored) -> None:
    drawn = draw(VARIED, Tree(example).flat)
    left = drawn.left_out >= 0
    assert 0 < left.sum() < 400
    assert (drawn.factors[left, drawn.left_out[left]] == 0).all()


def test_another_normalisation_keeps_the_order_of_values_and_the_range_of_scores(example: Scored) -> None:
    standing = Standing(example)
    tech = example.leaves.index("tech_contracts")
    for how in ("minmax", "zscore", "rank"):
        y = normalised(example, standing, how, Tree(example).flat)
        assert_array_equal(np.isnan(y), np.isnan(example.y))
        for group in (slice(0, 3), slice(3, 6)):
            assert_array_equal(np.argsort(y[group, tech]), np.argsort(example.y[group, tech]))
            assert y[group, tech].mean() == pytest.approx(example.y[group, tech].mean()), how


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(example: Scored) -> None:
    first, again, other = (robustness(example, replace(VARIED, seed=seed)) for seed in (5, 5, 6))
    for name in ("rank_mean", "rank_p05", "rank_median", "rank_p95", "above", "band"):
        assert getattr(first.summary, name).tobytes() == getattr(again.summary, name).tobytes(), name
    assert first.draws_sha256 == again.draws_sha256 != other.draws_sha256
    assert first.summary.rank_mean.tobytes() != other.summary.rank_mean.tobytes()


def test_intervals_probabilities_pairs_and_bands_fit_each_other(worlds: Worlds) -> None:
    for number, (name, scored) in enumerate(worlds):
        if number % 8 or not (~np.isnan(scored.total_raw)).any():
            continue
        found = robustness(scored, VARIED).summary
        ranked = ~np.isnan(found.rank_mean)
        assert (found.rank_p05[ranked] <= found.rank_median[ranked]).all(), name
        assert (found.rank_median[ranked] <= found.rank_p95[ranked]).all(), name
        assert (sum(found.p_star[star][ranked] for star in found.p_star) <= 1 + 1e-12).all(), name
        assert_allclose(found.above + found.above.T, np.where(np.isnan(found.above), np.nan, 1.0), atol=1e-12, err_msg=name)
        standing, totals = as_published(scored)
        official = standing.places(totals, "r1")[0]
        order = np.argsort(official, kind="stable")[: (~np.isnan(official)).sum()]
        assert (np.diff(found.band[order]) >= 0).all(), name


def test_draws_that_vary_nothing_give_the_published_place_with_certainty(worlds: Worlds) -> None:
    for number, (name, scored) in enumerate(worlds):
        if number % 10 or not (~np.isnan(scored.total_raw)).any():
            continue
        found = robustness(scored, Settings(50, 1, "", 0.0)).summary
        standing, totals = as_published(scored)
        assert_array_equal(found.rank_median, standing.places(totals, "r1")[0], err_msg=name)
        assert_array_equal(found.rank_p05, found.rank_p95, err_msg=name)


@pytest.mark.parametrize("how", ["minmax", "zscore", "rank"])
def test_a_normalisation_gives_all_indicators_one_spread_also_where_the_rule_is_a_line(how: str) -> None:
    scored = straight({"a": (0, 100), "b": (0, 400)}, {"a": (10, 40, 90), "b": (80, 60, 20)})
    y = normalised(scored, Standing(scored), how, Tree(scored).flat)
    spreads = y.std(axis=0, ddof=1) if how == "zscore" else np.ptp(y, axis=0)
    ruled = scored.y.std(axis=0, ddof=1) if how == "zscore" else np.ptp(scored.y, axis=0)
    assert_allclose(spreads, ruled.mean())
    assert_allclose(y.mean(axis=0), scored.y.mean(axis=0))
    assert np.abs(y - scored.y).max() > 0.05
    settings = Settings(200, 1, "", 0.0, (how,))
    assert set(robustness(scored, settings).shifts) == {f"{how} × as_ruled"}
    assert (robustness(scored, settings).summary.rank_mean != [3, 2, 1]).any()


def test_a_score_that_a_geometric_draw_raises_is_counted() -> None:
    scored = straight({"a": (0, 100), "b": (0, 100)}, {"a": (0, 40, 90), "b": (80, 60, -5)})
    found = robustness(scored, Settings(200, 1, "", 0.0, ("as_ruled",), ("arithmetic", "geometric")))
    geometric = (draw(Settings(200, 1, "", 0.0, ("as_ruled",), ("arithmetic", "geometric")), Tree(scored).flat).combine == 1).sum()
    assert 0 < geometric < 200
    assert_array_equal(found.draws_floored, [geometric, 0, geometric])


def straight(posts: dict[str, tuple[float, float]], values: dict[str, tuple[float, ...]]) -> Scored:
    """Indicators of equal weight under unclamped goalposts, scored by the models."""
    goals = {name: f"{{method: goalposts, worst: {worst}, best: {best}}}" for name, (worst, best) in posts.items()}
    text = (
        "schema: scoring-rules/1\nruleset: {id: straight, version: 1, valid: {from: 2025Q1}}\nunits: {population: everyone}\nindicators:\n"
    )
    text += "".join(f"- {{id: {name}, score: {score}}}\n" for name, score in goals.items())
    text += f"tree: {{id: total, combine: arithmetic, children: [{', '.join(f'{{ref: {name}}}' for name in goals)}]}}\n"
    text += "ranks: [{id: all, by: total}]\n"
    rules = flatten([parse_ruleset(text, "straight.yml")])
    rows = [("official", f"U{n}", "2025Q1", name, float(x), "value") for name, xs in values.items() for n, x in enumerate(xs)]
    members = [("2025Q1", "everyone", f"U{n}", "1") for n in range(3)]
    tables = score_tables(table(VALUES, rows), table(GROUPS, members), table(EVENTS, []), rules)
    return read_scored(slices_of(tables, "official")["straight/1", "2025Q1"], rules_of(rules, "straight/1"), "2025Q1")
