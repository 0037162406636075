"""Robustness of one ruleset in one period, from what the models scored to the figures that are published.

Here: the order of steps and the size of blocks. Not here: the steps themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.robustness.draws import AS_RULED, NOBODY, Draws, Settings, draw, normalised, nothing_varied
from pipelines.robustness.margins import star_margins
from pipelines.robustness.scored import Scored
from pipelines.robustness.standing import Standing, Totals
from pipelines.robustness.summary import Summary, mean_shifts, summarise
from pipelines.robustness.tree import Tree
from pipelines.rulesets.compared import Floats

BLOCK = 1_000
"""Draws that are computed at a time: the arrays of a block stay in the processor's cache."""


@dataclass(frozen=True)
class Robustness:
    """Everything said about one ruleset and period; margins are in points, `shifts` in places by scheme.

    `draws_floored` counts by unit the draws in which one of its scores was raised so that a mean could be taken (tree.py, LEAST_SCORE).
    """

    summary: Summary
    shifts: dict[str, float]
    margin_to_next_star: Floats
    margin_to_lose_star: Floats
    draws_floored: Floats
    draws_sha256: str


def as_published(scored: Scored) -> tuple[Standing, Totals]:
    """One row of totals with nothing varied: those of the models."""
    standing, tree = Standing(scored), Tree(scored)
    return standing, standing.totals(tree.nodes(scored.y, nothing_varied(len(scored.leaves))), tree.root["node"])


def robustness(scored: Scored, settings: Settings, revised: tuple[Floats, ...] = ()) -> Robustness:
    """Draw, score, rank and summarise; `revised` are scores `y` of values with revisions as the past had them."""
    standing, published = as_published(scored)
    rank_id, star_rule = standing.headline_rank, standing.headline_star
    if rank_id is None:
        raise ValueError(f"{scored.ruleset}: no ranking by the total, so there are no places to give intervals of")
    tree = Tree(scored)
    drawn = draw(settings, tree.flat, len(revised))
    shape = (settings.draws, len(scored.units))
    totals, places, stars = np.empty(shape), np.empty(shape), np.empty(shape)
    floored = np.zeros(shape, dtype=bool)
    for rows, score, how in _alike(scored, settings, drawn, standing, revised):
        each = Tree(scored, None if how == AS_RULED else how)
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            nodes = each.nodes(score, drawn.factors[block])
            floored[block] = each.floored(nodes)
            found = standing.totals(nodes, each.root["node"])
            totals[block], places[block] = found.rounded, standing.places(found, rank_id)
            if star_rule is not None:
                stars[block] = standing.stars(found, star_rule)
    official = standing.places(published, rank_id)[0]
    gain = loss = np.full(len(scored.units), np.nan)
    if star_rule is not None:
        gain, loss = star_margins(standing, published, tree.root["node"], star_rule)
    summary = summarise(totals, places, stars if star_rule is not None else None, official)
    return Robustness(
        summary,
        mean_shifts(places, official, _schemes(scored, settings, drawn)),
        gain,
        loss,
        floored.sum(axis=0).astype(float),
        drawn.sha256(),
    )


def _alike(
    scored: Scored, settings: Settings, drawn: Draws, standing: Standing, revised: tuple[Floats, ...]
) -> list[tuple[np.ndarray, Floats, str]]:
    """Groups of draws that share their scores and their mean: row numbers, `y` [units, leaves], combination.

    Under a revision the ruled normalisation holds: the models scored the revised values by it.
    """
    groups = []
    for number, how in enumerate(settings.combine):
        mine = drawn.combine == number
        for revision, y in enumerate(revised):
            groups.append((np.flatnonzero(mine & (drawn.revision == revision) & _is_ruled(settings, drawn)), y, how))
        for other, name in enumerate(settings.normalise):
            chosen = mine & (drawn.normalise == other)
            if revised and name == AS_RULED:
                continue
            groups.append((np.flatnonzero(chosen), normalised(scored, standing, name, Tree(scored).flat), how))
    return [group for group in groups if len(group[0])]


def _is_ruled(settings: Settings, drawn: Draws) -> np.ndarray:
    return np.isin(drawn.normalise, [number for number, name in enumerate(settings.normalise) if name == AS_RULED])


def _schemes(scored: Scored, settings: Settings, drawn: Draws) -> dict[str, np.ndarray]:
    schemes = {}
    for number, how in enumerate(settings.normalise):
        for other, mean in enumerate(settings.combine):
            schemes[f"{how} × {mean}"] = np.flatnonzero((drawn.normalise == number) & (drawn.combine == other))
    for number, leaf in enumerate(scored.leaves):
        schemes[f"without {leaf}"] = np.flatnonzero(drawn.left_out == number)
    schemes["revised values"] = np.flatnonzero((drawn.revision != NOBODY) & _is_ruled(settings, drawn))
    return {name: rows for name, rows in schemes.items() if len(rows)}
