"""The technology contracts of a year, with their later changes, calibrated per county and quarter.

Here: which contracts there are and what a snapshot of a day knows about them. Not here: the CSV (contract_export).
Amounts are whole hundredths of 万元, so every sum is exact.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.calendar import export_day
from pipelines.sample.contract_targets import POINT_SHARE_Q4, point_target, quarter_targets
from pipelines.sample.firms import OUTSIDE, Firms, scaled
from pipelines.sample.geography import OWN, Geography
from pipelines.sample.parties import Parties
from pipelines.sample.streams import Flags, Floats, Ints, apportion, exact_shares, skewed, stream

PER_YEAR, OUTSIDE_SHARE = 20_000, 0.004
_QUARTER_SHARE = np.array((0.14, 0.17, 0.21, 0.48))
NEVER = 9_999_999
PENDING, REGISTERED, CHANGED, CANCELLED = range(4)


@dataclass
class Contracts:
    """One entry per contract of the year; days are ordinals, `region` is the seller's."""

    year: int
    region: Ints
    quarter: Ints
    registered: Ints
    settled: Ints
    changed: Ints
    is_cancelled: Flags
    is_point: Flags
    seller: Ints
    buyer: Ints
    tech: Ints
    tech_after: Ints
    deal: Ints
    deal_after: Ints
    serial: Ints

    def state(self, day: int) -> Ints:
        """States as a snapshot of `day` shows them."""
        states = np.where(self.settled > day, PENDING, REGISTERED)
        return np.where(self.changed <= day, np.where(self.is_cancelled, CANCELLED, CHANGED), states)

    def amounts(self, day: int) -> tuple[Ints, Ints]:
        """技术交易额 and 合同成交总额 as a snapshot of `day` shows them."""
        changed = self.changed <= day
        return np.where(changed, self.tech_after, self.tech), np.where(changed, self.deal_after, self.deal)

    def counted(self, day: int) -> Ints:
        """技术交易额 where the state counts, else zero."""
        state = self.state(day)
        return np.where((state == REGISTERED) | (state == CHANGED), self.amounts(day)[0], 0)


def make_contracts(geography: Geography, firms: Firms, parties: Parties, year: int, scale: float, seed: int) -> Contracts:
    """The contracts of `year` at `scale`."""
    rng = stream(seed, "contracts", year)
    targets = quarter_targets(geography, year, seed)
    total = scaled(PER_YEAR, scale)
    point_n = np.array(point_target(year)[0])
    weights = np.append(targets.sum(axis=1)[:OWN] ** 0.55, 3.0)
    per_region = apportion(weights, total, least=4)
    per_quarter = np.stack([apportion(_QUARTER_SHARE, int(count), least=1) for count in per_region])
    per_quarter[geography.anchor] = np.maximum(per_quarter[geography.anchor] - point_n, 6)
    outside_n = max(int(total * OUTSIDE_SHARE), 1)
    groups = [(region, quarter, 0, int(n)) for region, row in enumerate(per_quarter) for quarter, n in enumerate(row)]
    groups += [(geography.anchor, quarter, 1, int(n)) for quarter, n in enumerate(point_n)]
    groups += [(OUTSIDE, quarter, 0, outside_n // 4 + 1) for quarter in range(4)]
    counts = np.array([n for *_, n in groups])
    region, quarter, is_point = (np.repeat(np.array([group[axis] for group in groups]), counts) for axis in range(3))
    is_point = is_point.astype(bool)
    size = len(region)

    registered = _weekdays(rng, year, quarter)
    quiet_until = export_day(Quarter(year, 3)).toordinal()
    late_point = is_point & (quarter == 3) & (registered <= quiet_until)
    registered = np.where(late_point, quiet_until + 1 + registered % 21, registered)
    is_big = np.repeat(counts >= 8, counts)
    settled = registered + np.where((rng.random(size) < 0.2) & is_big & ~is_point, rng.integers(2, 24, size), 0)
    tech = np.maximum(np.rint(skewed(rng, size, 1.25) * 2500).astype(np.int64), 50)
    small = tech < 2500
    fate = rng.random(size)
    touched = (fate < 0.05) & is_big & small & ~is_point
    changed = np.where(touched, settled + rng.integers(12, 140, size), NEVER)
    contracts = Contracts(
        year=year, region=region, quarter=quarter, registered=registered, settled=settled, changed=changed,
        is_cancelled=fate < 0.012, is_point=is_point,
        seller=parties.sellers(rng, region), buyer=parties.buyers(rng, region),
        tech=tech, tech_after=tech, deal=tech, deal_after=tech, serial=np.zeros(size, dtype=np.int64),
    )  # fmt: skip
    _calibrate(contracts, geography, targets, rng)
    _number(contracts, geography)
    return contracts


def _weekdays(rng: np.random.Generator, year: int, quarter: Ints) -> Ints:
    """A working day in each contract's quarter, as an ordinal."""
    days = np.empty(len(quarter), dtype=np.int64)
    for number in range(4):
        when = Quarter(year, number + 1)
        span = np.arange(when.first_day.toordinal(), when.last_day.toordinal() + 1)
        working = span[(span - 1) % 7 < 5]
        chosen = np.flatnonzero(quarter == number)
        days[chosen] = working[rng.integers(0, len(working), len(chosen))]
    return days


def _calibrate(contracts: Contracts, geography: Geography, targets: Floats, rng: np.random.Generator) -> None:
    """Scale amounts so that counties reach their targets, 滨江区 and its registration point to the last digit."""
    year = contracts.year
    third, fourth = (export_day(Quarter(year, number)).toordinal() for number in (3, 4))
    seen = np.where(contracts.quarter < 3, contracts.counted(third), contracts.counted(fourth))
    group = contracts.region * 4 + contracts.quarter
    free = ~contracts.is_point
    sums = np.bincount(group[free], weights=seen[free], minlength=(OUTSIDE + 1) * 4)
    wanted = np.append(targets.reshape(-1), np.full(4, 30_000.0 * 100))
    points = np.bincount(group[~free], minlength=len(wanted))
    _, point_tech, point_deal = point_target(year)
    point_share = points / max(int(points[: (OUTSIDE + 1) * 4].reshape(-1, 4)[:, :3].sum()), 1)
    wanted = np.maximum(wanted - point_share * point_tech, 0)
    factor = wanted / np.maximum(sums, 1)
    contracts.tech = np.maximum(np.where(free, np.rint(contracts.tech * factor[group]).astype(np.int64), contracts.tech), 10)
    surplus = np.where(rng.random(len(group)) < 0.45, rng.random(len(group)) * 0.25, 0.0)
    for quarters, share in ((contracts.quarter < 3, 1.0), (contracts.quarter == 3, POINT_SHARE_Q4)):
        chosen = np.flatnonzero(contracts.is_point & quarters)
        contracts.tech[chosen] = exact_shares(contracts.tech[chosen].astype(np.float64), round(point_tech * share))
    contracts.deal = np.rint(contracts.tech * (1 + surplus)).astype(np.int64)
    chosen = np.flatnonzero(contracts.is_point & (contracts.quarter < 3))
    extra = exact_shares(contracts.tech[chosen] * (0.02 + surplus[chosen]), point_deal - point_tech)
    contracts.deal[chosen] = contracts.tech[chosen] + extra
    rise = 1 + rng.uniform(-0.15, 0.25, len(group))
    contracts.tech_after = np.maximum(np.rint(contracts.tech * rise).astype(np.int64), 10)
    contracts.deal_after = np.maximum(np.rint(contracts.deal * rise).astype(np.int64), contracts.tech_after)
    anchor = contracts.region == geography.anchor
    still = anchor & free & (contracts.changed == NEVER) & (contracts.settled == contracts.registered)
    for day, upto, goal in ((third, 2, targets[geography.anchor, :3].sum()), (fourth, 3, targets[geography.anchor].sum())):
        lacking = round(float(goal)) - int(contracts.counted(day)[anchor & (contracts.quarter <= upto)].sum())
        chosen = np.flatnonzero(still & (contracts.quarter == upto))
        before = contracts.tech[chosen]
        contracts.tech[chosen] = exact_shares(before.astype(np.float64), int(before.sum()) + lacking)
        contracts.deal[chosen] = np.maximum(np.rint(contracts.deal[chosen] * (contracts.tech[chosen] / before)), contracts.tech[chosen])


def _number(contracts: Contracts, geography: Geography) -> None:
    """Serial numbers per registration point, in the order of registration."""
    point = registration_point(contracts, geography)
    order = np.lexsort((contracts.registered, point))
    ordered = point[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    contracts.serial[order] = rank + 1


def registration_point(contracts: Contracts, geography: Geography) -> Ints:
    """City (2 digits) and point (2 digits) where each contract was registered, as one number.

    The point of 滨江区 registers only its own 887; the district's other contracts go to the city's point 01.
    """
    own = np.array([int(code[2:]) for code in (*geography.codes, "330001", "330002")])
    point = own[contracts.region]
    return np.where((contracts.region == geography.anchor) & ~contracts.is_point, 101, point)


def day_text(ordinal: int) -> str:
    """An ordinal as `2023-09-30`."""
    return dt.date.fromordinal(ordinal).isoformat()
