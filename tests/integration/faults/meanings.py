"""Faults of meaning: every row is sound by itself, and the gate says what does not fit together (part M of the catalogue)."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable

import openpyxl

from tests.integration.faults.cases import Found
from tests.integration.faults.mutators import COUNTY, Mutator, Record, cell, counted, lines, page, records
from tests.integration.faults.pages import Page

GDP, INDUSTRY, CARRIERS, TENANTS, ENTRIES, TARGETS = "地区生产总值", "规上工业", "孵化载体", "在孵企业", "台账", "目标"
FIRMS = "规上企业"
_OF_THE_QUARTER = "from sb_zzs where skssq_z = '2023-03-31' and xse > 0"
MIDDLE_RETURN = f"select sbxh {_OF_THE_QUARTER} order by xse limit 1 offset (select count(*) / 2 {_OF_THE_QUARTER})"


def scaled(sheet: str, header: str, change: Callable[[float], float]) -> Mutator:
    """The county's figure made another from what it is."""

    def edit(found: Page) -> int:
        row, column = found.row(COUNTY), found.column(header)
        found.put(row, column, round(change(float(found.text(row, column))), 4))
        return row

    return page(sheet, edit)


def programme(code: str, name: str) -> Mutator:
    """The county's entry under another code and name."""

    def edit(found: Page) -> int:
        row = found.row(COUNTY)
        found.put(row, found.column("指标编码"), code)
        found.put(row, found.column("指标名称"), name)
        return row

    return page(ENTRIES, edit)


def without_county(found: Page) -> None:
    found.drop_rows(range(found.row(COUNTY), found.row(COUNTY) + 1))


def unit_alone(found: Page) -> None:
    """亿元 made 万元 above figures that stay as they are."""
    (column,) = [column for column in found.cells(2) if found.text(2, column).startswith("单位")]
    found.put(2, column, "单位:万元")


def figures_of(before: bytes) -> Mutator:
    """The GDP sheet's figures taken from another delivery, under this one's title."""

    def edit(found: Page) -> None:
        figures = _figures(before)
        column = found.column("本年累计")
        (unit,) = [column for column in found.cells(2) if found.text(2, column)]
        found.put(2, unit, figures[""])
        for row in range(4, found.last_row + 1):
            if found.text(row, "A") in figures:
                found.put(row, column, figures[found.text(row, "A")])

    return page(GDP, edit)


@functools.lru_cache(2)
def _figures(content: bytes) -> dict[str, str | float]:
    """Figures by code, and the unit under an empty code."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True)[GDP]
    rows = list(sheet.iter_rows(values_only=True))
    figures = {str(code): figure for code, _, figure, *_ in rows[3:] if isinstance(figure, int | float)}
    return figures | {"": next(cell for cell in rows[1] if cell)}


def many(share: int, change: Callable[[Record], None]) -> Mutator:
    """Every so many-th record changed."""

    def edit(found: list[Record]) -> None:
        for record in found[::share]:
            change(record)

    return records(edit)


def same_deal(found: list[Record]) -> None:
    made = dict(next(record for record in found if counted(record)))
    made["合同登记编号"] = made["合同登记编号"][:-6] + "999999"
    found.append(made)


def registered_ahead(found: list[Record]) -> None:
    next(record for record in found if counted(record)).update({"登记日期": "2023-12-20", "合同签订日期": "2023-12-20"})


def half_gone(found: list[str]) -> None:
    del found[len(found) * 2 // 5 :]


def tenants_twice(found: Page) -> None:
    """A fortieth of the tenants in a second carrier too."""
    last = found.last_row
    carrier, of_carrier = found.cells(last)["A"], found.text(last, "A")
    seen: set[str] = set()
    for row in range(2, 2 + last // 40):
        cells, firm = found.cells(row), found.text(row, "C")
        if firm not in seen and found.text(row, "A") != of_carrier:
            seen.add(firm)
            found.put_row(last + len(seen), cells | {"A": carrier})


def one_in_yuan(found: list[Record]) -> None:
    """A contract that was in no snapshot before, with its amounts in yuan in the columns of 万元."""
    index = next(index for index, record in enumerate(found) if counted(record) and re.fullmatch(r"\d{3}\.\d+", record["技术交易额(万元)"]))
    for column in ("合同成交总额(万元)", "技术交易额(万元)"):
        found[index][column] = f"{float(found[index][column]) * 10_000:.2f}"


def parts_of_nothing(found: Page) -> None:
    row = found.row(COUNTY)
    found.put(row, found.column("分子"), 1)
    found.put(row, found.column("分母"), 2)


def _statistics(fault: str, words: str, spoil: Mutator, check: str, rule: str, severity: str = "error", subject: str = COUNTY) -> Found:
    return Found(fault, words, "statistics", spoil, f"chk_statistics_{check}", rule, severity, subject)


def meanings(before: bytes) -> list[Found]:
    """All cases; `before` is the statistics delivery of the quarter before."""
    return [
        _statistics(
            "M15",
            "a county's figure without its city's",
            scaled(GDP, "本年累计", lambda figure: figure + 50),
            "sums",
            "STA-011",
            subject="330100",
        ),
        _statistics("M15", "a city's figure without the province's", page(GDP, _city), "sums", "STA-010", subject="330000"),
        _statistics("M01", "ten thousand times as much", page(GDP, unit_alone), "time", "STA-021", subject=""),
        _statistics(
            "M01", "a county's figure in another unit", scaled(INDUSTRY, "营业收入", lambda figure: figure / 1000), "time", "STA-021"
        ),
        _statistics("M03", "last quarter's figures under a new title", figures_of(before), "time", "STA-022", subject="gdp"),
        _statistics("M16", "growth of 5000 %", cell(GDP, "同比增速(%)", 5000), "bounds", "STA-031"),
        _statistics("M14", "a part above its whole", page(INDUSTRY, _part_above_whole), "bounds", "STA-030"),
        _statistics("M07", "a county missing", page(GDP, without_county), "cover", "STA-001"),
        Found("M07", "three fifths of the export", "contracts", lines(half_gone), "chk_deliveries", "DEL-003", "warning", "contracts"),
        Found("M01", "one contract in yuan", "contracts", records(one_in_yuan), "chk_amounts", "AMT-001", "error", COUNTY),
        Found(
            "M01",
            "one carrier's income in yuan",
            "incubators",
            scaled(CARRIERS, "总收入(千元)", lambda income: income * 1000),
            "chk_amounts",
            "AMT-002",
            "warning",
            COUNTY,
        ),
        Found("M01", "one firm in yuan", "statistics", page(FIRMS, _firm_in_yuan), "chk_amounts", "AMT-002", "warning"),
        Found(
            "M01",
            "one return ten thousand times",
            "tax",
            (f"update sb_zzs set xse = xse * 10000 where sbxh = ({MIDDLE_RETURN})",),
            "chk_amounts",
            "AMT-001",
            "error",
        ),
        Found(
            "M01",
            "one return's sales in 万元",
            "tax",
            (f"update sb_zzs set xse = round(xse / 10000, 2) where sbxh = ({MIDDLE_RETURN})",),
            "chk_tax",
            "TAX-007",
            "warning",
        ),
        Found("M09", "one deal under two numbers", "contracts", records(same_deal), "chk_contracts", "CON-002", "warning", COUNTY),
        Found("M13", "registered after the day of receipt", "contracts", records(registered_ahead), "chk_contracts", "CON-004", "error"),
        Found(
            "M13",
            "many signed after their registration",
            "contracts",
            many(20, lambda record: record.update(合同签订日期="2023-11-30")),
            "chk_contracts",
            "CON-005",
            "warning",
        ),
        Found(
            "M15",
            "rooms that do not add up",
            "incubators",
            scaled(CARRIERS, "使用总面积(平方米)", lambda area: area + 100),
            "chk_incubators",
            "INC-001",
            "error",
            COUNTY,
        ),
        Found(
            "M15",
            "another number of tenants than are listed",
            "incubators",
            scaled(CARRIERS, "在孵企业数", lambda count: count + 3),
            "chk_incubators",
            "INC-002",
            "error",
            COUNTY,
        ),
        Found("M09", "many tenants in two carriers", "incubators", page(TENANTS, tenants_twice), "chk_incubators", "INC-003", "warning"),
        Found(
            "M14", "a ratio that its parts do not give", "ledger", page(ENTRIES, parts_of_nothing), "chk_ledger", "LED-001", "error", COUNTY
        ),
        Found("M17", "a carrier without a level", "incubators", cell(CARRIERS, "级别", "——"), "chk_incubators", "INC-011", "warning"),
        Found("M15", "more put forward than applied", "ledger", cell(ENTRIES, "数值", 1), "chk_ledger", "LED-002", "error", COUNTY),
        Found(
            "M01", "another unit than the catalogue's", "ledger", cell(ENTRIES, "单位", "万家"), "chk_ledger", "LED-003", "error", COUNTY
        ),
        Found("M17", "an indicator of no catalogue", "ledger", programme("XYZ", "新设专项数"), "chk_ledger", "LED-004", "warning", COUNTY),
        Found(
            "M03", "a day after the delivery's", "ledger", cell(ENTRIES, "截至日期", "2024-03-31"), "chk_ledger", "LED-005", "error", COUNTY
        ),
        Found(
            "M09",
            "many taxpayers under one code",
            "tax",
            ("update dj_nsrxx set nsrsbh = (select min(nsrsbh) from dj_nsrxx) where djxh % 10 = 1",),
            "chk_tax",
            "TAX-003",
            "warning",
        ),
    ]


def _city(found: Page) -> None:
    row, column = found.row("330300"), found.column("本年累计")
    found.put(row, column, round(float(found.text(row, column)) + 500, 4))


def _part_above_whole(found: Page) -> None:
    """The county's high-tech value added above its value added, by their places in the sheet."""
    row = found.row(COUNTY)
    found.put(row, "E", round(float(found.text(row, "C")) * 1.2, 4))


def _firm_in_yuan(found: Page) -> None:
    """The revenue of the county's first firm as yuan under 千元."""
    row, column = found.row(COUNTY, "行政区划代码"), found.column("营业收入")
    found.put(row, column, round(float(found.text(row, column)) * 1000, 4))
