"""How much technology trade each county has in the sample, and what the registration point of 滨江区 registers.

Here: targets by county and quarter in hundredths of 万元. Not here: the contracts that reach them.
"""

from __future__ import annotations

import numpy as np

from pipelines.sample.geography import OWN, Geography
from pipelines.sample.streams import Floats, stream

HUNDREDTHS = 1_000_000
"""Hundredths of 万元 in one 亿元."""

_LARGE_2023 = {
    "330110": 432.0, "330106": 236.0, "330102": 110.0, "330109": 104.0, "330114": 92.0, "330105": 88.0, "330113": 66.0,
    "330111": 30.0, "330112": 26.0, "330122": 10.0, "330182": 8.0, "330127": 3.0, "330212": 99.8,
}  # fmt: skip
_SHARE_OF_GDP, _OWN_LEVEL, _GROWTH = 0.019, 18.0, 1.13
_REACHED = np.array((0.18, 0.37, 0.61, 1.0))
_ANCHOR = {2021: 241.8, 2022: 370.0, 2023: 386.4}
_ANCHOR_Q3 = {2022: 226.31, 2023: 235.98}

_POINT = {2023: (887, 6.45, 7.21)}
POINT_SHARE_Q4 = 0.31
"""What the point registers in a fourth quarter, as a share of the three quarters before."""


def point_target(year: int) -> tuple[tuple[int, int, int, int], int, int]:
    """Contracts of the point by quarter, and its 技术交易额 and 合同成交总额 of the first three quarters."""
    number, tech, deal = _POINT.get(year, (812, 5.83, 6.48))
    first, second = round(number * 0.27), round(number * 0.34)
    return (first, second, number - first - second, round(number * POINT_SHARE_Q4)), round(tech * HUNDREDTHS), round(deal * HUNDREDTHS)


def quarter_targets(geography: Geography, year: int, seed: int) -> Floats:
    """技术交易额 by region (91) and quarter (4), each quarter's own amount in hundredths of 万元."""
    draw = np.exp(np.clip(stream(seed, "tech_base").normal(0.0, 0.4, OWN + 1), -0.8, 0.8))
    base = geography.gdp * _SHARE_OF_GDP * draw
    base[OWN] = _OWN_LEVEL
    for code, amount in _LARGE_2023.items():
        base[geography.codes.index(code)] = amount
    drift = np.clip(stream(seed, "tech_year", year).normal(0.0, 0.05, OWN + 1), -0.09, 0.09)
    whole = base * _GROWTH ** (year - 2023) * np.exp(drift if year != 2023 else 0.0 * drift)
    steps = np.clip(stream(seed, "tech_quarter", year).normal(0.0, 0.012, (OWN + 1, 3)), -0.025, 0.025)
    reached = np.column_stack([_REACHED[:3] + steps, np.ones(OWN + 1)])
    leader = geography.codes.index("330110")
    reached[leader] = _REACHED
    amounts = np.diff(np.column_stack([np.zeros(OWN + 1), whole[:, None] * reached]), axis=1)
    anchor = _ANCHOR.get(year, 386.4 * _GROWTH ** (year - 2023))
    to_third = _ANCHOR_Q3.get(year, round(anchor * 0.61, 2))
    amounts[geography.anchor] = to_third * np.array((0.30, 0.32, 0.38, 0.0))
    amounts[geography.anchor, 3] = anchor - to_third
    return amounts * HUNDREDTHS
