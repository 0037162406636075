"""Which values an indicator can have: bounds and steps by the catalogue's kind and unit.

Here: what a number may be by itself. Not here: what it is likely to be, nor what follows from it (amendments.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COUNTED = ("家", "项", "人", "个", "位")
_RANKS = "位"
#: A change below this part of the last published decimal is none that anybody sees.
_UNSEEN = 1e-2


@dataclass(frozen=True)
class Possible:
    """The least and the greatest value, and the step between values: 1 for counts, else the smallest change worth naming."""

    least: float = -math.inf
    most: float = math.inf
    step: float = 0.0
    is_whole: bool = False

    def reachable(self, value: float, change: float) -> float:
        """The change nearest to the wanted one, at least as large, that leads to a possible value; smaller where the bound is nearer."""
        size = math.ceil(abs(change) - 1e-9) if self.is_whole else max(abs(change), self.step)
        return min(max(value + math.copysign(size, change), self.least), self.most) - value

    def fault_of(self, value: float, unit: str) -> str:
        """What is wrong with a value, as `found …; expected …`; empty if it is possible."""
        if self.is_whole and value != int(value):
            return f"found {value:g}, a part of one; expected a whole number of {unit}"
        if self.least <= value <= self.most:
            return ""
        ends = f"{self.least:g} or more" if math.isinf(self.most) else f"{self.least:g} to {self.most:g}"
        return f"found {value:g}; expected {ends} {unit}"


def possible(entry: Mapping[str, Any]) -> Possible:
    """What an entry of the catalogue admits; anything if the catalogue does not know the indicator."""
    if not entry:
        return Possible()
    unit, kind, decimals = entry["unit"], entry["kind"], int(entry["decimals"])
    step = 10.0**-decimals * _UNSEEN
    if unit in _COUNTED:
        return Possible(1.0 if unit == _RANKS else 0.0, math.inf, 1.0, is_whole=True)
    if kind == "growth":
        return Possible(-100.0, math.inf, step)
    if unit == "百分点":
        return Possible(-100.0, 100.0, step)
    return Possible(0.0, 100.0 if unit == "%" else math.inf, step)
