"""Why did the score, the place and the stars change: effects of data, rules and membership, and each subject's part in them.

Here: `explain` and what it says of each unit (scoring rules, 2.2 no. 14 and section 3). Not here: scoring, effects, places in between.

An indicator that the rules of one side ask for and the data of the other do not have is missing there, and what its policy says of
that is part of the effects; where the policy is a failure, the effects of the units concerned are undetermined, and the reason is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.errors import UsageError
from pipelines.rulesets.compared import Floats
from pipelines.whatif.effects import Numbers, effect_of_weights, numbers, shapley
from pipelines.whatif.evaluations import AFTER, BEFORE, UNCHANGED_RULES, Evaluation, Scored, Side, evaluate, label
from pipelines.whatif.places import contributions, own_and_others
from pipelines.whatif.ranked import field_of, first_star, rankings

__all__ = ["Change", "Effects", "Explanation", "Side", "SubjectChange", "UnitChange", "explain"]

FIELD = "field"


@dataclass(frozen=True)
class Change:
    """A number before and after; none where there is none, such as the place of a unit that the ranking does not hold."""

    before: float | None
    after: float | None


@dataclass(frozen=True)
class Effects:
    """What the change of data, of rules and of membership did, each the average over their 3! orders; they add up to the change."""

    data: float
    rule: float
    membership: float


@dataclass(frozen=True)
class SubjectChange:
    """A subject of the trace: its points, the effects on them, and its contribution to the change of place.

    `kind` is `indicator`, `filled_branch`, `adjustments` or `clamp`. The last subject is the `field`, which has no points: who is
    ranked, in which peer group, by which rules of ranking. Effects add up over subjects to those on the total, contributions to the
    change of place. `weights_effect` is the part of the effect of data that comes of effective weights: indicators came into force or
    went out; the rest of it is the value's.
    """

    kind: str
    subject: str
    points: Change
    effects: Effects | None
    place_contribution: float | None
    weights_effect: float | None = None


@dataclass(frozen=True)
class UnitChange:
    """One unit with a total on both sides. `own` and `others` add up to the change of place; `others` includes the field.

    Effects are none for an undetermined unit. The place under unchanged rules is that of the data and the membership after under the
    rules before; none if the rules did not change.
    """

    unit: str
    total_raw: Change
    place: Change
    stars: Change
    total_effects: Effects | None
    place_effects: Effects | None
    own: float | None
    others: float | None
    place_under_unchanged_rules: float | None
    subjects: tuple[SubjectChange, ...]
    weights_effect: float | None = None


@dataclass(frozen=True)
class Explanation:
    """Two sides compared: units in the order of their names, and those that have a total on one side only.

    `rank_ids` are the rankings before and after. `undetermined` says of a unit why its effects cannot be given.
    `place_standard_error` is the largest Monte Carlo standard error of a contribution to a place, in places.
    """

    rank_ids: tuple[str, str]
    is_rule_changed: bool
    units: tuple[UnitChange, ...]
    entered: tuple[str, ...]
    left: tuple[str, ...]
    undetermined: dict[str, str]
    place_standard_error: float


def explain(before: Side, after: Side, *, rank_id: str | None = None, permutations: int = 2000, seed: int = 315) -> Explanation:
    """Why totals, places and stars differ between two sides; a usage error names what cannot be compared.

    `rank_id` names a ranking of `after` by the total (default: its first); before, it is the ranking of the same id, or the first by
    total. `permutations` (even: they are drawn in antithetic pairs) and `seed` decide the contributions of subjects to the change of place.
    """
    if permutations < 2 or permutations % 2:
        raise UsageError(f"permutations: found {permutations}; expected an even number above 0, because they are drawn in pairs")
    ranking = rankings(before.ruleset, after.ruleset, rank_id)
    scored = evaluate(before, after)
    found = numbers(scored, (before.ruleset, after.ruleset), (ranking[0].rank_id, ranking[1].rank_id))
    fields = (field_of(scored[BEFORE], ranking[0], found.units), field_of(scored[AFTER], ranking[1], found.units))
    start, end = found.totals[BEFORE], found.totals[AFTER]
    # a unit of one side only stands in that side's field with the total that it has
    ends = (np.where(np.isnan(start), end, start), np.where(np.isnan(end), start, end))
    moves = np.nan_to_num(found.points[AFTER] - found.points[BEFORE])
    parts = contributions(*fields, ends, moves, permutations, seed)
    own, others = own_and_others(*fields, ends)
    is_changed = before.ruleset.sha256 != after.ruleset.sha256
    unchanged_rules = found.places[UNCHANGED_RULES] if is_changed else np.full(len(found.units), np.nan)
    units = _units(found, _stars(scored, before, after, found.units), own, others, unchanged_rules, parts.places)
    return Explanation(
        rank_ids=(ranking[0].rank_id, ranking[1].rank_id),
        is_rule_changed=is_changed,
        units=units,
        entered=tuple(unit for unit, total in zip(found.units, start, strict=True) if np.isnan(total)),
        left=tuple(unit for unit, total in zip(found.units, end, strict=True) if np.isnan(total)),
        undetermined=_undetermined(scored, [unit.unit for unit in units]),
        place_standard_error=parts.standard_error,
    )


def _units(
    found: Numbers, stars: list[Change], own: Floats, others: Floats, unchanged_rules: Floats, parts: Floats
) -> tuple[UnitChange, ...]:
    on_totals, on_places, on_points = shapley(found.totals), shapley(found.places), shapley(found.points)
    of_weights = np.where(np.isnan(on_points[0]), np.nan, effect_of_weights(found.points, found.weights))
    units = []
    for column, unit in enumerate(found.units):
        total = _change(found.totals[..., column])
        if total.before is None or total.after is None:
            continue
        subjects = [
            SubjectChange(
                *subject,
                _change(found.points[..., row, column]),
                _effects(on_points[:, row, column]),
                _known(parts[row, column]),
                _known(of_weights[row, column]),
            )
            for row, subject in enumerate(found.subjects)
        ]
        no_effects = _effects(0 * on_totals[:, column])
        subjects.append(SubjectChange(FIELD, FIELD, Change(0.0, 0.0), no_effects, _known(parts[-1, column]), 0.0))
        units.append(
            UnitChange(
                unit,
                total,
                _change(found.places[..., column]),
                stars[column],
                _effects(on_totals[:, column]),
                _effects(on_places[:, column]),
                _known(own[column]),
                _known(others[column]),
                _known(unchanged_rules[column]),
                tuple(subjects),
                _known(of_weights[:, column].sum()),
            )
        )
    return tuple(units)


def _stars(scored: dict[Evaluation, Scored], before: Side, after: Side, units: tuple[str, ...]) -> list[Change]:
    """The stars of units by the first star rule of each side."""
    star_ids = (first_star(before.ruleset), first_star(after.ruleset))
    of_before, of_after = (scored[corner].stars[name] if name else {} for corner, name in zip((BEFORE, AFTER), star_ids, strict=True))
    return [Change(of_before.get(unit), of_after.get(unit)) for unit in units]


def _undetermined(scored: dict[Evaluation, Scored], units: list[str]) -> dict[str, str]:
    """Why a unit has no total in a mixture of the sides, by unit; the first mixture without one is named."""
    reasons = {}
    for unit in units:
        for evaluation, found in scored.items():
            if unit not in found.totals:
                reasons[unit] = f"{label(evaluation)}: {found.errors.get(unit, 'no indicator has a score')}"
                break
    return reasons


def _change(values: Floats) -> Change:
    return Change(_known(values[BEFORE]), _known(values[AFTER]))


def _effects(values: Floats) -> Effects | None:
    return None if np.isnan(values).any() else Effects(*map(float, values))


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
