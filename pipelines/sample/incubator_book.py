"""The incubator platform's workbook: one sheet of carriers, one of tenants, values as of the quarter's last day.

Here: layout and cells. Not here: who is in which carrier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.quarters import Quarter
from pipelines.sample.calendar import Received
from pipelines.sample.dirt import bad_rows, chosen, untidy_date, untidy_number
from pipelines.sample.geography import Geography
from pipelines.sample.identities import with_wrong_check
from pipelines.sample.incubators import Carriers, Tenants, new_area
from pipelines.sample.streams import Flags, Ints, stream
from pipelines.sample.workbooks import Cell, notice_sheet, plain_sheet, workbook

_CARRIERS = (
    "载体编码", "载体名称", "类型", "级别", "行政区划代码", "运营机构统一社会信用代码", "认定日期", "使用总面积(平方米)", "办公用房",
    "在孵企业用房",     "公共服务用房", "其他用房", "在孵企业数", "从业人员数", "当年毕业企业数", "当年新增孵化面积(平方米)",
    "总收入(千元)",
)  # fmt: skip
_TENANTS = ("载体编码", "企业名称", "统一社会信用代码", "入孵日期", "离孵日期", "状态", "从业人员数", "当年获投融资额(千元)")


def write_incubators(
    path: Path, geography: Geography, carriers: Carriers, tenants: Tenants, quarter: Quarter, received: Received, seed: int
) -> None:
    """Write one delivery of the quarter; one that is superseded still lacks the last carriers' income."""
    rng = stream(seed, "dirt", "incubators", received.prefix)
    listed, is_on = tenants.seen(quarter)
    with workbook(path, len(listed)) as book:
        plain_sheet(book, "孵化载体", _CARRIERS, _carrier_rows(geography, carriers, tenants, listed, is_on, quarter, received, seed))
        plain_sheet(
            book,
            "在孵企业",
            _TENANTS,
            _tenant_rows(carriers, tenants, listed, is_on, quarter, rng, stream(seed, "raised", quarter.year).integers(200, 9000, 97)),
        )
        notice_sheet(book)


def _carrier_rows(
    geography: Geography, carriers: Carriers, tenants: Tenants, listed: Ints, is_on: Flags, quarter: Quarter, received: Received, seed: int
) -> Iterator[list[Cell]]:
    size = len(carriers.region)
    on = listed[is_on]
    firms = np.bincount(tenants.carrier[on], minlength=size)
    staff = np.bincount(tenants.carrier[on], weights=tenants.staff[on], minlength=size).astype(np.int64)
    graduated = np.bincount(tenants.carrier[listed[~is_on & tenants.graduates[listed]]], minlength=size)
    added = new_area(geography, carriers, quarter, seed)
    office, public, other = carriers.area * 8 // 100, carriers.area * 11 // 100, carriers.area * 5 // 100
    yearly = stream(seed, "income", quarter.year).uniform(0.3, 0.9, size) * carriers.area
    income = np.floor(yearly * quarter.number / 4).astype(np.int64)
    levels = carriers.level_text
    untidy = set(chosen(stream(seed, "dirt", "carriers", received.prefix), size, 0.01))
    for at in np.flatnonzero(carriers.recognised <= quarter.last_day.toordinal()).tolist():
        recognised = dt.date.fromordinal(int(carriers.recognised[at]))
        yield [
            str(carriers.code[at]), str(carriers.name[at]), "众创空间" if carriers.is_makerspace[at] else "孵化器", levels[at],
            str(carriers.division[at]), str(carriers.operator[at]), untidy_date(recognised.isoformat(), at) if at in untidy else recognised,
            untidy_number(str(carriers.area[at]), 0) if at in untidy else int(carriers.area[at]), int(office[at]),
            int(carriers.area[at] - office[at] - public[at] - other[at]), int(public[at]), int(other[at]), int(firms[at]), int(staff[at]),
            int(graduated[at]), int(added[at]), "…" if received.is_superseded and at % 40 == 7 else int(income[at]),
        ]  # fmt: skip


def _tenant_rows(
    carriers: Carriers, tenants: Tenants, listed: Ints, is_on: Flags, quarter: Quarter, rng: np.random.Generator, raised: Ints
) -> Iterator[list[Cell]]:
    order = np.lexsort((tenants.uscc[listed], tenants.carrier[listed]))
    untidy = set(chosen(rng, len(listed), 0.002))
    spoilt: list[list[Cell]] = []
    for place, position in enumerate(order.tolist()):
        at = int(listed[position])
        entered, left = dt.date.fromordinal(int(tenants.entered[at])), int(tenants.left[at])
        state = "在孵" if is_on[position] else "毕业" if tenants.graduates[at] else "退出"
        row: list[Cell] = [
            str(carriers.code[tenants.carrier[at]]), str(tenants.name[at]), str(tenants.uscc[at]),
            untidy_date(entered.isoformat(), place) if place in untidy else entered,
            None if is_on[position] else dt.date.fromordinal(left), state, int(tenants.staff[at]),
            int(raised[at % 97]) * quarter.number if tenants.raises[at] else 0,
        ]  # fmt: skip
        if state == "退出" and len(spoilt) < min(bad_rows(len(listed)), 2):
            spoilt.append([*row[:2], with_wrong_check(str(row[2])), *row[3:]])
        yield row
    yield from spoilt
