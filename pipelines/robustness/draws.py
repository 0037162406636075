"""What is varied in each draw: weights, normalisation, mean, one indicator left out, revisions (scoring.md, section 3).

Here: the settings of a ruleset, the seeded draws, alternative normalisations of scores. Not here: totals, places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipelines.robustness.scored import Component, Ints, Scored
from pipelines.robustness.standing import Standing
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.parameters import Row

AS_RULED = "as_ruled"
NOBODY = -1
DIRICHLET = 160.0
"""Concentration of the weights where a ruleset names none: a weight of 1/8 varies by 21 % (scoring.md, section 3)."""


@dataclass(frozen=True)
class Settings:
    """What a ruleset (or the command line) asks to be varied; `spread` is Dirichlet's concentration or the half width."""

    draws: int = 10_000
    seed: int = 315
    weights: str = "dirichlet"
    spread: float = DIRICHLET
    normalise: tuple[str, ...] = (AS_RULED,)
    combine: tuple[str, ...] = (AS_RULED,)
    leave_one_out: bool = False
    revision_noise: bool = False


def settings_of(rows: list[Row]) -> Settings | None:
    """The settings in a ruleset's rows of `rule_robustness`; none if it asks for no draws."""
    if not rows:
        return None
    numbers = {row["setting"]: row["number_value"] for row in rows if row.get("number_value") is not None}
    texts: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda each: int(each["ordinal"])):
        if row.get("text_value") is not None:
            texts.setdefault(row["setting"], []).append(row["text_value"])
    weights = next((kind for kind in ("dirichlet", "uniform") if kind in numbers), "")
    return Settings(
        int(numbers["draws"]),
        int(numbers["seed"]),
        weights,
        numbers.get(weights, 0.0),
        tuple(texts.get("normalise", [AS_RULED])),
        tuple(texts.get("combine", [AS_RULED])),
        "leave_one_out" in numbers,
        "revision_noise" in numbers,
    )


@dataclass(frozen=True)
class Draws:
    """The choices of every draw: `factors` [draws, leaves] on the weights, an index into each list of alternatives, revisions."""

    factors: Floats
    normalise: Ints
    combine: Ints
    left_out: Ints
    revision: Ints

    def sha256(self) -> str:
        """A hash over every choice: the same draws, the same hash."""
        digest = hashlib.sha256()
        for array in (self.factors, self.normalise, self.combine, self.left_out, self.revision):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def draw(settings: Settings, flat: dict[str, float], revisions: int = 0) -> Draws:
    """Seeded choices for leaves with these parts of the whole (`flat`, adding up to one), and that many revised tables of values."""
    random = np.random.Generator(np.random.PCG64(settings.seed))
    nominal = np.array(list(flat.values()))
    shape = (settings.draws, len(nominal))
    if settings.weights == "dirichlet":
        factors = random.dirichlet(settings.spread * nominal, settings.draws) / nominal
    elif settings.weights == "uniform":
        factors = random.uniform(1 - settings.spread, 1 + settings.spread, shape)
    else:
        factors = np.ones(shape)
    normalise = random.integers(len(settings.normalise), size=settings.draws)
    combine = random.integers(len(settings.combine), size=settings.draws)
    left_out = random.integers(NOBODY, len(nominal), size=settings.draws)
    if settings.leave_one_out and len(nominal) > 1:
        factors[left_out >= 0, left_out[left_out >= 0]] = 0.0
    else:
        left_out = np.full(settings.draws, NOBODY)
    revision = random.integers(revisions, size=settings.draws) if revisions else np.full(settings.draws, NOBODY)
    return Draws(factors, normalise, combine, left_out, revision)


def nothing_varied(leaves: int) -> Floats:
    """The factors of one draw that changes no weight."""
    return np.ones((1, leaves))


def normalised(scored: Scored, standing: Standing, how: str, flat: dict[str, float]) -> Floats:
    """Scores `y` [units, leaves] under another normalisation of the same values.

    Each component's values are normalised anew among the peers that the rule compares with. As the method says, all components then
    have one range (minmax, rank) or one standard deviation (zscore): the mean of those of the ruled scores, by weight. Each keeps the
    mean of its ruled scores, so that totals stay on the scale that cut-offs are stated on. Scores that a rule gives by bands, along a
    line or by an expert have no other normalisation and stay.
    """
    if how == AS_RULED:
        return scored.y
    y = scored.y.copy()
    spread = _common_spread(scored, flat, how)
    for number, leaf in enumerate(scored.leaves):
        mine = [component for component in scored.components if component.indicator == leaf]
        scores = np.stack([_component(component, standing, how, spread) for component in mine])
        shares = np.array([component.share for component in mine])[:, None] * ~np.isnan(scores)
        total = shares.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            y[:, number] = np.where(total > 0, np.nansum(scores * shares, axis=0) / total, scored.y[:, number])
    return y


def _common_spread(scored: Scored, flat: dict[str, float], how: str) -> float:
    """The range (or standard deviation) that all components get: the mean of the ruled ones, by their parts of the whole."""
    spreads, weights = [], []
    for component in scored.components:
        for members in _compared(component):
            y = component.y[members]
            spreads.append(float(y.std(ddof=1) if how == "zscore" else y.max() - y.min()))
            weights.append(flat[component.indicator] * component.share * len(members))
    return float(np.average(spreads, weights=weights)) if spreads else 0.0


def _compared(component: Component) -> Iterator[Ints]:
    """The units of each group of peers in which a component's values can be normalised."""
    if component.is_scored_by_rule:
        for code in range(component.group.max() + 1):
            members = np.flatnonzero((component.group == code) & ~np.isnan(component.x) & ~np.isnan(component.y))
            if len(members) > 1:
                yield members


def _component(component: Component, standing: Standing, how: str, spread: float) -> Floats:
    found = component.y.copy()
    for members in _compared(component):
        found[members] = _clamped(component, _again(component.x[members], component.y[members], standing, how, spread))
    return found


def _again(x: Floats, y: Floats, standing: Standing, how: str, spread: float) -> Floats:
    compared = standing.at(x)
    if compared.max() == compared.min():
        return y
    if how == "minmax":
        position = (x - x.min()) / (x.max() - x.min())
    elif how == "zscore":
        position = (x - x.mean()) / x.std(ddof=1)
    else:
        position = -(compared[None, :] > compared[:, None]).sum(axis=1) / (len(x) - 1)
    return np.asarray(y.mean() + spread * (position - position.mean()))


def _clamped(component: Component, y: Floats) -> Floats:
    if component.clamp_low is not None or component.clamp_high is not None:
        y = np.clip(y, component.clamp_low, component.clamp_high)
    return y if component.floor_share is None else np.maximum(y, component.floor_share)


def with_command_line(settings: Settings | None, draws: int | None, seed: int | None) -> Settings:
    """The ruleset's settings with what the command line asks for on top."""
    settings = settings or Settings()
    settings = settings if draws is None else replace(settings, draws=draws)
    return settings if seed is None else replace(settings, seed=seed)
