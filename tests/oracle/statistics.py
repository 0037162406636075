"""The statistics bureau's workbook: delivered values per region, passed through or divided, never added up (`feeds.md`, section 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from .cells import Quarantined, code, number, refuse_control_characters
from .deliveries import Quarter, Rejected, in_force
from .divisions import place, shown
from .readings import Reading, amount, as_delivered, difference, missing, not_published, ratio
from .workbook import BureauSheet, opened

Table = dict[str, dict[str, Decimal | None]]  # region -> column -> yuan, persons or per cent
REGION = "行政区划代码"
GROWTH = "同比增速(%)"
YTD_SHEETS = {
    "规上工业": [
        *("规上工业增加值/本年累计", f"规上工业增加值/{GROWTH}", "高新技术产业增加值/本年累计", f"高新技术产业增加值/{GROWTH}"),
        *("营业收入/本年累计", "研发费用/本年累计", f"研发费用/{GROWTH}"),
    ],
    "投资": ["固定资产投资/本年累计", f"固定资产投资/{GROWTH}", "高新技术产业投资/本年累计", f"高新技术产业投资/{GROWTH}"],
    "地区生产总值": ["本年累计", GROWTH],
}
ANNUAL_SHEET = "全社会研发"
RD, GDP, STAFF, EMPLOYED = "R&D经费支出", "地区生产总值", "R&D人员折合全时当量(人年)", "就业人员(人)"
FIRMS_SHEET, FIRST_ROWS = "规上企业", 5  # no indicator is made of it; it must be there
FIRMS_COLUMNS = [
    "统一社会信用代码",
    "单位详细名称",
    REGION,
    "行业代码",
    "是否高新技术产业",
    "高新目录版本",
    "工业增加值",
    "营业收入",
    "研发费用",
]

AMOUNTS = {
    "GDP": ("地区生产总值", "本年累计"),
    "IRD_AMT": ("规上工业", "研发费用/本年累计"),
    "HT_VA": ("规上工业", "高新技术产业增加值/本年累计"),
}
GROWTHS = {
    "IRD_GROWTH": ("规上工业", f"研发费用/{GROWTH}"),
    "HT_VA_GROWTH": ("规上工业", f"高新技术产业增加值/{GROWTH}"),
    "HT_INV_GROWTH": ("投资", f"高新技术产业投资/{GROWTH}"),
}
RATIOS = {
    "IRD_REV": ("规上工业", "研发费用/本年累计", "营业收入/本年累计"),
    "HT_SHARE": ("规上工业", "高新技术产业增加值/本年累计", "规上工业增加值/本年累计"),
    "HT_INV_SHARE": ("投资", "高新技术产业投资/本年累计", "固定资产投资/本年累计"),
}
ANNUALS = ("RD_GDP", "RD_GDP_INC", "RD_STAFF")


@dataclass
class Statistics:
    """The bureau's tables of one delivery; `quarantined` holds sheet, row and reason."""

    tables: dict[str, Table] = field(default_factory=dict)
    quarantined: list[tuple[str, int, str]] = field(default_factory=list)


def read_statistics(path: Path, quarter: Quarter) -> Statistics:
    """Read one workbook; raises `Rejected` where the contract is broken."""
    read = Statistics()
    with opened(path) as book:
        firms = BureauSheet(book, FIRMS_SHEET, rows=FIRST_ROWS)
        _check_period(firms, quarter)
        firms.table(FIRMS_COLUMNS)
        for name in [*YTD_SHEETS, *([ANNUAL_SHEET] if quarter.number == 3 else [])]:
            page = BureauSheet(book, name)
            _check_period(page, quarter)
            read.tables[name] = _table(page, quarter, read.quarantined)
    return read


def _table(page: BureauSheet, quarter: Quarter, quarantined: list[tuple[str, int, str]]) -> Table:
    columns, unit = ([RD, GDP, STAFF, EMPLOYED] if page.name == ANNUAL_SHEET else YTD_SHEETS[page.name]), page.unit
    table: Table = {}
    for row_number, row in page.table([REGION, "地区", *columns]):
        try:
            refuse_control_characters(row)
            region = place(row[REGION], quarter.last_day, REGION, levels="cmpr")
            if not region:
                raise Quarantined(f"{code(row[REGION])} is no division of Zhejiang")
            cells = {column: _cell(row[column], column, unit) for column in columns}
            if region in table:
                raise Quarantined(f"{region} a second time")
            table[region] = cells
        except Quarantined as reason:
            quarantined.append((page.name, row_number, str(reason)))
    return table


def _cell(cell: object, column: str, unit: Decimal) -> Decimal | None:
    if column.endswith(GROWTH):
        return number(cell, column, percent=True, negative=True)
    value = number(cell, column)
    return value if value is None or column in (STAFF, EMPLOYED) else value * unit


def _check_period(page: BureauSheet, quarter: Quarter) -> None:
    found = re.search(r"(\d{4})年(?:1[-–—~～至](\d{1,2})月)?", page.title)
    months = None if page.name == ANNUAL_SHEET else str(3 * quarter.number)
    year = quarter.year - 1 if page.name == ANNUAL_SHEET else quarter.year
    if not found or int(found[1]) != year or found[2] != months or not page.unit:
        raise Rejected(f"{page.name}: the title {page.title!r} is not of {quarter}")


def delivered(data_raw: Path, quarter: Quarter) -> Statistics | None:
    """The bureau's delivery in force for the quarter."""
    return in_force(data_raw, quarter, "statistics", read_statistics)


def values(data_raw: Path, quarter: Quarter, sheet_: str, column: str) -> dict[str, Decimal | None]:
    """One column of the delivery in force by region; empty without a delivery."""
    statistics = delivered(data_raw, quarter)
    return {} if statistics is None else {region: cells[column] for region, cells in statistics.tables.get(sheet_, {}).items()}


def statistics_indicators(data_raw: Path, quarter: Quarter) -> dict[tuple[str, str, str], Reading]:
    """(region, indicator, period) of all indicators that the bureau alone gives."""
    out: dict[tuple[str, str, str], Reading] = {}
    period, regions = str(quarter), shown(quarter.last_day)
    for indicator, (name, column) in AMOUNTS.items():
        levels = values(data_raw, quarter, name, column)
        out |= {(region, indicator, period): amount(levels.get(region), 100_000_000) for region in regions}
    for indicator, (name, column) in GROWTHS.items():
        growths = values(data_raw, quarter, name, column)
        out |= {(region, indicator, period): as_delivered(growths.get(region)) for region in regions}
    for indicator, (name, above, below) in RATIOS.items():
        parts, wholes = values(data_raw, quarter, name, above), values(data_raw, quarter, name, below)
        out |= {(region, indicator, period): ratio(parts.get(region), wholes.get(region), 100) for region in regions}
    return out | _annual_indicators(data_raw, quarter)


def _annual_indicators(data_raw: Path, quarter: Quarter) -> dict[tuple[str, str, str], Reading]:
    """Not published in quarters 1 to 3, the reference year's in quarter 4; a third quarter shows it under the year as well."""
    regions, period = shown(quarter.last_day), str(quarter)
    if quarter.number in (1, 2):
        return {(region, indicator, period): not_published() for indicator in ANNUALS for region in regions}
    third = Quarter(quarter.year, 3)
    shares, shares_before = _ratios(data_raw, third, RD, GDP, 100), _ratios(data_raw, third.year_before, RD, GDP, 100)
    readings = {
        "RD_GDP": shares,
        "RD_GDP_INC": {region: difference(shares[region], shares_before.get(region, missing())) for region in regions},
        "RD_STAFF": _ratios(data_raw, third, STAFF, EMPLOYED, 10_000),
    }
    year = period if quarter.number == 4 else str(quarter.year - 1)
    out = {(region, indicator, year): by_region[region] for indicator, by_region in readings.items() for region in regions}
    if quarter.number == 3:
        out |= {(region, indicator, period): not_published() for indicator in ANNUALS for region in regions}
    return out


def _ratios(data_raw: Path, third: Quarter, above: str, below: str, factor: int) -> dict[str, Reading]:
    parts, wholes = values(data_raw, third, ANNUAL_SHEET, above), values(data_raw, third, ANNUAL_SHEET, below)
    return {region: ratio(parts.get(region), wholes.get(region), factor) for region in shown(Quarter(third.year, 4).last_day)}
