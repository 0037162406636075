"""Who signs technology contracts: the firms, institutes, buyers elsewhere in China and abroad.

Here: one table of parties and how sellers and buyers are drawn from it. Not here: contracts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.firms import OUTSIDE, Firms
from pipelines.sample.geography import ELSEWHERE, OWN, OWN_LEVEL, Geography
from pipelines.sample.identities import Texts, firm_names, usccs
from pipelines.sample.streams import Ints, stream

INSTITUTES, ELSEWHERE_N = 180, 420
_ABROAD = (
    ("840", "Northlake Devices Inc."), ("392", "Hoshino Kogyo K.K."), ("276", "Talberg Technik GmbH"), ("702", "Marina Systems Pte Ltd"),
    ("826", "Fenwick Labs Ltd"), ("410", "Hanbit Solutions Co., Ltd."), ("528", "Waterland Optics B.V."), ("344", "港盛科技有限公司"),
)  # fmt: skip


@dataclass(frozen=True)
class Parties:
    """Parties in one table: the firms in their order, then institutes, then those elsewhere, then those abroad."""

    name: Texts
    uscc: Texts
    division: Texts
    country: Texts
    kind: Texts
    seller_starts: Ints
    seller_order: Ints
    buyer_starts: Ints
    buyer_order: Ints
    elsewhere: tuple[int, int]
    abroad: tuple[int, int]
    weights: Ints

    def sellers(self, rng: np.random.Generator, region: Ints) -> Ints:
        """A seller for each region (0..91), those listed first more often."""
        starts, ends = self.seller_starts[region], self.seller_starts[region + 1]
        drawn = self.seller_order[
            np.minimum(starts + np.floor(rng.random(len(region)) ** 1.5 * (ends - starts)).astype(np.int64), ends - 1)
        ]
        far = rng.integers(*self.elsewhere, len(region))
        return np.where(region == OUTSIDE, far, drawn)

    def buyers(self, rng: np.random.Generator, region: Ints) -> Ints:
        """A buyer for each seller's region: often near, also elsewhere in China and abroad."""
        size = len(region)
        near = np.where((rng.random(size) < 0.45) & (region < OUTSIDE), region, rng.choice(OWN + 1, size, p=self.weights))
        starts, ends = self.buyer_starts[near], self.buyer_starts[near + 1]
        drawn = self.buyer_order[starts + np.floor(rng.random(size) * (ends - starts)).astype(np.int64)]
        where = rng.random(size)
        drawn = np.where(where < 0.3, rng.integers(*self.elsewhere, size), drawn)
        return np.where(where > 0.97, rng.integers(*self.abroad, size), drawn)


def make_parties(geography: Geography, firms: Firms, seed: int) -> Parties:
    """All parties; every region has at least one institute, so that it always has a seller and a buyer."""
    rng = stream(seed, "parties")
    extra = rng.choice(OWN, INSTITUTES - OWN - 1, p=geography.gdp[:OWN] / geography.gdp[:OWN].sum())
    at = np.concatenate([np.arange(OWN + 1), extra])
    divisions = geography.all_codes[at].astype("U6")
    short = np.array([name[:2] for name in (*geography.names, "浙江")])
    is_university = rng.random(INSTITUTES) < 0.3
    suffix = np.where(is_university, "学院", "研究院")
    middle = np.array(["工业", "应用", "信息", "生物", "材料", "智能", "海洋", "能源"])[np.arange(INSTITUTES) * 3 % 8]
    institutes = np.strings.add(short[at], np.strings.add(middle, suffix))
    far_pick = np.arange(ELSEWHERE_N) % len(ELSEWHERE)
    far_division = np.array([code for code, _ in ELSEWHERE])[far_pick]
    far_place = np.array([name for _, name in ELSEWHERE])[far_pick]
    seller_groups = _grouped(np.concatenate([np.where(firms.is_seller, firms.region, -1), at]))
    inside = np.where(firms.role == "cancelled", -1, np.where(firms.region == OUTSIDE, -1, firms.region))
    buyer_groups = _grouped(np.concatenate([inside, at]))
    first_far = firms.size + INSTITUTES
    first_abroad = first_far + ELSEWHERE_N
    blank = np.full(len(_ABROAD), "")
    return Parties(
        name=np.concatenate([firms.name, institutes, firm_names(far_place, firms.size + 1000, seed), [name for _, name in _ABROAD]]),
        uscc=np.concatenate(
            [
                firms.uscc,
                usccs("12", np.where(divisions == OWN_LEVEL, "330000", divisions), 50_000_000, seed),
                usccs("91", far_division, 60_000_000, seed),
                blank,
            ]
        ),
        division=np.concatenate([firms.division, divisions, far_division, blank]),
        country=np.concatenate([np.full(first_abroad, "156"), [code for code, _ in _ABROAD]]),
        kind=np.concatenate(
            [np.full(firms.size, "企业法人"), np.where(is_university, "高等院校", "科研机构"), np.full(ELSEWHERE_N, "企业法人"),
             np.full(len(blank), "境外企业")]
        ),
        seller_starts=seller_groups[0], seller_order=seller_groups[1], buyer_starts=buyer_groups[0], buyer_order=buyer_groups[1],
        elsewhere=(first_far, first_abroad), abroad=(first_abroad, first_abroad + len(_ABROAD)),
        weights=geography.gdp / geography.gdp.sum(),
    )  # fmt: skip


def _grouped(region: Ints) -> tuple[Ints, Ints]:
    """Entries ordered by region (0..91; negative ones left out), and where each region starts."""
    order = np.argsort(region, kind="stable")
    order = order[region[order] >= 0]
    return np.searchsorted(region[order], np.arange(OUTSIDE + 2)), order
