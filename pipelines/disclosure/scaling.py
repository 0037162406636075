"""Rows and columns of a matrix brought to like sizes, so that a solver's tolerances mean the same for yuan, percent and points.

Here: the factors. Not here: what the matrix says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

ROUNDS = 4


def equilibrated(rows: Places, columns: Places, entries: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """Factors of rows and of columns, powers of two: entries × row factor × column factor are near 1 in size; where they are, all are 1."""
    of_rows, of_columns = np.ones(shape[0]), np.ones(shape[1])
    for _ in range(ROUNDS):
        of_rows *= _factors(rows, np.abs(entries) * of_rows[rows] * of_columns[columns], shape[0])
        of_columns *= _factors(columns, np.abs(entries) * of_rows[rows] * of_columns[columns], shape[1])
    return of_rows, of_columns


def _factors(places: Places, sizes: Floats, count: int) -> Floats:
    """For each row or column the power of two that takes the middle of its smallest and largest entry to 1."""
    smallest, largest = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(smallest, places, sizes)
    np.maximum.at(largest, places, sizes)
    used = largest > 0
    factors = np.ones(count)
    factors[used] = np.exp2(-np.round(np.log2(smallest[used] * largest[used]) / 2))
    return factors
