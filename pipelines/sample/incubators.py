"""Carriers and their tenants: who is where from when to when, and what a quarter's platform return says.

Here: the population, calibrated for 滨江区, and a quarter's view of it. Not here: the workbook (incubator_book).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.firms import Firms, places_of, scaled
from pipelines.sample.geography import OWN, Geography
from pipelines.sample.identities import Texts, firm_names, usccs
from pipelines.sample.streams import Flags, Floats, Ints, apportion, exact_shares, skewed, stream

ANCHOR_INCUBATORS, ANCHOR_MAKERSPACES, ANCHOR_DISTRICT_ONLY = 85, 45, 9
ANCHOR_TENANTS, ANCHOR_JOBS, ANCHOR_NEW_AREA = 3988, 20_346, 77_900
ANCHOR_DAY = Quarter(2023, 3).last_day.toordinal()
ELSEWHERE_CARRIERS, TENANTS_EACH = 161, 16
STILL_HERE = 9_999_999
_LEVELS = ("国家级、省级、市级", "省级、市级", "市级", "市级、区级", "区级")
_FIRST_ENTRY, _LAST_ENTRY = dt.date(2018, 1, 2).toordinal(), dt.date(2027, 12, 31).toordinal()
_LATE_RATE = 0.075
"""Entries and exits per quarter around the anchored day, as a share of the tenants."""


@dataclass(frozen=True)
class Carriers:
    """One entry per carrier in the order of its code; days are ordinals, areas m²."""

    code: Texts
    name: Texts
    region: Ints
    division: Texts
    is_makerspace: Flags
    level: Ints
    operator: Texts
    recognised: Ints
    area: Ints

    @property
    def level_text(self) -> list[str]:
        """The levels as the platform joins them."""
        return [_LEVELS[level] for level in self.level]


@dataclass(frozen=True)
class Tenants:
    """One entry per stay; a tenant in two carriers has two. `graduates` says how a stay that ends, ends."""

    carrier: Ints
    uscc: Texts
    name: Texts
    entered: Ints
    left: Ints
    graduates: Flags
    staff: Ints
    raises: Ints

    def seen(self, quarter: Quarter) -> tuple[Ints, Flags]:
        """Which stays a quarter's return lists (present, or ended this year) and which of them are still on."""
        day = quarter.last_day.toordinal()
        year_start = dt.date(quarter.year, 1, 1).toordinal()
        listed = np.flatnonzero((self.entered <= day) & (self.left >= year_start))
        return listed, self.left[listed] > day


def make_carriers(geography: Geography, scale: float, seed: int) -> Carriers:
    """The carriers: 滨江区's are the same at every scale."""
    rng = stream(seed, "carriers")
    elsewhere = max(scaled(ELSEWHERE_CARRIERS, scale), 8)
    weights = np.where(np.arange(OWN) == geography.anchor, 0.0, geography.gdp[:OWN])
    counts = apportion(weights, elsewhere)
    anchored = ANCHOR_INCUBATORS + ANCHOR_MAKERSPACES + ANCHOR_DISTRICT_ONLY
    counts[geography.anchor] = anchored
    region = np.repeat(np.arange(OWN), counts)
    size = len(region)
    in_anchor = np.flatnonzero(region == geography.anchor)
    is_makerspace = rng.random(size) < 0.4
    is_makerspace[in_anchor] = np.arange(anchored) >= ANCHOR_INCUBATORS
    level = np.searchsorted((0.12, 0.4, 0.7, 0.85), rng.random(size))
    level[in_anchor] = np.searchsorted((0.14, 0.42, 0.8), rng.random(anchored))
    level[in_anchor[-ANCHOR_DISTRICT_ONLY:]] = 4
    recognised = rng.integers(dt.date(2013, 1, 4).toordinal(), dt.date(2018, 1, 2).toordinal(), size)
    recent = rng.random(size) < 0.2
    recognised = np.where(recent, rng.integers(dt.date(2020, 1, 2).toordinal(), ANCHOR_DAY - 60, size), recognised)
    rank = np.concatenate([np.arange(count) for count in counts])
    recognised = np.where(rank == 0, dt.date(2014, 5, 20).toordinal(), recognised)
    division = geography.all_codes[region].astype("U6")
    kinds = np.where(is_makerspace, "众创空间", "孵化器")
    return Carriers(
        code=np.strings.add(np.strings.add("FH", division), np.strings.zfill((rank + 1).astype("U5"), 5)),
        name=np.strings.add(firm_names(places_of(geography, region), 5_000_000, seed, suffix=""), kinds),
        region=region, division=division, is_makerspace=is_makerspace, level=level,
        operator=usccs("91", division, 70_000_000, seed), recognised=recognised,
        area=np.rint(skewed(rng, size, 0.5) * np.where(is_makerspace, 1500, 9000)).astype(np.int64) + 500,
    )  # fmt: skip


def make_tenants(geography: Geography, firms: Firms, carriers: Carriers, seed: int) -> Tenants:
    """All stays: those on at the anchored day, those ended before it, those begun after it, and second stays."""
    rng = stream(seed, "tenants")
    parts: list[tuple[Ints, Ints, Ints]] = []
    for region in np.unique(carriers.region):
        mine = np.flatnonzero(carriers.region == region)
        on = ANCHOR_TENANTS if region == geography.anchor else max(round(len(mine) * TENANTS_EACH * rng.uniform(0.7, 1.3)), 4)
        entered, left = _stays(rng, on)
        by_day = mine[np.argsort(carriers.recognised[mine], kind="stable")]
        open_then = np.maximum(np.searchsorted(carriers.recognised[by_day], entered, side="right"), 1)
        parts.append((by_day[np.floor(rng.random(len(entered)) * open_then).astype(np.int64)], entered, left))
    carrier, entered, left = (np.concatenate([part[axis] for part in parts]) for axis in range(3))
    region = carriers.region[carrier]
    uscc = usccs("91", carriers.division[carrier], 100_000_000, seed)
    name = firm_names(places_of(geography, region), 10_000_000, seed)
    _borrow_taxpayers(firms, region, entered, left, uscc, name)
    staff = np.minimum(np.rint(skewed(rng, len(carrier), 0.7) * 4), 80).astype(np.int64) + 1
    counted = (region == geography.anchor) & (entered <= ANCHOR_DAY) & (left > ANCHOR_DAY)
    staff[counted] = 1 + exact_shares(skewed(rng, int(counted.sum()), 0.7), ANCHOR_JOBS - ANCHOR_TENANTS)
    stays = Tenants(
        carrier, uscc, name, entered, left, rng.random(len(carrier)) < 0.45, staff, np.where(rng.random(len(carrier)) < 0.04, 1, 0)
    )
    return _with_second_stays(stays, carriers, rng)


def _stays(rng: np.random.Generator, on: int) -> tuple[Ints, Ints]:
    """First and last days of the stays of a county that has `on` of them on at the anchored day."""
    flow = max(round(on * _LATE_RATE), 1)
    entered = ANCHOR_DAY - rng.integers(5, 48 * 30, on)
    old = rng.random(on) < 0.02
    entered = np.where(old, rng.integers(_FIRST_ENTRY, ANCHOR_DAY - 49 * 31, on), entered)
    stays_until = ANCHOR_DAY + rng.integers(20, 48 * 30, on)
    before = np.sort(ANCHOR_DAY - rng.integers(0, 22 * 91, flow * 17))
    after = rng.integers(ANCHOR_DAY + 12, _LAST_ENTRY, flow * 17)
    return (
        np.concatenate([entered, before - rng.integers(200, 46 * 30, len(before)), after]),
        np.concatenate([stays_until, before, np.full(len(after), STILL_HERE)]),
    )


def _borrow_taxpayers(firms: Firms, region: Ints, entered: Ints, left: Ints, uscc: Texts, name: Texts) -> None:
    """Let some tenants be known taxpayers (the cancelled ones too), so that the feeds meet in the same firms."""
    taxpayers = np.flatnonzero(np.isin(firms.role, ("service", "cancelled", "research")) & (firms.region < OWN))
    on = np.flatnonzero((entered <= ANCHOR_DAY - 700) & (left > ANCHOR_DAY))
    for county in np.unique(firms.region[taxpayers]):
        known = taxpayers[firms.region[taxpayers] == county][::2]
        seats = on[region[on] == county][: len(known)]
        uscc[seats], name[seats] = firms.uscc[known[: len(seats)]], firms.name[known[: len(seats)]]


def _with_second_stays(stays: Tenants, carriers: Carriers, rng: np.random.Generator) -> Tenants:
    """About three in a thousand tenants are in a second carrier of the same county as well."""
    twice = np.flatnonzero((rng.random(len(stays.carrier)) < 0.003) & (stays.entered > ANCHOR_DAY - 1000))
    last = len(carriers.region) - 1
    other = np.where(stays.carrier[twice] < last, stays.carrier[twice] + 1, last - 1)
    same = (carriers.region[other] == carriers.region[stays.carrier[twice]]) & (carriers.recognised[other] < stays.entered[twice])
    twice, other = twice[same], other[same]
    columns = (stays.uscc, stays.name, stays.entered, stays.left, stays.graduates, stays.staff, stays.raises)
    uscc, name, entered, left, graduates, staff, raises = (np.concatenate([column, column[twice]]) for column in columns)
    return Tenants(np.concatenate([stays.carrier, other]), uscc, name, entered, left, graduates, staff, raises)


def new_area(geography: Geography, carriers: Carriers, quarter: Quarter, seed: int) -> Ints:
    """当年新增孵化面积 by carrier in m², year to date: each addition is whole and happens in one quarter."""
    rng = stream(seed, "area", quarter.year)
    size = len(carriers.region)
    when = rng.integers(1, 5, size)
    added: Floats = np.where(rng.random(size) < 0.12, skewed(rng, size, 0.5) * 1500, 0.0)
    area = np.rint(added).astype(np.int64)
    in_anchor = np.flatnonzero(carriers.region == geography.anchor)
    growing = in_anchor[rng.choice(60, 16, replace=False)]
    area[in_anchor] = 0
    weights = skewed(rng, 16, 0.4)
    area[growing[:12]] = exact_shares(weights[:12], ANCHOR_NEW_AREA if quarter.year == 2023 else 68_400)
    area[growing[12:]] = np.rint(weights[12:] * 4000)
    when[growing[:12]], when[growing[12:]] = np.arange(12) % 3 + 1, 4
    reached = when <= quarter.number
    return np.where(reached & (carriers.recognised <= quarter.last_day.toordinal()), area, 0)
