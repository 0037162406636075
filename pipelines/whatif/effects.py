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
    weights: Floats  # … × subjects × units: effective weights of indicators, 0 for other subjects


def numbers(scored: dict[Evaluation, Scored], rulesets: tuple[Ruleset, Ruleset], rank_ids: tuple[str, str]) -> Numbers:
    """The arrays over all units that have a total before or after, in the order of their names."""
    units = tuple(sorted(scored[BEFORE].totals.keys() | scored[AFTER].totals.keys()))
    subjects = _subjects(scored, rulesets)
    totals, places = np.full((2, 2, 2, len(units)), np.nan), np.full((2, 2, 2, len(units)), np.nan)
    points = np.full((2, 2, 2, len(subjects), len(units)), np.nan)
    weights = np.zeros(points.shape)
    for evaluation, found in scored.items():
        placed = found.places[rank_ids[evaluation[1]]]
        for column, unit in enumerate(units):
            if unit in found.totals:
                totals[evaluation][column] = found.totals[unit]
                places[evaluation][column] = placed.get(unit, np.nan)
                points[evaluation][:, column] = [found.points[unit].get(subject, 0.0) for subject in subjects]
                weights[evaluation][:, column] = [
                    found.weights[name].get(unit, 0.0) if kind == INDICATOR and name in found.weights else 0.0 for kind, name in subjects
                ]
    return Numbers(units, subjects, totals, places, points, weights)


def effect_of_weights(points: Floats, weights: Floats) -> Floats:
    """The part of the effect of data on points (… × subjects × units) that comes of effective weights alone.

    An indicator that comes into force or goes out takes weight from the others or gives it back, whatever their values do. Points are
    weight × score; their change is mean score × change of weight, which is this part, and mean weight × change of score.
    """
    scores = np.divide(points, weights, out=np.full(points.shape, np.nan), where=weights > 0)
    # Where an indicator is in force on one side only, its score there stands for both.
    before, after = (np.where(np.isnan(scores[here]), scores[there], scores[here]) for here, there in ((0, 1), (1, 0)))
    gain = np.nan_to_num((before + after) / 2) * (weights[1] - weights[0])
    effect: Floats = (gain[0, 0] + gain[1, 1]) / 3 + (gain[0, 1] + gain[1, 0]) / 6
    return effect


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
