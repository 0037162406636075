"""The regions of the sample: the 90 counties, their cities, the province's own level, and how large each one is.

Here: divisions from the project's seed, the order and sums of a table by region, weights. Not here: values of any feed.
The weights are remembered orders of magnitude of county GDP (亿元, 2022): unverified, and good for nothing but a sample.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.sample.streams import Floats, Ints
from pipelines.settings import PROJECT

PROVINCE, OWN_LEVEL, ANCHOR, CAPITAL = "330000", "330099", "330108", "330100"
OWN = 90
"""Position of the province's own level in every vector by region: after the 90 counties."""

_WEIGHTS = {
    "3301": (2573, 2038, 1967, 2184.5, 2062, 2651, 963, 688, 1064, 1214, 447, 268, 442),
    "3302": (1454, 789, 2632, 1310, 2738, 905, 744, 874, 1564, 2521),
    "3303": (1322, 825, 787, 130, 533, 645, 440, 130, 141, 1218, 1507, 363),
    "3304": (770, 830, 863, 665, 1247, 964, 1209),
    "3305": (950, 560, 658, 853, 582),
    "3306": (1290, 1902, 1238, 560, 1659, 703),
    "3307": (720, 300, 330, 283, 145, 485, 1836, 762, 720),
    "3308": (410, 320, 200, 173, 290, 376),
    "3309": (820, 520, 480, 130),
    "3310": (800, 640, 800, 310, 360, 315, 1300, 870, 720),
    "3311": (500, 300, 270, 160, 140, 100, 100, 95, 165),
}
_CITY_GDP = (18753, 15704, 8030, 6739, 3850, 7351, 5562, 2003, 1951, 6041, 1831)
_PROVINCE_GDP, _OWN_GDP, _ANCHOR_GDP = 77715.0, 60.0, 2184.5

ELSEWHERE = (
    ("110108", "北京"), ("310115", "上海"), ("320102", "南京"), ("320505", "苏州"), ("340104", "合肥"), ("350203", "厦门"),
    ("370203", "青岛"), ("420111", "武汉"), ("430104", "长沙"), ("440106", "广州"), ("440305", "深圳"), ("500107", "重庆"),
    ("510107", "成都"), ("610113", "西安"),
)  # fmt: skip
"""Divisions outside Zhejiang with the short names that their firms carry."""


@dataclass(frozen=True)
class Geography:
    """Vectors by region have 91 entries: the counties in the order of their codes, then the province's own level."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    city_codes: tuple[str, ...]
    city_names: tuple[str, ...]
    city_of: Ints

    @cached_property
    def anchor(self) -> int:
        """Position of 滨江区, whose figures the sample is calibrated to."""
        return self.codes.index(ANCHOR)

    @cached_property
    def capital(self) -> int:
        """Position of 杭州市 among the cities."""
        return self.city_codes.index(CAPITAL)

    @cached_property
    def all_codes(self) -> Ints:
        """Codes of the 91 entries as strings."""
        return np.array([*self.codes, OWN_LEVEL])

    @cached_property
    def rows(self) -> list[tuple[str, str, Ints]]:
        """A table's body in the offices' order: code, indented name, and which of the 91 entries add up to the row."""
        body = [(PROVINCE, "浙江省", np.arange(OWN + 1))]
        for city, (code, name) in enumerate(zip(self.city_codes, self.city_names, strict=True)):
            members = np.flatnonzero(self.city_of == city)
            body.append((code, "\u3000" + name, members))
            body += [(self.codes[county], "\u3000\u3000" + self.names[county], np.array([county])) for county in members]
        body.append((OWN_LEVEL, "\u3000省本级", np.array([OWN])))
        return body

    @cached_property
    def gdp(self) -> Floats:
        """GDP of 2022 by region in 亿元; the cities and the province come near what was published."""
        within = np.concatenate([np.array(_WEIGHTS[code[:4]]) for code in self.city_codes])
        cities = np.array(_CITY_GDP) * (_PROVINCE_GDP - _OWN_GDP) / sum(_CITY_GDP)
        gdp = np.empty(OWN + 1)
        gdp[OWN] = _OWN_GDP
        for city, total in enumerate(cities):
            members = np.flatnonzero(self.city_of == city)
            fixed = _ANCHOR_GDP if city == self.capital else 0.0
            weights = np.where(members == self.anchor, 0.0, within[members])
            gdp[members] = weights / weights.sum() * (total - fixed)
        gdp[self.anchor] = _ANCHOR_GDP
        return gdp


def read_geography() -> Geography:
    """The divisions in force according to the project's seed."""
    with (PROJECT / "dbt_project" / "seeds" / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["valid_to"]]
    cities = sorted((row["code"], row["name"]) for row in rows if row["level"] == "m")
    counties = sorted((row["code"], row["name"], row["city_code"]) for row in rows if row["level"] == "c")
    place = {code: position for position, (code, _) in enumerate(cities)}
    return Geography(
        codes=tuple(code for code, _, _ in counties),
        names=tuple(name for _, name, _ in counties),
        city_codes=tuple(code for code, _ in cities),
        city_names=tuple(name for _, name in cities),
        city_of=np.array([place[city] for _, _, city in counties]),
    )
