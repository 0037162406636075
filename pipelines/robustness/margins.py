"""Margins: how many points a unit's total is short of its next star, and how many it may lose before a star goes.

Here: bisection on the very function that gives stars, all other totals as they are. Not here: what would bring the points
(pipelines/whatif).
"""

from __future__ import annotations

import numpy as np

from pipelines.robustness.standing import Standing, Totals
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.parameters import Row

_HALVINGS = 64
_DECIMALS = 6


def star_margins(standing: Standing, totals: Totals, root: str, rule: Row) -> tuple[Floats, Floats]:
    """Points to the next star and to the loss of one, by unit, rounded up to 1e-6 so that they suffice; NaN if points cannot do it.

    `totals` holds one row as published. The points are added before the clamp and before the total is rounded.
    """
    reach = _reach(standing, totals)
    gain = _least_shift(standing, totals, root, rule, reach)
    loss = _least_shift(standing, totals, root, rule, -reach)
    return gain, loss


def _reach(standing: Standing, totals: Totals) -> float:
    """A shift that carries any unit past every other one, every cut and every guard."""
    scored = standing.scored
    known = [np.abs(totals.raw[~np.isnan(totals.raw)]).max(initial=0.0), abs(scored.head["scale"])]
    known += [abs(row["cut"]) for row in scored.rules["rule_cut"] if row.get("cut") is not None]
    known += [abs(row["at_least"]) for row in scored.rules["rule_guard"] if row.get("at_least") is not None]
    return float(2 * max(known) + 1)


def _least_shift(standing: Standing, totals: Totals, root: str, rule: Row, reach: float) -> Floats:
    units = totals.raw.shape[1]
    nodes = {name: np.repeat(score, units, axis=0) for name, score in totals.nodes.items()}
    now = standing.stars(totals, rule)[0]

    def moves(size: Floats) -> np.ndarray:
        """Whether each unit's own stars change in the wanted direction when it alone is shifted by its size."""
        shifted = standing.totals(nodes, root, np.diag(np.copysign(size, reach)))
        stars = np.diagonal(standing.stars(shifted, rule))
        return np.asarray(stars > now if reach > 0 else stars < now)

    short, enough = np.zeros(units), np.full(units, abs(reach))
    is_possible = moves(enough)
    for _ in range(_HALVINGS):
        middle = (short + enough) / 2
        does = moves(middle)
        short, enough = np.where(does, short, middle), np.where(does, middle, enough)
    return np.where(is_possible, np.ceil(enough * 10**_DECIMALS) / 10**_DECIMALS, np.nan)
