"""What the firms above scale report: year-to-date value added, revenue and R&D expense.

Here: a county's totals shared out over its firms, so that the firms never exceed the county. Not here: the sheet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.economy import QIAN, Economy
from pipelines.sample.firms import Firms
from pipelines.sample.geography import OWN
from pipelines.sample.streams import Ints, skewed, stream

_COVERED = 0.3
"""The largest share of a county's industry that the sample's firms stand for."""
_WAITING = 0.012
"""Share of 滨江区's industry that its four firms of the new catalogue have, which nobody has flagged yet: flagged where they stand
they take the district's high-tech share beyond its target of 88 %, admitted on top of the total they would not."""


@dataclass(frozen=True)
class Figures:
    """A quarter's year-to-date figures of the firms above scale in 千元; `rd_true` is what the firm really spent."""

    value_added: Ints
    revenue: Ints
    rd: Ints
    rd_true: Ints


def figures(firms: Firms, economy: Economy, year: int, seed: int) -> list[Figures]:
    """Figures for the four quarters of `year`; a county's firms stay below the county's totals."""
    region = firms.region[: firms.above]
    alive = firms.since[: firms.above] <= year
    is_ht = firms.is_ht[: firms.above].astype(bool)
    group = region * 2 + is_ht
    weight = skewed(stream(seed, "firm_size"), firms.above, 1.1) * skewed(stream(seed, "firm_year", year), firms.above, 0.08)
    weight = np.where(alive, weight, 0.0)
    count = np.bincount(region, weights=alive, minlength=OWN)
    covered = _COVERED * (1 - np.exp(-count / 25.0))
    share = weight / np.maximum(np.bincount(group, weights=weight, minlength=OWN * 2), 1e-12)[group] * covered[region]
    turnover = share * skewed(stream(seed, "firm_turnover"), firms.above, 0.25)
    turnover *= (covered / np.maximum(np.bincount(region, weights=turnover, minlength=OWN), 1e-12))[region]
    spends = stream(seed, "firm_spends").random(firms.above) < 0.75
    effort = turnover * np.where(is_ht, 1.6, 0.7) * skewed(stream(seed, "firm_effort"), firms.above, 0.35)
    effort *= (covered / np.maximum(np.bincount(region, weights=effort, minlength=OWN), 1e-12))[region]
    effort = np.where(spends, effort, 0.0)
    silent = np.select(
        [stream(seed, "firm_silent").random(firms.above) > 0.02], [1.0], stream(seed, "firm_half").choice([0.0, 0.3], firms.above)
    )
    waiting = np.flatnonzero((region == economy.geography.anchor) & firms.is_ht_class[: firms.above] & ~is_ht & alive)
    quarters = []
    for number in range(1, 5):
        quarter = Quarter(year, number)
        industry = economy.level("industry", quarter, QIAN)[:OWN]
        high_tech = economy.level("ht_industry", quarter, QIAN)[:OWN]
        part = np.where(is_ht, high_tech[region], (industry - high_tech)[region])
        value_added = np.floor(share * part)
        value_added[waiting] = np.floor(_WAITING * industry[economy.geography.anchor] * weight[waiting] / weight[waiting].sum())
        spent = np.floor(effort * economy.level("research", quarter, QIAN)[:OWN][region])
        quarters.append(
            Figures(
                value_added=value_added.astype(np.int64),
                revenue=np.floor(turnover * economy.level("revenue", quarter, QIAN)[:OWN][region]).astype(np.int64),
                rd=np.floor(spent * silent).astype(np.int64),
                rd_true=spent.astype(np.int64),
            )
        )
    return quarters
