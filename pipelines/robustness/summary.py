"""Summary of the draws: intervals of places, probabilities of stars, pairs, bands, what each scheme moves.

Here: statistics over draws. Not here: the draws, the rules. Arrays are [draws, units] unless said otherwise.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from pipelines.robustness.scored import Ints
from pipelines.rulesets.compared import Floats

STARS = (1, 2, 3, 4, 5)
TOP = 10
SURE = 0.95
"""A county is told apart from the next one when it leads in at least this part of the draws (scoring.md, section 3)."""


@dataclass(frozen=True)
class Summary:
    """By unit: places (mean, 5 %, median, 95 %), probability of each star and of the first ten places, Monte Carlo error of the mean.

    `above` [units, units] is the part of draws in which the row's unit has the larger total (a tie counts half).
    `band` numbers groups of neighbours that cannot be told apart, best first.
    """

    rank_mean: Floats
    rank_p05: Floats
    rank_median: Floats
    rank_p95: Floats
    rank_mc_error: Floats
    p_star: dict[int, Floats]
    p_top: Floats
    above: Floats
    band: Floats


def summarise(totals: Floats, places: Floats, stars: Floats | None, official: Floats) -> Summary:
    """Statistics over all draws; `official` are the places as published, which put the bands in order."""
    low, median, high = _quantiles(places, (0.05, 0.5, 0.95))
    count = np.maximum((~np.isnan(places)).sum(axis=0), 1)
    with warnings.catch_warnings():
        # A unit without a total in every draw has no statistics; numpy warns of what NaN says.
        warnings.simplefilter("ignore", RuntimeWarning)
        mean, spread = np.nanmean(places, axis=0), np.nanstd(places, axis=0)
    has_place = (~np.isnan(places)).any(axis=0)
    p_star = {star: np.where(has_place, np.nan if stars is None else (stars == star).sum(axis=0) / count, np.nan) for star in STARS}
    p_top = np.where(has_place, (places <= TOP).sum(axis=0) / count, np.nan)
    above = _above(totals)
    return Summary(mean, low, median, high, spread / np.sqrt(count), p_star, p_top, above, _bands(above, official))


def _quantiles(places: Floats, parts: tuple[float, ...]) -> list[Floats]:
    """Places that were really taken: the smallest one that at least this part of the draws does not exceed."""
    ordered = np.sort(places, axis=0)
    count = (~np.isnan(places)).sum(axis=0)
    columns = np.arange(places.shape[1])
    return [np.where(count > 0, ordered[np.maximum(np.ceil(part * count).astype(int) - 1, 0), columns], np.nan) for part in parts]


def _above(totals: Floats) -> Floats:
    units = totals.shape[1]
    by_unit = np.ascontiguousarray(np.round(totals, 9).T)
    above = np.full((units, units), np.nan)
    for unit in range(units):
        others = by_unit[unit + 1 :]
        both = ~np.isnan(others) & ~np.isnan(by_unit[unit])
        count = both.sum(axis=1)
        wins = (by_unit[unit] > others).sum(axis=1) + (by_unit[unit] == others).sum(axis=1) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            above[unit, unit + 1 :] = np.where(count > 0, wins / count, np.nan)
        above[unit + 1 :, unit] = 1 - above[unit, unit + 1 :]
    return above


def _bands(above: Floats, official: Floats) -> Floats:
    """Walking down the ranking, a new band begins where a unit is surely behind the one before it."""
    band = np.full(len(official), np.nan)
    ranked = [int(unit) for unit in np.argsort(official, kind="stable") if not np.isnan(official[unit])]
    number = 0
    for position, unit in enumerate(ranked):
        if position == 0 or above[ranked[position - 1], unit] >= SURE:
            number += 1
        band[unit] = number
    return band


def mean_shifts(places: Floats, official: Floats, schemes: dict[str, Ints]) -> dict[str, float]:
    """For each scheme (rows of the draws that use it) the mean absolute shift of places from the published ones (Handbook, eq. 38)."""
    shifts = {}
    for scheme, rows in schemes.items():
        moved = np.abs(places[rows] - official)
        if (~np.isnan(moved)).any():
            shifts[scheme] = float(np.nanmean(moved))
    return shifts
