"""Places between two sides: the models' ranking on totals that no side had, and the shares of players in a change of place."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scoring_example import Example
from sides import generated, side

from pipelines.rulesets.compared import at_dp
from pipelines.whatif.effects import numbers
from pipelines.whatif.evaluations import AFTER, BEFORE, evaluate
from pipelines.whatif.places import Field, Ranking, contributions, own_and_others, places_in
from pipelines.whatif.ranked import field_of, rankings


def field(totals: list[float], **changed: object) -> Field:
    settings = {"ties": "competition", "is_descending": True, "tie_breaks": (), "compare_dp": 9, "round_to": 2, "rounding": "half_up"}
    ranking = Ranking("r", **(settings | changed))
    open_field = Field(ranking, (np.arange(len(totals)),), (), np.zeros(len(totals)))
    return Field(ranking, open_field.peer_groups, (), places_in(open_field, np.array([totals]))[0])


@pytest.mark.parametrize("seed", range(3, 8))
def test_totals_of_a_side_are_placed_as_the_models_place_them(seed: int) -> None:
    _, before, after = generated(seed)
    scored = evaluate(before, after)
    for rank_id in ("r1", "r2", "r4"):
        chosen = rankings(before.ruleset, after.ruleset, rank_id)
        found = numbers(scored, (before.ruleset, after.ruleset), (rank_id, rank_id))
        for corner, ranking in ((BEFORE, chosen[0]), (AFTER, chosen[1])):
            ranked = field_of(scored[corner], ranking, found.units)
            assert np.isfinite(ranked.official).any()
            np.testing.assert_array_equal(places_in(ranked, found.totals[corner][None])[0], ranked.official)


@pytest.mark.parametrize(
    ("ties", "expected"), [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3]), ("average", [1, 2.5, 2.5, 4]), ("ordinal", [1, 2, 3, 4])]
)
def test_ties_are_as_the_ranking_says(ties: str, expected: list[float]) -> None:
    assert list(field([90.0, 80.004, 80.0, 70.0], ties=ties).official) == expected


def test_rounding_decides_ties_and_is_decimal() -> None:
    assert list(field([2.675, 2.68, 2.6749]).official) == [1, 1, 3]
    assert list(field([2.665, 2.66, 2.675, 2.68], rounding="half_even").official) == [3, 3, 1, 1]
    assert list(field([2.675, 2.68, 2.6749], round_to=None).official) == [2, 1, 3]
    assert list(at_dp(np.array([0.5, -0.5, 2.5, 0.49999999999999994]), 0)) == [1, -1, 3, 0]


def test_contributions_approach_the_average_over_all_orders() -> None:
    r = np.random.default_rng(5)
    start, moves = r.uniform(40, 60, 8), r.normal(0, 6, (4, 8))
    end = start + moves.sum(axis=0)
    before, after = field(list(start)), field(list(end), ties="average", round_to=0)
    exact = np.zeros((5, 8))
    for order in permutations(range(5)):
        now, used, moved = before.official, before, start.copy()
        for step, player in enumerate(order):
            used = after if player == 4 else used
            moved = moved if player == 4 else moved + moves[player]
            then = after.official if step == 4 else places_in(used, moved[None])[0]
            exact[player] += (then - now) / 120
            now = then
    found = contributions(before, after, (start, end), moves, 4000, 315)
    assert found.standard_error < 0.03
    assert np.abs(found.places - exact).max() < 4 * found.standard_error
    np.testing.assert_allclose(found.places.sum(axis=0), after.official - before.official, atol=1e-12)


def test_two_players_are_exact() -> None:
    before, after = field([90.0, 80.0, 70.0]), field([60.0, 80.0, 95.0])
    totals = (np.array([90.0, 80.0, 70.0]), np.array([60.0, 80.0, 95.0]))
    own, others = own_and_others(before, after, totals)
    # the first: own fall 1→3 while others stand, 2→3 when they have moved; the last mirrors it; the middle only sees them pass
    assert list(own) == [1.5, 0.0, -1.5]
    assert list(others) == [0.5, 0.0, -0.5]


def test_one_order_and_its_reverse_are_exact_for_two_players(example: Example, later: Example) -> None:
    later.events = [("E", "2025Q1", "award", 3.0)]
    before, after = side(example), side(later)
    scored = evaluate(before, after)
    chosen = rankings(before.ruleset, after.ruleset, None)
    found = numbers(scored, (before.ruleset, after.ruleset), ("province", "province"))
    fields = [field_of(scored[corner], ranking, found.units) for corner, ranking in zip((BEFORE, AFTER), chosen, strict=True)]
    moves = found.points[AFTER] - found.points[BEFORE]
    parts = contributions(*fields, (found.totals[BEFORE], found.totals[AFTER]), moves, 2, 1)
    assert {subject for subject, row in zip(found.subjects, parts.places, strict=False) if row.any()} <= {("adjustments", "adjustments")}
    assert parts.standard_error == 0
