"""Effects of data, rules and membership: the eight evaluations as arrays, and their Shapley averages.

Here: totals, places and points by evaluation, subject and unit; `shapley`. Not here: scoring, the parts of subjects in a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.rulesets.compared import Floats
from pipelines.rulesets.language import Ruleset
from pipelines.whatif.evaluations import ADJUSTMENTS, AFTER, BEFORE, CLAMP, FILLED_BRANCH, INDICATOR, Evaluation, Scored, Subject


@dataclass(frozen=True)
class Numbers:
    """What the evaluations say, 2 × 2 × 2 (data, rules, membership) × … × units; NaN where a unit has no total or no place."""

    units: tuple[str, ...]
    subjects: tuple[Subject, ...]
    totals: Floats  # … × units
    places: Floats  # … × units
    points: Floats  # … × subjects × units


def numbers(scored: dict[Evaluation, Scored], rulesets: tuple[Ruleset, Ruleset], rank_ids: tuple[str, str]) -> Numbers:
    """The arrays over all units that have a total before or after, in the order of their names."""
    units = tuple(sorted(scored[BEFORE].totals.keys() | scored[AFTER].totals.keys()))
    subjects = _subjects(scored, rulesets)
    totals, places = np.full((2, 2, 2, len(units)), np.nan), np.full((2, 2, 2, len(units)), np.nan)
    points = np.full((2, 2, 2, len(subjects), len(units)), np.nan)
    for evaluation, found in scored.items():
        placed = found.places[rank_ids[evaluation[1]]]
        for column, unit in enumerate(units):
            if unit in found.totals:
                totals[evaluation][column] = found.totals[unit]
                places[evaluation][column] = placed.get(unit, np.nan)
                points[evaluation][:, column] = [found.points[unit].get(subject, 0.0) for subject in subjects]
    return Numbers(units, subjects, totals, places, points)


def shapley(values: Floats) -> Floats:
    """The effects of data, rules and membership (3 × …) on values (2 × 2 × 2 × …): each the average gain over the 3! orders."""
    effects = []
    for factor in range(3):
        gain: Floats = np.diff(values, axis=factor).squeeze(factor)  # by the state of the other two
        effects.append((gain[0, 0] + gain[1, 1]) / 3 + (gain[0, 1] + gain[1, 0]) / 6)
    return np.stack(effects)


def _subjects(scored: dict[Evaluation, Scored], rulesets: tuple[Ruleset, Ruleset]) -> tuple[Subject, ...]:
    """All subjects with a line in any trace: indicators and branches in the order of the rules after, then those that only before had."""
    found = {subject for each in scored.values() for points in each.points.values() for subject in points}
    nodes = dict.fromkeys(row["node"] for ruleset in reversed(rulesets) for row in ruleset.rows["rule_node"])
    ordered = [(kind, node) for kind in (INDICATOR, FILLED_BRANCH) for node in nodes if (kind, node) in found]
    return (*ordered, *sorted(subject for subject in found if subject[0] in (ADJUSTMENTS, CLAMP)))
