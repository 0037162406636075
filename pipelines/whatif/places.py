"""Places between two sides: who stands where when only some subjects' points have moved, and what each subject contributes.

Here: the ranking of the models (rounding, ties, tie breaks) on many vectors of totals at once; permutation Shapley; own and others.
Not here: scores, which only the models compute.

Players are the subjects and, last, the *field*: who is ranked, in which peer group, and the ranking's own rules. All units move
together. With a set S of players moved, a unit's total is its total before plus the changes of points of the subjects in S, without a
clamp of its own (the clamp is a subject), and it is placed in the field of after if the field is in S, else in that of before. A unit
that is on one side only stands in that side's field with that side's total. The ranking of the field in use rounds the total and
breaks ties; tie breaks by a node's score take it from the same side. Nothing moved are the official places before, all moved those after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.rulesets.compared import Floats, at_dp, rounded
from pipelines.rulesets.compared import places as placed

Indices = NDArray[np.intp]
_PAIRS_AT_ONCE = 250


@dataclass(frozen=True)
class Ranking:
    """A ranking by the total, with what the ruleset says of comparing and rounding."""

    rank_id: str
    ties: str
    is_descending: bool
    tie_breaks: tuple[str, ...]
    compare_dp: int
    round_to: int | None  # decimals of the total, none if the unrounded one is ranked
    rounding: str


@dataclass(frozen=True)
class Field:
    """Who is ranked: the columns of each peer group among all units, and per tie break the negative scores at compare_dp (infinite: none).

    Columns are in the order of the units' names; `official` has a place for each of all units, NaN for those not ranked.
    """

    ranking: Ranking
    peer_groups: tuple[Indices, ...]
    breaks: tuple[Floats, ...]
    official: Floats


@dataclass(frozen=True)
class Contributions:
    """Contributions to the change of place, players × units (the field is the last player), and the largest standard error of one."""

    places: Floats
    standard_error: float


def places_in(field: Field, totals: Floats) -> Floats:
    """The place of each unit for each row of totals (rows × units); NaN for units that the field does not rank."""
    found = np.full(totals.shape, np.nan)
    for members in field.peer_groups:
        found[:, members] = placed(_keys(field, totals[:, members], members), field.ranking.ties)
    return found


def contributions(before: Field, after: Field, totals: tuple[Floats, Floats], moves: Floats, permutations: int, seed: int) -> Contributions:
    """Permutation Shapley with antithetic pairs: each order of the players is walked forwards and backwards.

    `totals` are those before and after of all units, `moves` the changes of points, subjects × units. The seed decides the orders alone.
    """
    n_players = len(moves) + 1
    steps = np.vstack([moves, np.zeros(moves.shape[1])])
    pairs = permutations // 2
    orders = np.random.Generator(np.random.PCG64(seed)).permuted(np.tile(np.arange(n_players), (pairs, 1)), axis=1)
    added, squares = np.zeros(steps.shape), np.zeros(steps.shape)
    for start in range(0, pairs, _PAIRS_AT_ONCE):
        block = orders[start : start + _PAIRS_AT_ONCE]
        gains = _walk(before, after, totals[0], steps, np.vstack([block, block[:, ::-1]]))
        mean = (gains[: len(block)] + gains[len(block) :]) / 2
        added += mean.sum(axis=0)
        squares += (mean**2).sum(axis=0)
    mean = added / pairs
    variance = np.maximum(squares / pairs - mean**2, 0) / max(pairs - 1, 1)
    return Contributions(mean, float(np.sqrt(np.nan_to_num(variance).max(initial=0.0))))


def own_and_others(before: Field, after: Field, totals: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Each unit's own change of total against everything else that changed (others' totals, the field): exact Shapley of two players."""
    own_moved = np.tile(totals[0], (len(totals[0]), 1))
    others_moved = np.tile(totals[1], (len(totals[0]), 1))
    np.fill_diagonal(own_moved, totals[1])
    np.fill_diagonal(others_moved, totals[0])
    with_own = np.diagonal(places_in(before, own_moved))
    with_others = np.diagonal(places_in(after, others_moved))
    own = ((with_own - before.official) + (after.official - with_others)) / 2
    others = ((with_others - before.official) + (after.official - with_own)) / 2
    return own, others


def _walk(before: Field, after: Field, start: Floats, steps: Floats, orders: Indices) -> Floats:
    """What each player adds to the place when it joins, orders × players × units."""
    rows = np.arange(len(orders))
    gains = np.zeros((len(orders), *steps.shape))
    totals = np.tile(start, (len(orders), 1))
    is_after = np.zeros(len(orders), dtype=bool)
    last = np.tile(before.official, (len(orders), 1))
    for step in range(len(steps)):
        player = orders[:, step]
        totals += steps[player]
        is_after |= player == len(steps) - 1
        if step == len(steps) - 1:
            now = np.tile(after.official, (len(orders), 1))
        else:
            now = np.empty_like(last)
            now[~is_after] = places_in(before, totals[~is_after])
            now[is_after] = places_in(after, totals[is_after])
        gains[rows, player] = now - last
        last = now
    return gains


def _keys(field: Field, totals: Floats, members: Indices) -> list[Floats]:
    """What the ranking orders units by: the total as it ranks it, then the tie breaks."""
    ranking = field.ranking
    exact = at_dp(totals, ranking.compare_dp)
    measure = exact if ranking.round_to is None else rounded(exact, ranking.compare_dp, ranking.round_to, ranking.rounding)
    fixed = iter(field.breaks)
    breaks = [-exact if name == "total_raw" else np.broadcast_to(next(fixed)[members], totals.shape) for name in ranking.tie_breaks]
    return [-measure if ranking.is_descending else measure, *breaks]
