"""The statistics bureau's workbook: four sheets by region and one by enterprise, with titles, units, headers and footnotes.

Here: layout and cells. Not here: the economy's levels and the firms' figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import xlsxwriter

from pipelines.quarters import Quarter
from pipelines.sample.calendar import Received
from pipelines.sample.dirt import bad_rows, chosen, untidy_number, wide
from pipelines.sample.economy import QIAN, WAN, Economy
from pipelines.sample.figures import Figures
from pipelines.sample.firms import Firms
from pipelines.sample.geography import ANCHOR, CAPITAL, OWN, PROVINCE
from pipelines.sample.identities import with_wrong_check
from pipelines.sample.streams import Ints, stream
from pipelines.sample.workbooks import LARGE_ROWS, NOTICE, Cell, workbook, write_cells

YTD, GROWTH = "本年累计", "同比增速(%)"
_PERIODS = {1: "1-3月", 2: "1-6月", 3: "1-9月", 4: "1-12月"}
_SHEETS = (
    ("规上工业", "规模以上工业主要指标", "千元", QIAN,
     (("规上工业增加值", "industry", True), ("高新技术产业增加值", "ht_industry", True),
      ("营业收入", "revenue", False), ("研发费用", "research", True))),
    ("投资", "固定资产投资完成情况", "万元", WAN, (("固定资产投资", "investment", True), ("高新技术产业投资", "ht_investment", True))),
    ("地区生产总值", "地区生产总值", "万元", WAN, (("", "gdp", True),)),
)  # fmt: skip
_RESEARCH = ("R&D经费支出", "地区生产总值", "R&D人员折合全时当量(人年)", "就业人员(人)")
_ENTERPRISES = (
    "统一社会信用代码",
    "单位详细名称",
    "行政区划代码",
    "行业代码",
    "是否高新技术产业",
    "高新目录版本",
    "工业增加值",
    "营业收入",
    "研发费用",
)
_REVISED = 7
"""The county whose figures a preliminary delivery still has lower than the final one."""


def write_statistics(path: Path, economy: Economy, firms: Firms, figures: Figures, quarter: Quarter, received: Received, seed: int) -> None:
    """Write one delivery of the quarter."""
    rng = stream(seed, "dirt", "statistics", received.prefix)
    period = f"{quarter.year}年{_PERIODS[quarter.number]}"
    with workbook(path, firms.above) as book:
        for name, title, unit, per_yi, groups in _SHEETS:
            in_yi = name == "地区生产总值" and quarter.number == 1
            body = _untidy(list(_region_rows(economy, groups, per_yi, quarter, received, in_yi)), rng)
            if name == "地区生产总值" and quarter.number == 4:
                body = [[int(row[0]) if isinstance(row[0], str) and row[0].isascii() else row[0], *row[1:]] for row in body]
            header = [(group, column) for group, _, grows in groups for column in ((YTD, GROWTH) if grows else (YTD,))]
            _sheet(book, name, f"{period}{title}", "亿元" if in_yi else unit, [("", "行政区划代码"), ("", "地区"), *header], body)
        if quarter.number == 3:
            year = quarter.year - 1
            vectors = economy.research_survey(year)
            rows: list[list[Cell]] = [
                [code, label, *(int(vector[at].sum()) for vector in vectors)] for code, label, at in economy.geography.rows
            ]
            _sheet(
                book,
                "全社会研发",
                f"{year}年全社会研发活动情况",
                "万元",
                [("", text) for text in ("行政区划代码", "地区", *_RESEARCH)],
                rows,
            )
        enterprises = _enterprise_rows(firms, figures, quarter, rng)
        _sheet(
            book,
            "规上企业",
            f"{period}规模以上工业企业主要指标",
            "千元",
            [("", text) for text in _ENTERPRISES],
            enterprises,
            is_streamed=firms.above > LARGE_ROWS,
        )


def _region_rows(
    economy: Economy, groups: Sequence[tuple[str, str, bool]], per_yi: int, quarter: Quarter, received: Received, in_yi: bool
) -> Iterator[list[Cell]]:
    for code, label, members in economy.geography.rows:
        row: list[Cell] = [code, label]
        for _, series, grows in groups:
            amount = int(_levels(economy, series, quarter, per_yi, received)[members].sum())
            row.append(amount / per_yi if in_yi else amount)
            if grows:
                row.append("—" if int(members[0]) == OWN else economy.real_growth(series, quarter, per_yi, members))
        yield row


def _levels(economy: Economy, series: str, quarter: Quarter, per_yi: int, received: Received) -> Ints:
    levels = economy.level(series, quarter, per_yi)
    if received.is_superseded:
        levels = levels.copy()
        levels[_REVISED] -= levels[_REVISED] // 200
    return levels


def _untidy(body: list[list[Cell]], rng: np.random.Generator) -> list[list[Cell]]:
    """A few cells written as untidy text; the province, the capital and 滨江区 stay as they are."""
    for place in chosen(rng, len(body), 0.02):
        row = body[place]
        if row[0] in (PROVINCE, CAPITAL, ANCHOR) or not isinstance(row[2], int):
            continue
        form = int(rng.integers(0, 3))
        row[2] = untidy_number(str(row[2]), form)
        if form == 0:
            row[0] = wide(str(row[0]))
        if form == 1 and isinstance(row[3], float):
            row[3] = f"{row[3]}%"
    return body


def _enterprise_rows(firms: Firms, figures: Figures, quarter: Quarter, rng: np.random.Generator) -> Iterator[list[Cell]]:
    edition = "2023年版" if quarter.year >= 2023 else "2018年版"
    listed = np.flatnonzero(firms.since[: firms.above] <= quarter.year)
    untidy = set(chosen(rng, len(listed), 0.002))
    spoilt: list[list[Cell]] = []
    for place, at in enumerate(listed.tolist()):
        is_ht = bool(firms.is_ht[at])
        row: list[Cell] = [
            str(firms.uscc[at]), str(firms.name[at]), str(firms.division[at]), str(firms.industry[at]), "是" if is_ht else "否",
            edition if is_ht else None, int(figures.value_added[at]), int(figures.revenue[at]), int(figures.rd[at]),
        ]  # fmt: skip
        if len(spoilt) < min(bad_rows(len(listed)), 2):
            spoilt.append([*row[:6], 1000, 4000, 0])
        if place in untidy:
            row[7] = untidy_number(str(row[7]), place)
        yield row
    for place, row in enumerate(spoilt):
        yield row if place else [with_wrong_check(str(row[0])), *row[1:]]


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    title: str,
    unit: str,
    header: Sequence[tuple[str, str]],
    body: Iterator[list[Cell]] | list[list[Cell]],
    is_streamed: bool = False,
) -> None:
    """Title, unit, one header row or two with merged groups, body, footnotes."""
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(header) - 1, 15)
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    sheet.merge_range(0, 0, 0, len(header) - 1, title, book.add_format({"bold": True, "align": "center", "font_size": 14}))
    sheet.write_string(1, len(header) - 1, f"单位:{unit}", book.add_format({"align": "right"}))
    first = 2
    if any(group for group, _ in header):
        _grouped_header(sheet, header, head)
        first = 3
    for column, (group, text) in enumerate(header):
        if group or first == 2:
            sheet.write_string(first, column, text, head)
    number = first
    for number, row in enumerate(body, start=first + 1):
        write_cells(sheet, number, row)
    sheet.write_string(number + 1, 0, f"注:1.{NOTICE}")
    sheet.write_string(number + 2, 0, "注:2.增加值增速按可比价格计算。" if not is_streamed else "注:2.本表为企业汇总前数据。")


def _grouped_header(sheet: xlsxwriter.worksheet.Worksheet, header: Sequence[tuple[str, str]], head: object) -> None:
    """The upper header row in sheet row 3; columns without a group are merged with the row below."""
    column = 0
    while column < len(header):
        group = header[column][0]
        last = column
        while group and last + 1 < len(header) and header[last + 1][0] == group:
            last += 1
        if last > column:
            sheet.merge_range(2, column, 2, last, group, head)
        elif group:
            sheet.write_string(2, column, group, head)
        column = last + 1
    for column, (group, text) in enumerate(header):
        if not group:
            _merge_down(sheet, column, text, head)


def _merge_down(sheet: xlsxwriter.worksheet.Worksheet, column: int, text: str, head: object) -> None:
    """Merge a header over rows 3 and 4; a sheet that is streamed cannot go back, so its header stays in row 4."""
    if sheet.constant_memory:
        sheet.write_string(3, column, text, head)
    else:
        sheet.merge_range(2, column, 3, column, text, head)
