"""Margins: for each indicator the smallest change of a county's value that gains or loses a star or a place.

Here: the search over changes. Not here: what a change brings about (neighbourhood.py), margins in points (pipelines/robustness).
Totals never fall when the own value improves (scoring rules, section 3), so the first change on the way that moves something is the
smallest one; steps and ranks make it jump, hence a search and no formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.whatif.neighbourhood import Neighbourhood
from pipelines.whatif.surroundings import Outcome

GOALS = ("gain_star", "lose_star", "gain_place", "lose_place")
DOUBLINGS = 18
"""The first search tries changes of the counties' whole range down to 2^-17 of it."""
PARTS = 12
REFINEMENTS = 5
NEAR = 1.006
"""A search ends when what was enough is within 0.6 % of what was too little; a refinement cuts the factor between them into PARTS."""
SMALLEST = 1e-12
"""Where the smallest change tried was enough, the threshold lies at the value itself, and the search goes down to this part of it."""


@dataclass(frozen=True)
class Margin:
    """The smallest change of one indicator, in its unit, that reaches a goal; none if it cannot by itself."""

    indicator: str
    value: float
    changes: dict[str, float | None]


@dataclass(frozen=True)
class _Try:
    """A search that goes on: the change that was too small, and the one that was enough."""

    indicator: str
    goal: str
    short: float
    enough: float


def margins(place: Neighbourhood) -> list[Margin]:
    """The margins of every indicator that has a score, in the order of the tree."""
    values = place.movable()
    found = list(_first_tries(place, values))
    for _ in range(REFINEMENTS):
        found = _refined(place, values, found)
    best: dict[tuple[str, str], float] = {}
    for each in sorted(found, key=lambda one: abs(one.enough)):
        best.setdefault((each.indicator, each.goal), float(each.enough))
    order = [leaf for leaf in place.scored.leaves if leaf in values]
    return [Margin(name, values[name], {goal: best.get((name, goal)) for goal in GOALS}) for name in order]


def reached(now: Outcome, after: Outcome) -> dict[str, np.ndarray]:
    """Which goals each outcome reaches."""
    return {
        "gain_star": after.stars > now.stars,
        "lose_star": after.stars < now.stars,
        "gain_place": after.place < now.place,
        "lose_place": after.place > now.place,
    }


def _first_tries(place: Neighbourhood, values: dict[str, float]) -> Iterator[_Try]:
    """For each indicator, direction and goal the first of ever larger changes that reaches it."""
    sizes = 2.0 ** np.arange(1 - DOUBLINGS, 1)
    steps = {name: _range(place, name) * sizes for name in values}
    tries = [
        (name, place.possible(name).reachable(values[name], sign * step)) for name in values for sign in (1, -1) for step in steps[name]
    ]
    after = place.after_single([(name, values[name] + step) for name, step in tries])
    for goal, hits in reached(place.now, after).items():
        by_way = hits.reshape(len(values) * 2, DOUBLINGS)
        for way, row in enumerate(by_way):
            if row.any():
                first = int(row.argmax())
                name, enough = tries[way * DOUBLINGS + first]
                short = tries[way * DOUBLINGS + first - 1][1] if first else 0.0
                yield _Try(name, goal, short, enough)


def _refined(place: Neighbourhood, values: dict[str, float], tries: list[_Try]) -> list[_Try]:
    near = [each for each in tries if each.short and each.enough / each.short < NEAR]
    tries = [each for each in tries if each not in near]
    if not tries:
        return near
    ways = [[place.possible(each.indicator).reachable(values[each.indicator], step) for step in _between(each)] for each in tries]
    after = place.after_single(
        [(each.indicator, values[each.indicator] + step) for each, way in zip(tries, ways, strict=True) for step in way]
    )
    hits = reached(place.now, after)
    found = near
    for number, (each, way) in enumerate(zip(tries, ways, strict=True)):
        row = hits[each.goal][number * PARTS : (number + 1) * PARTS]
        first = int(row.argmax())
        short = each.short if first == 0 else way[first - 1]
        found.append(_Try(each.indicator, each.goal, short, way[first]))
    return found


def _between(each: _Try) -> list[float]:
    """PARTS steps from short to enough, each the same factor larger."""
    short = each.short or SMALLEST * each.enough
    steps = list(short * (each.enough / short) ** (np.arange(1, PARTS + 1) / PARTS))
    return [*steps[:-1], each.enough]


def _range(place: Neighbourhood, indicator: str) -> float:
    """How far a value is moved at most: twice the range of all counties and of the numbers that the rule names."""
    known = list(place.everyone(indicator))
    for table, columns in (
        ("rule_component", ("worst", "best", "target", "centre")),
        ("rule_band", ("ge", "gt", "le", "lt")),
        ("rule_point", ("x",)),
    ):
        for row in place.ruleset.rows[table]:
            if row["indicator"] == indicator:
                known += [row[column] for column in columns if row.get(column) is not None]
    return 2 * float(max(known) - min(known)) or 1.0
