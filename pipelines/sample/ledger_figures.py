"""The bureau's programmes in the sample: codes, the figures of 滨江区 quarter by quarter, and how the other counties relate to them.

Here: figures as data. Not here: rows and cells (ledger_book). The third quarter of 2023 holds the work report's figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sample.geography import OWN, Geography
from pipelines.sample.streams import Floats, stream


@dataclass(frozen=True)
class Programme:
    """A ledger code: name, unit, what is counted, 滨江区's four quarters of 2023, and whether every county has it."""

    code: str
    name: str
    unit: str
    scope: str
    quarters: tuple[float, float, float, float]
    everywhere: bool = False


PROGRAMMES = (
    Programme("HNTE_APPLIED", "国高企申报受理数", "家", "受理", (186, 602, 1142, 1142), True),
    Programme("HNTE_PUT", "国高企推荐上报数", "家", "推荐", (180, 590, 1129, 1129), True),
    Programme("HNTE_PASSED", "国高企评审通过数", "家", "通过", (0, 410, 1037, 1041), True),
    Programme("HNTE_NEW", "新认定国家高新技术企业", "家", "当年新增(通过)", (0, 210, 528, 531), True),
    Programme("HNTE_VALID", "有效国家高新技术企业", "家", "累计有效", (2388, 2431, 2516, 2610), True),
    Programme("GKX", "国家科技型中小企业入库数", "家", "入库", (310, 1180, 2244, 2306), True),
    Programme("SKX", "省科技型中小企业数", "家", "通过", (0, 420, 949, 1106), True),
    Programme("CARRIER_NEW", "新增市级以上研发载体", "家", "当年新增", (8, 31, 74, 81), True),
    Programme("FOREIGN", "外国高端人才和专业人才", "人", "当年新增", (70, 168, 266, 341), True),
    Programme("TALENT_NEW", "新增市级以上高层次人才", "人", "当年新增", (4, 11, 18, 26), True),
    Programme("TEAM_NEW", "新增领军型创新创业团队", "个", "当年新增", (0, 3, 7, 7)),
    Programme("POINTS_LOAN", "创新积分贷款额", "亿元", "当年累计", (1.6, 3.4, 5.2, 5.9)),
    Programme("POINTS_LOAN_FIRMS", "创新积分贷款企业数", "家", "当年累计", (48, 103, 160, 184)),
    Programme("CONCEPT_N", "概念验证中心", "家", "累计", (2, 2, 4, 4)),
    Programme("PLATFORM_PROJECTS", "平台申报科技项目数", "项", "申报", (20, 52, 86, 97)),
    Programme("PLATFORM_CONTRACTS", "平台横向项目数", "项", "当年累计", (9, 21, 38, 46)),
    Programme("PLATFORM_TALENT", "平台吸引人才数", "人", "当年累计", (41, 96, 151, 188)),
    Programme("FUNDING", "国家、省、市科技资助资金", "亿元", "当年累计", (0.9, 2.3, 4.2, 4.6)),
    Programme("INC_CARRIERS_NEW", "新认定孵化载体", "家", "当年新增", (3, 7, 12, 14)),
)
PASS_RATE = ("HNTE_PASS_RATE", "国高企评审通过率", "%", "新申报通过/新申报受理")
NEW_ACCEPTED = (100, 330, 615, 615)
"""New applications accepted in 滨江区: the denominator of the pass rate."""

ANNUAL = (("ZONE_RANK", "国家高新区排名", "位", "年度排名", 5), ("CONVERSIONS", "标志性科技成果转化", "项", "当年累计", 31))
"""Delivered once a year, with the fourth quarter, for 滨江区."""

TARGETS_2024 = (
    ("PLATFORM_PROJECTS", 100, "项"), ("PLATFORM_CONTRACTS", 50, "项"), ("PLATFORM_TALENT", 200, "人"), ("TECH_REG", 350, "亿元"),
    ("CARRIER_NEW", 110, "家"), ("CONVERSIONS", 35, "项"), ("CONCEPT_N", 5, "家"), ("ZONE_RANK", 5, "位"), ("RD_GDP", 10, "%"),
    ("INC_CARRIERS_NEW", 15, "家"), ("INC_FIRMS", 4200, "家"), ("HNTE_VALID", 2700, "家"), ("TALENT_NEW", 10, "人"), ("TEAM_NEW", 3, "个"),
    ("FOREIGN", 160, "人"),
)  # fmt: skip
ANCHOR_TARGETS = {
    (2022, "RD_GDP"): 9.9, (2022, "HT_SHARE"): 87.5, (2022, "TECH_TX"): 365, (2022, "INC_FIRMS"): 3850,
    (2023, "RD_GDP"): 10, (2023, "HT_SHARE"): 88, (2023, "TECH_TX"): 380, (2023, "INC_FIRMS"): 4000,
}  # fmt: skip
_YEARLY = 0.92


def county_weights(geography: Geography, seed: int) -> Floats:
    """Each county's figures relative to 滨江区's (1), the others well below."""
    draw = np.exp(np.clip(stream(seed, "ledger").normal(0.0, 0.3, OWN), -0.6, 0.6))
    weights = np.clip(0.42 * (geography.gdp[:OWN] / geography.gdp[geography.anchor]) ** 0.8 * draw, 0.02, 0.82)
    weights[geography.anchor] = 1.0
    return weights


def figure(programme: Programme, year: int, number: int, weight: float) -> float:
    """The value of a county in a quarter: 滨江区's of 2023, moved by the years between and the county's weight."""
    level = programme.quarters[number - 1] * float(_YEARLY ** (2023 - year)) * weight
    return round(level, 2) if programme.unit == "亿元" else round(level)


def new_accepted(year: int, number: int, weight: float) -> int:
    """New applications accepted, the denominator of the pass rate."""
    return round(NEW_ACCEPTED[number - 1] * float(_YEARLY ** (2023 - year)) * weight)
