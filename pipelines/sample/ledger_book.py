"""The bureau's own ledger as a workbook: entries of the quarter and the yearly targets.

Here: rows and cells. Not here: the figures (ledger_figures) and what contracts and tenants add up to (given).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.quarters import Quarter
from pipelines.sample.calendar import Received
from pipelines.sample.contract_targets import HUNDREDTHS, quarter_targets
from pipelines.sample.dirt import bad_rows, chosen, untidy_number
from pipelines.sample.economy import Economy
from pipelines.sample.geography import CAPITAL, OWN
from pipelines.sample.ledger_figures import (
    ANCHOR_TARGETS,
    ANNUAL,
    PASS_RATE,
    PROGRAMMES,
    TARGETS_2024,
    county_weights,
    figure,
    new_accepted,
)
from pipelines.sample.streams import Ints, stream
from pipelines.sample.workbooks import Cell, notice_sheet, plain_sheet, workbook

_ENTRIES = ("指标编码", "指标名称", "行政区划代码", "期间", "截至日期", "数值", "分子", "分母", "单位", "口径", "来源")
_TARGETS = ("指标编码", "年度", "行政区划代码", "目标值", "单位", "来源")
_SOURCE, _TARGET_SOURCE = "科技局台账(合成)", "年度目标(合成)"


@dataclass(frozen=True)
class PointFigures:
    """The registration point of 滨江区 at the quarter's end: contracts, 成交额 and 技术交易额, and the district's 登记额, in 亿元."""

    contracts: int
    deal: float
    tech: float
    registered: float


def write_ledger(
    path: Path, economy: Economy, point: PointFigures, incubated: Ints, quarter: Quarter, received: Received, seed: int
) -> None:
    """Write one delivery of the quarter; one that is superseded lacks its last rows."""
    entries = list(_entries(economy, point, quarter, seed))
    if received.is_superseded:
        entries = entries[:-6]
    rng = stream(seed, "dirt", "ledger", received.prefix)
    for place in chosen(rng, len(entries), 0.003):
        if isinstance(entries[place][5], int) and entries[place][6] is None:
            entries[place][5] = untidy_number(str(entries[place][5]), place % 3)
    if bad_rows(len(entries)):
        entries.append([*entries[0][:2], "339999", *entries[0][3:]])
    with workbook(path, len(entries)) as book:
        plain_sheet(book, "台账", _ENTRIES, entries)
        plain_sheet(book, "目标", _TARGETS, _targets(economy, incubated, quarter, seed))
        notice_sheet(book)


def _entries(economy: Economy, point: PointFigures, quarter: Quarter, seed: int) -> Iterator[list[Cell]]:
    geo = economy.geography
    weights = county_weights(geo, seed)
    period, day = str(quarter), quarter.last_day
    for programme in PROGRAMMES:
        for county, code in enumerate(geo.codes):
            if not programme.everywhere and county != geo.anchor:
                continue
            extra = 1.22 if (programme.code, code) == ("SKX", "330110") else 1.0
            weight = max(float(weights[county]), 0.9) * extra if extra > 1 else float(weights[county])
            value = figure(programme, quarter.year, quarter.number, weight)
            yield [programme.code, programme.name, code, period, day, value, None, None, programme.unit, programme.scope, _SOURCE]
        if programme.code == "HNTE_VALID":
            total = sum(
                figure(programme, quarter.year, quarter.number, float(weights[at])) for at in range(OWN) if geo.city_of[at] == geo.capital
            )
            yield [programme.code, programme.name, CAPITAL, period, day, total, None, None, programme.unit, programme.scope, _SOURCE]
    if quarter.number > 1:
        yield from _pass_rates(economy, quarter, seed)
    anchor = geo.codes[geo.anchor]
    for row_code, name, value, unit, scope in (
        ("POINT_CONTRACTS", "区技术合同登记点受理合同数", point.contracts, "项", "受理"),
        ("POINT_AMOUNT", "区技术合同登记点合同金额", point.deal, "亿元", "合同成交总额"),
        ("POINT_TECH", "区技术合同登记点技术交易额", point.tech, "亿元", "技术交易额"),
        ("TECH_REG", "技术合同登记额", point.registered, "亿元", "登记额"),
    ):
        yield [row_code, name, anchor, period, day, value, None, None, unit, scope, _SOURCE]
    if quarter.number == 4:
        for row_code, name, unit, scope, value in ANNUAL:
            yield [row_code, name, anchor, str(quarter.year), day, value, None, None, unit, scope, _SOURCE]


def _pass_rates(economy: Economy, quarter: Quarter, seed: int) -> Iterator[list[Cell]]:
    code, name, unit, scope = PASS_RATE
    new = next(programme for programme in PROGRAMMES if programme.code == "HNTE_NEW")
    for county, weight in zip(economy.geography.codes, county_weights(economy.geography, seed).tolist(), strict=True):
        accepted = new_accepted(quarter.year, quarter.number, weight)
        passed = int(figure(new, quarter.year, quarter.number, weight))
        if accepted:
            yield [
                code,
                name,
                county,
                str(quarter),
                quarter.last_day,
                round(100 * passed / accepted, 2),
                passed,
                accepted,
                unit,
                scope,
                _SOURCE,
            ]


def _targets(economy: Economy, incubated: Ints, quarter: Quarter, seed: int) -> Iterator[list[Cell]]:
    geo, year = economy.geography, quarter.year
    spent, gdp, _, _ = economy.research_survey(year - 1)
    high_tech = economy.ht_share(Quarter(year, 4))
    trade = quarter_targets(geo, year, seed).sum(axis=1) / HUNDREDTHS
    weights = county_weights(geo, seed)
    stock = {programme.code: programme for programme in PROGRAMMES if programme.code in ("HNTE_VALID", "GKX", "CARRIER_NEW", "FOREIGN")}
    for county, code in enumerate(geo.codes):
        wanted: list[tuple[str, float, str]] = [
            ("RD_GDP", round(100 * float(spent[county] / gdp[county]) + 0.12, 2), "%"),
            ("HT_SHARE", round(100 * float(high_tech[county]) + 0.6, 1), "%"),
            ("TECH_TX", round(float(trade[county]) * (0.94 + county % 5 * 0.03), 1), "亿元"),
        ]
        if incubated[county]:
            wanted.append(("INC_FIRMS", round(int(incubated[county]) * 1.45), "家"))
        for name, programme in stock.items():
            wanted.append((name, round(figure(programme, year, 4, float(weights[county])) * (0.98 + county % 4 * 0.02)), programme.unit))
        for name, value, unit in wanted:
            target = ANCHOR_TARGETS.get((year, name), value) if county == geo.anchor else value
            yield [name, year, code, target, unit, _TARGET_SOURCE]
    if year == 2023 and quarter.number >= 3:
        for name, value, unit in TARGETS_2024:
            yield [name, 2024, geo.codes[geo.anchor], value, unit, "2024年工作计划(合成)"]
