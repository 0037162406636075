"""The cheapest path to a star: few moves of a county's own values that together bring it.

Here: which moves, how far. Not here: what they bring about (neighbourhood.py). Effort is counted in standard deviations of the
indicator across the counties, the one measure that indicators share; no value is taken beyond the best county's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from pipelines.robustness.margins import star_margins
from pipelines.robustness.measures import as_published
from pipelines.rulesets.compared import Floats
from pipelines.whatif.neighbourhood import Neighbourhood

STEPS = 24
MOVES_AT_MOST = 3
FURTHEST = 2.0
"""How much further than alone the moves are taken: together they may bring less than their sum where peers are compared."""
PARTS = 40
LADDER = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Move:
    """One move: value now and then in the indicator's unit, effort in standard deviations, points that the step brings by itself."""

    indicator: str
    now: float
    then: float
    effort: float
    points: float


@dataclass(frozen=True)
class Path:
    """Moves that together bring the star, the largest first, with the stars, total and place that follow."""

    moves: tuple[Move, ...]
    effort: float
    stars: int
    total_raw: float
    place: float


def cheapest_path(place: Neighbourhood) -> Path | None:
    """The path of least effort with at most MOVES_AT_MOST moves, or none if no such path leads to the next star."""
    values = place.movable()
    curves = {name: _curve(place, name, now) for name, now in values.items()}
    curves = {name: curve for name, curve in curves.items() if len(curve[0])}
    if not curves:
        return None
    after = place.after_single([(name, value) for name, (steps, _) in curves.items() for value in steps])
    gains = iter(np.split(after.total_raw - place.now.total_raw[0], np.cumsum([len(steps) for steps, _ in curves.values()])[:-1]))
    options = {name: (steps, effort, gain) for (name, (steps, effort)), gain in zip(curves.items(), gains, strict=True)}
    needed = _points_needed(place)
    ways = [_candidates(options, needed)] if needed is not None else []
    # Where a guard holds the star, the sum of points does not tell what passes it.
    for candidates in (*ways, _through_guards(place, options)):
        for _, chosen in sorted(candidates):
            path = _checked(place, values, {name: options[name] for name, _ in chosen}, dict(chosen))
            if path is not None:
                return path
    return None


def _curve(place: Neighbourhood, name: str, now: float) -> tuple[Floats, Floats]:
    """Values from now to the best county's in both directions, with their effort; which direction helps, the scores tell."""
    everyone = place.everyone(name)
    spread = everyone.std(ddof=1) if len(everyone) > 1 else 0.0
    if spread == 0:
        return np.array([]), np.array([])
    parts = np.arange(1, STEPS + 1) / STEPS
    values = np.concatenate([now + (everyone.max() - now) * parts, now + (everyone.min() - now) * parts])
    values = values[values != now]
    return values, np.abs(values - now) / spread


def _points_needed(place: Neighbourhood) -> float | None:
    standing, totals = as_published(place.scored)
    rule = standing.headline_star
    if rule is None:
        return None
    gain = star_margins(standing, totals, place.tree.root["node"], rule)[0][place.row]
    return None if np.isnan(gain) else float(gain)


def _candidates(options: dict[str, tuple[Floats, Floats, Floats]], needed: float) -> list[tuple[float, tuple[tuple[str, int], ...]]]:
    """For every set of at most MOVES_AT_MOST indicators the cheapest steps that add up to the points needed: (effort, steps)."""
    found = []
    for size in range(1, MOVES_AT_MOST + 1):
        for names in combinations(sorted(options), size):
            grids = np.meshgrid(*(np.arange(len(options[name][0])) for name in names), indexing="ij")
            gain = sum(options[name][2][grid] for name, grid in zip(names, grids, strict=True))
            effort = sum(options[name][1][grid] for name, grid in zip(names, grids, strict=True))
            cost = np.where(gain >= needed, effort, np.inf).ravel()
            best = int(cost.argmin())
            if np.isfinite(cost[best]):
                steps = tuple((name, int(grid.ravel()[best])) for name, grid in zip(names, grids, strict=True))
                found.append((float(cost[best]), steps))
    return found


def _through_guards(
    place: Neighbourhood, options: dict[str, tuple[Floats, Floats, Floats]]
) -> list[tuple[float, tuple[tuple[str, int], ...]]]:
    """The bundles that bring the star with all rules applied, at a few steps towards the best county: (effort, steps).

    As few moves as do: larger bundles are tried only where no smaller one brings it.
    """
    ladder = {name: _ladder(gain) for name, (_, _, gain) in options.items()}
    names = sorted(name for name, steps in ladder.items() if steps)
    for size in range(1, MOVES_AT_MOST + 1):
        bundles = [
            tuple(zip(chosen, steps, strict=True))
            for chosen in combinations(names, size)
            for steps in product(*(ladder[n] for n in chosen))
        ]
        if not bundles:
            return []
        after = place.after_all([{name: float(options[name][0][step]) for name, step in bundle} for bundle in bundles])
        hits = np.flatnonzero(after.stars > place.now.stars[0])
        if len(hits):
            return [(sum(float(options[name][1][step]) for name, step in bundles[hit]), bundles[hit]) for hit in hits]
    return []


def _ladder(gain: Floats) -> list[int]:
    """A few steps of the direction in which the total rises, from near to far: what is behind `now` comes second in a curve."""
    half = len(gain) // 2 if len(gain) > STEPS else len(gain)
    directions = [range(half), range(half, len(gain))]
    best = max((each for each in directions if len(each)), key=lambda each: gain[each[-1]])
    if gain[best[-1]] <= 0:
        return []
    return sorted({best[round(part * (len(best) - 1))] for part in LADDER})


def _checked(
    place: Neighbourhood, values: dict[str, float], options: dict[str, tuple[Floats, Floats, Floats]], chosen: dict[str, int]
) -> Path | None:
    """The moves put in together, taken as far as the star takes; none if it never comes."""
    targets = {name: float(options[name][0][step]) for name, step in chosen.items()}

    def scaled(factor: float) -> dict[str, float]:
        return {name: values[name] + (then - values[name]) * factor for name, then in targets.items()}

    short, enough = 0.0, FURTHEST
    for _ in range(2):
        factors = np.linspace(short, enough, PARTS + 1)[1:]
        after = place.after_all([scaled(factor) for factor in factors])
        hits = np.flatnonzero(after.stars > place.now.stars[0])
        if not len(hits):
            return None
        first = int(hits[0])
        short, enough = (float(factors[first - 1]) if first else short), float(factors[first])
    moves = [
        Move(name, values[name], then, float(options[name][1][chosen[name]]) * enough, float(options[name][2][chosen[name]]))
        for name, then in scaled(enough).items()
    ]
    moves.sort(key=lambda move: (-move.effort, move.indicator))
    effort = sum(move.effort for move in moves)
    return Path(tuple(moves), effort, int(after.stars[first]), float(after.total_raw[first]), float(after.place[first]))
