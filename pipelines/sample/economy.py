"""The economy of the sample: year-to-date levels by region for every series that the statistics bureau delivers.

Here: levels, comparable-price growth, the annual R&D survey, and their calibration. Not here: sheets and cells.
Levels are whole numbers of the unit that is printed, so the province is exactly its cities and a city exactly its counties.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.geography import OWN, Geography
from pipelines.sample.streams import Floats, Ints, remembered, stream

BASE_YEAR = 2022
YEAR_GONE = (0.225, 0.467, 0.717, 1.0)
WAN, QIAN = 10_000, 100_000
"""How many 万元 and 千元 there are in one 亿元."""

_NOMINAL = {2022: 0.0571, 2023: 0.0622}
_DEFLATOR = {2022: 1.025, 2023: 1.002}
_EXTRA = {"gdp": 0.0, "industry": -0.004, "revenue": 0.005, "research": 0.045, "investment": 0.01, "ht_investment": 0.06}
_SPREAD = {"gdp": 0.008, "industry": 0.015, "revenue": 0.02, "research": 0.04, "investment": 0.04, "ht_investment": 0.08}
_HT_SHARE, _ANCHOR_HT_SHARE = 0.66, {2022: 0.865, 2023: 0.872}
_RD_SHARE, _CITY_RD_SHARE, _ANCHOR_RD = 0.031, 0.0386, 207.96
_ANCHOR_RD_SHARE = 0.0952


@dataclass(frozen=True, eq=False)
class Economy:
    """Levels by region; each is computed once per economy."""

    geography: Geography
    seed: int
    memory: dict[tuple[object, ...], object] = field(default_factory=dict)

    @remembered
    def base(self, series: str) -> Floats:
        """The year 2022 of a series in 亿元."""
        geo, gdp = self.geography, self.geography.gdp
        draw = np.exp(stream(self.seed, "base", series).normal(0.0, 0.18, OWN + 1))
        if series == "gdp":
            return gdp
        share, anchor = {
            "industry": (0.282, 0.33), "revenue": (4.9, 4.9), "research": (0.03, 0.05), "investment": (0.42, 0.22),
            "ht_investment": (0.16, 0.41),
        }[series]  # fmt: skip
        of = {"industry": "gdp", "revenue": "industry", "research": "revenue", "investment": "gdp", "ht_investment": "investment"}[series]
        whole = self.base(of)
        level = whole * draw
        level *= share * whole.sum() / level.sum()
        level[geo.anchor] = anchor * whole[geo.anchor]
        return level

    @remembered
    def growth(self, series: str, year: int) -> Floats:
        """Nominal growth of `year` over the year before, as a factor."""
        mean = 1 + _NOMINAL.get(year, 0.055) + _EXTRA[series]
        draw = stream(self.seed, "growth", series, year).normal(0.0, _SPREAD[series], OWN + 1)
        factor = mean * np.exp(np.clip(draw, -2 * _SPREAD[series], 2 * _SPREAD[series]))
        if series == "gdp":
            factor *= mean / (factor @ self.geography.gdp / self.geography.gdp.sum())
        return factor

    @remembered
    def annual(self, series: str, year: int) -> Floats:
        """The whole year in 亿元."""
        if year == BASE_YEAR:
            return self.base(series)
        if year > BASE_YEAR:
            return self.annual(series, year - 1) * self.growth(series, year)
        return self.annual(series, year + 1) / self.growth(series, year + 1)

    @remembered
    def gone(self, series: str, quarter: Quarter) -> Floats:
        """Share of the year's level that is reached at the quarter's end."""
        steps = np.diff((0.0, *YEAR_GONE))[:, None] * np.exp(
            np.clip(stream(self.seed, "gone", series, quarter.year).normal(0.0, 0.006, (4, OWN + 1)), -0.012, 0.012)
        )
        reached = np.cumsum(steps, axis=0) / steps.sum(axis=0)
        return reached[quarter.number - 1]

    @remembered
    def ht_share(self, quarter: Quarter) -> Floats:
        """High-tech share of industrial value added, 0 to 1."""
        geo = self.geography
        logits = stream(self.seed, "ht_share").normal(0.0, 0.45, OWN + 1)
        weights = self.base("industry")
        low, high = -4.0, 4.0
        while high - low > 1e-9:
            middle = (low + high) / 2
            share = 1 / (1 + np.exp(-(logits + middle)))
            share[geo.anchor] = _ANCHOR_HT_SHARE[BASE_YEAR]
            low, high = (middle, high) if share @ weights < _HT_SHARE * weights.sum() else (low, middle)
        wobble = stream(self.seed, "ht_wobble", quarter).normal(0.0, 0.002, OWN + 1)
        years = quarter.year - BASE_YEAR
        moved = np.clip(share + 0.008 * np.clip(years, -6, 6) * (1 - share) / 0.34 + np.clip(wobble, -0.004, 0.004), 0.05, 0.97)
        moved[geo.anchor] = _ANCHOR_HT_SHARE.get(quarter.year, 0.87) + float(np.clip(wobble[geo.anchor], -0.002, 0.002))
        return moved

    @remembered
    def level(self, series: str, quarter: Quarter, per_yi: int) -> Ints:
        """Year to date in whole units of which `per_yi` make one 亿元, by region."""
        if series == "ht_industry":
            return np.rint(self.level("industry", quarter, per_yi) * self.ht_share(quarter)).astype(np.int64)
        return np.rint(self.annual(series, quarter.year) * self.gone(series, quarter) * per_yi).astype(np.int64)

    def real_growth(self, series: str, quarter: Quarter, per_yi: int, members: Ints) -> float:
        """Growth of a row in % over the same period of the year before, prices of value added taken out."""
        now, before = (int(self.level(series, when, per_yi)[members].sum()) for when in (quarter, quarter.plus(-4)))
        deflator = _DEFLATOR.get(quarter.year, 1.01) if series in ("gdp", "industry", "ht_industry") else 1.0
        return round((now / before / deflator - 1) * 100, 1)

    @remembered
    def research_survey(self, year: int) -> tuple[Ints, Ints, Ints, Ints]:
        """The annual survey: R&D expenditure and GDP (万元), R&D staff (person-years), employed persons, by region."""
        geo = self.geography
        gdp = self.level("gdp", Quarter(year, 4), WAN)
        years = int(np.clip(year - BASE_YEAR, -8, 8))
        share = np.exp(stream(self.seed, "survey").normal(-3.6, 0.3, OWN + 1))
        share *= np.exp(np.clip(stream(self.seed, "survey", year).normal(0.0, 0.02, OWN + 1), -0.04, 0.04))
        spent = share * gdp
        in_capital = np.append(geo.city_of == geo.capital, False)
        anchor = round(_ANCHOR_RD * WAN) if year == BASE_YEAR else round((_ANCHOR_RD_SHARE + 0.0015 * years) * gdp[geo.anchor])
        spent[geo.anchor] = 0
        capital_total = (_CITY_RD_SHARE + 0.0012 * years) * gdp[in_capital].sum()
        spent[in_capital] *= (capital_total - anchor) / spent[in_capital].sum()
        spent[~in_capital] *= ((_RD_SHARE + 0.0011 * years) * gdp.sum() - capital_total) / spent[~in_capital].sum()
        spent[geo.anchor] = anchor
        noise = stream(self.seed, "survey_staff", year).normal(0.0, 0.05, (2, OWN + 1))
        staff = np.rint(spent / (38.0 + years) * np.exp(noise[0]))
        employed = np.rint(gdp / (20.0 + years) * np.exp(noise[1]))
        return np.rint(spent).astype(np.int64), gdp, staff.astype(np.int64), employed.astype(np.int64)
