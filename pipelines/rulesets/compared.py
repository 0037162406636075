"""How the rule language compares, rounds and places, over arrays of many totals at once.

The same as the macros of dbt_project/macros/scoring.sql and the window functions of score_ranks.sql; tests compare them.
Here: values at compare_dp, decimal rounding, places with ties. Not here: which totals, which ranking.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def at_dp(x: Floats | float, dp: int) -> Floats:
    """Values as they are compared: whole numbers of the last decimal of `dp`, halves away from zero (macro `at_dp`)."""
    shifted = np.asarray(x) * 10.0**dp
    whole = np.trunc(shifted)
    with np.errstate(invalid="ignore"):  # an infinite key stays infinite
        return np.asarray(whole + np.sign(shifted) * (np.abs(shifted - whole) >= 0.5))


def rounded(exact: Floats, dp: int, decimals: int, rounding: str) -> Floats:
    """Values at compare_dp (`exact`) rounded half_up or half_even, in units of the last of `decimals` (macro `round_decimal`)."""
    unit = 10.0 ** (dp - decimals)
    shifted = np.abs(exact) + np.floor(unit / 2)
    whole = np.floor(shifted / unit)
    if rounding == "half_even" and unit > 1:
        whole -= (shifted == unit * whole) & (whole % 2 == 1)
    return np.asarray(np.sign(exact) * whole)


def places(keys: list[Floats], ties: str) -> Floats:
    """Places from 1 within each row of [rows, units], the smallest first key first, later keys among equals; ordinal: then by column.

    A NaN in the first key has no place.
    """
    first = np.where(np.isnan(keys[0]), np.inf, keys[0])
    order = np.argsort(first, axis=1, kind="stable") if len(keys) == 1 else np.lexsort([*keys[:0:-1], first], axis=1)
    is_new = np.ones(first.shape, dtype=bool)
    is_new[:, 1:] = False
    for key in (first, *keys[1:]):
        in_order = np.take_along_axis(key, order, axis=1)
        is_new[:, 1:] |= in_order[:, 1:] != in_order[:, :-1]
    number = np.arange(1.0, first.shape[1] + 1)
    if ties == "ordinal":
        in_order = np.broadcast_to(number, first.shape)
    elif ties == "dense":
        in_order = np.cumsum(is_new, axis=1).astype(float)
    else:
        in_order = np.maximum.accumulate(np.where(is_new, number, 0.0), axis=1)
        if ties == "average":
            is_last = np.ones(first.shape, dtype=bool)
            is_last[:, :-1] = is_new[:, 1:]
            ends = np.minimum.accumulate(np.where(is_last, number, np.inf)[:, ::-1], axis=1)[:, ::-1]
            in_order = (in_order + ends) / 2
    found = np.empty(first.shape)
    np.put_along_axis(found, order, in_order, axis=1)
    return np.where(np.isnan(keys[0]), np.nan, found)
