"""The firms of the sample: those above scale, the other taxpayers, and the institutes that sell technology.

Here: who exists, where, in which industry, and how large relative to its county. Not here: a quarter's figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.errors import UsageError
from pipelines.sample.economy import Economy
from pipelines.sample.geography import ELSEWHERE, OWN, OWN_LEVEL, Geography
from pipelines.sample.identities import Texts, firm_names, usccs
from pipelines.sample.streams import Flags, Ints, apportion, stream

ABOVE_SCALE, OTHERS, LARGEST_SCALE = 2700, 600, 340
OUTSIDE = OWN + 1
"""Region of a firm that is not in Zhejiang."""

HT_CLASSES = ("2710", "2720", "2761", "3515", "3562", "3670", "3824", "3831", "3921", "3963", "3973", "4011", "4023", "2651")
OTHER_CLASSES = ("1711", "1751", "1810", "1951", "2110", "2231", "2438", "2926", "3011", "3130", "3311", "3351", "3484", "1495")
SERVICE_CLASSES = ("6510", "6520", "6531", "7310", "7320", "7340", "7512", "7519")
_CITY_SHORT = 2


@dataclass(frozen=True)
class Firms:
    """One entry per taxpayer, the firms above scale first; `of_industry` and the others are masks or codes per entry."""

    above: int
    uscc: Texts
    name: Texts
    region: Ints
    division: Texts
    industry: Texts
    is_ht_class: Flags
    is_ht: Flags
    since: Ints
    is_seller: Flags
    role: Texts
    """Of the other taxpayers: `service`, `growing` (sales near the threshold), `research`, `cancelled`; else `above`."""

    @property
    def size(self) -> int:
        """Number of taxpayers."""
        return len(self.uscc)


def places_of(geography: Geography, region: Ints) -> Texts:
    """What a firm's name begins with: its city's short name."""
    short = [name[:_CITY_SHORT] for name in geography.city_names]
    by_region = np.array([*(short[city] for city in geography.city_of), "浙江", "上海"])
    return by_region[region]


def scaled(number: int, scale: float) -> int:
    """A count at this scale, at least one; a scale beyond Excel's rows is a usage error."""
    if not 0 < scale <= LARGEST_SCALE:
        raise UsageError(f"scale out of range: found {scale}; expected above 0 and at most {LARGEST_SCALE}, so that a sheet holds its rows")
    return max(round(number * scale), 1)


def make_firms(geography: Geography, economy: Economy, scale: float, seed: int) -> Firms:
    """The population of taxpayers at `scale`."""
    rng = stream(seed, "firms")
    above, others = scaled(ABOVE_SCALE, scale), max(scaled(OTHERS, scale), 12)
    industry_size = economy.base("industry")[:OWN] ** 0.85
    other_size = geography.gdp[:OWN] * np.where(np.arange(OWN) == geography.anchor, 3.0, 1.0)
    region = np.concatenate(
        [np.repeat(np.arange(OWN), apportion(industry_size, above)), np.repeat(np.arange(OWN), apportion(other_size, others))]
    )
    size = above + others
    is_other = np.arange(size) >= above
    division = geography.all_codes[region].astype("U6")
    provincial = above + rng.choice(others, max(others // 150, 1), replace=False)
    region[provincial], division[provincial] = OWN, OWN_LEVEL
    away = above + rng.choice(others, max(others // 200, 1), replace=False)
    region[away], division[away] = OUTSIDE, [ELSEWHERE[number % len(ELSEWHERE)][0] for number in range(len(away))]

    is_ht_class = (rng.random(size) < 0.55) & ~is_other
    pick = rng.integers(0, len(HT_CLASSES), size)
    industry = np.where(is_ht_class, np.array(HT_CLASSES)[pick], np.array(OTHER_CLASSES)[pick])
    role = np.where(is_other, np.array(["service", "growing", "research", "cancelled"])[_roles(rng, size)], "above")
    services = is_other & (role != "growing")
    industry = np.where(services, np.array(SERVICE_CLASSES)[pick % len(SERVICE_CLASSES)], industry)
    not_flagged = _unflagged(rng, geography, is_ht_class, region)
    since = np.where(~is_other & (rng.random(size) < 0.03), 2023, 0)
    is_seller = (rng.random(size) < np.where(is_other, 0.5, 0.35)) & (role != "cancelled")
    return Firms(
        above=above,
        uscc=usccs("91", np.where(division == OWN_LEVEL, "330000", division), 0, seed),
        name=firm_names(places_of(geography, region), 0, seed),
        region=region, division=division, industry=industry,
        is_ht_class=is_ht_class, is_ht=is_ht_class & ~not_flagged, since=since, is_seller=is_seller, role=role,
    )  # fmt: skip


def _roles(rng: np.random.Generator, size: int) -> Ints:
    return np.searchsorted((0.62, 0.74, 0.92), rng.random(size))


def _unflagged(rng: np.random.Generator, geography: Geography, is_ht_class: Flags, region: Ints) -> Flags:
    """Firms whose class is in the catalogue but which nobody has flagged yet; four of them in 滨江区 if it has so many."""
    chosen = is_ht_class & (region != geography.anchor) & (rng.random(len(region)) < 0.03)
    chosen[np.flatnonzero(is_ht_class & (region == geography.anchor))[-4:]] = True
    return chosen
