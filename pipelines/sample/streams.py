"""Random streams: every part of the sample draws from a stream of its own, named by what it is for.

Here: naming streams, sharing whole numbers out, scrambling numbers. Not here: what is drawn. Because a stream depends on seed and
name only, a quarter comes out the same whichever other quarters are written with it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Method = TypeVar("Method", bound=Callable[..., Any])


def remembered(method: Method) -> Method:
    """Compute a method's result once per object and arguments; the object keeps it in its `memory`."""

    @wraps(method)
    def recall(self: Any, *arguments: Any) -> Any:
        key = (method.__name__, *arguments)
        if key not in self.memory:
            self.memory[key] = method(self, *arguments)
        return self.memory[key]

    return recall  # type: ignore[return-value]  # the wrapper has the method's own signature


def stream(seed: int, *names: object) -> np.random.Generator:
    """The generator of the part that `names` name."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])


def apportion(weights: Floats, total: int, least: int = 0) -> Ints:
    """Whole numbers in proportion to `weights` that add up to `total`, each at least `least` (largest remainders)."""
    spare = max(total - least * len(weights), 0)
    exact = weights / weights.sum() * spare
    counts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: spare - int(counts.sum())]] += 1
    return counts + least


def exact_shares(weights: Floats, total: int) -> Ints:
    """`total` split over `weights` in whole numbers; the rounding goes to the largest."""
    parts = np.floor(weights / weights.sum() * total).astype(np.int64)
    parts[int(np.argmax(weights))] += total - int(parts.sum())
    return parts


def skewed(rng: np.random.Generator, size: int, sigma: float) -> Floats:
    """Log-normal weights with median 1."""
    return np.exp(rng.normal(0.0, sigma, size))
