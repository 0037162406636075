"""Deliveries made by code: small, legal, and easy to break in one place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.errors import DeliveryRejected, Problem
from pipelines.feeds import FILE_FEEDS
from pipelines.landing.files import Landed, land_files
from pipelines.landing.tax import land_tax
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.warehouse import Warehouse

Q3 = Quarter(2023, 3)
REGIONS = [("330000", "全省"), ("330100", "　杭州市"), ("330108", "　　滨江区")]
CONTRACT_ROW = (
    "33010820230001,微弱信号检测,技术开发,2023-09-01,2023-09-12,甲公司,913301087654321098,330108,企业法人,乙公司,913301061234567890,"
    "156,330106,1200.50,1000.25,电子信息,专利,工商业发展,已登记,"
)
CONTRACT_HEADER = ",".join(field.header for field in FILE_FEEDS["contracts"].tables[0].fields)


@dataclass
class Place:
    """A warehouse with its drop folder and ledger."""

    root: Path
    data_raw: Path = field(init=False)
    warehouse: Warehouse = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.data_raw = self.root / "data_raw"
        self.warehouse = Warehouse(self.root / "warehouse")
        self.warehouse.root.mkdir()
        self.ledger = Ledger(f"sqlite:///{self.warehouse.root / 'ledger.sqlite'}")

    def drop(self, feed: str, name: str, quarter: Quarter = Q3) -> Path:
        """A path in the drop folder to write a delivery to."""
        path = self.data_raw / str(quarter) / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def land(self, feed: str, *quarters: Quarter) -> list[Landed]:
        return land_files(feed, list(quarters or [Q3]), self.data_raw, self.warehouse, self.ledger, "tester")

    def land_tax(self, url: str, *quarters: Quarter, history: list[Quarter] | None = None) -> list[Landed]:
        return land_tax(list(quarters or [Q3]), url, self.warehouse, self.ledger, "tester", history=history)

    def reject(self, feed: str, *quarters: Quarter) -> Problem:
        """Land and return why the delivery was rejected."""
        with pytest.raises(DeliveryRejected) as caught:
            self.land(feed, *quarters)
        return caught.value.problem

    def rows(self, feed: str, table: str, delivery_id: str = "*") -> list[dict[str, Any]]:
        pattern = self.warehouse.landing / feed / table / "quarter=*" / f"{delivery_id}.parquet"
        relation = duckdb.sql(f"select * from read_parquet('{pattern}') order by source_row")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _titled(book: openpyxl.Workbook, name: str, title: str, unit: str, width: int) -> Worksheet:
    sheet = book.create_sheet(name)
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.cell(2, width, f"单位:{unit}")
    return sheet


def _grouped(sheet: Worksheet, groups: list[tuple[str, list[str]]]) -> None:
    column = 3
    for single, text in ((1, "行政区划代码"), (2, "地区")):
        sheet.cell(3, single, text)
        sheet.merge_cells(start_row=3, start_column=single, end_row=4, end_column=single)
    for group, leaves in groups:
        sheet.cell(3, column, group)
        if len(leaves) > 1:
            sheet.merge_cells(start_row=3, start_column=column, end_row=3, end_column=column + len(leaves) - 1)
        for leaf in leaves:
            sheet.cell(4, column, leaf)
            column += 1


YTD, GROWTH = "本年累计", "同比增速(%)"


def statistics_book(quarter: Quarter = Q3) -> openpyxl.Workbook:
    """A legal statistics workbook with three regions and two firms."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    period = f"{quarter.year}年1-{quarter.number * 3}月"
    industry = _titled(book, "规上工业", f"{period}规模以上工业主要指标", "千元", 9)
    pair = [YTD, GROWTH]
    _grouped(industry, [("规上工业增加值", pair), ("高新技术产业增加值", pair), ("营业收入", [YTD]), ("研发费用", pair)])
    for code, name in REGIONS:
        industry.append([code, name, 1000.5, 6.1, 700, 7.25, 9000, 310.125, -1.5])
    industry.append(["注：增加值增速按可比价格计算。"])
    investment = _titled(book, "投资", f"{period}固定资产投资", "万元", 6)
    _grouped(investment, [("固定资产投资", pair), ("高新技术产业投资", pair)])
    for code, name in REGIONS:
        investment.append([code, name, 500, "-", 120.75, 3])
    gdp = _titled(book, "地区生产总值", f"{period}地区生产总值", "亿元", 4)
    gdp.append(["行政区划代码", "地区", YTD, GROWTH])
    for code, name in REGIONS:
        gdp.append([code, name, 2023.5, 5.6])
    if quarter.number == 3:
        research = _titled(book, "全社会研发", f"{quarter.year - 1}年全社会研发活动情况", "万元", 6)
        research.append(["行政区划代码", "地区", "R&D经费支出", "地区生产总值", "R&D人员折合全时当量(人年)", "就业人员(人)"])
        for code, name in REGIONS:
            research.append([code, name, 2079600, 21844000, 51234.5, 600000])
    firms = _titled(book, "规上企业", f"{period}规模以上工业企业", "千元", 9)
    firms.append([field.header for field in FILE_FEEDS["statistics"].tables[4].fields])
    firms.append(["913301087654321098", "甲公司", "330108", "3562", "是", "2018", 100.5, 400, 30])
    firms.append(["913301087654321101", "注塑机公司", 330108, "3523", "否", None, 50, 90.25, 2])
    return book


def incubators_book() -> openpyxl.Workbook:
    """A legal incubator workbook with one carrier and two tenants."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    carriers, tenants = FILE_FEEDS["incubators"].tables
    sheet = book.create_sheet(carriers.sheet)
    sheet.append([field.header for field in carriers.fields])
    recognised = dt.date(2015, 6, 1)
    sheet.append(
        [
            "ZT0001",
            "滨江孵化器",
            "孵化器",
            "国家级、省级",
            "330108",
            "913301087654321098",
            recognised,
            1000,
            100,
            700,
            150,
            50,
            2,
            80,
            1,
            0,
            900.5,
        ]
    )
    sheet = book.create_sheet(tenants.sheet)
    sheet.append([field.header for field in tenants.fields])
    sheet.append(["ZT0001", "丙公司", "913301087654321110", dt.datetime(2022, 1, 5), None, "在孵", 12, 0])
    sheet.append(["ZT0001", "丁公司", "913301087654321129", "2022.1.6", None, "在孵", 9, 500])
    return book


def ledger_book(periods: list[Any]) -> openpyxl.Workbook:
    """A legal ledger workbook with one entry per period."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    entries, targets = FILE_FEEDS["ledger"].tables
    sheet = book.create_sheet(entries.sheet)
    sheet.append([field.header for field in entries.fields])
    for period in periods:
        sheet.append(["A01", "高新技术企业", "330108", period, "2023-09-30", 1142, None, None, "家", "受理", "科技局"])
    sheet = book.create_sheet(targets.sheet)
    sheet.append([field.header for field in targets.fields])
    sheet.append(["A01", 2024, "330108", 1200, "家", "工作计划"])
    return book


def contracts_text(*rows: str, header: str = CONTRACT_HEADER, end: str = "\r\n") -> str:
    """A legal registry export with these records (one if none are given)."""
    return end.join([header, *(rows or (CONTRACT_ROW,))]) + end


TAX_DDL = (
    "create table dj_nsrxx (djxh bigint primary key, nsrsbh varchar(20), nsrmc varchar(200), xzqh_dm char(6), hy_dm char(4), djrq date,"
    " nsrzt_dm char(2), xgrq timestamp)",
    "create table sb_zzs (sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, xse numeric(18,2), ynse numeric(18,2),"
    " ms_jsxse numeric(18,2), sbrq timestamp)",
    "create table sb_yfjjkc (sbxh bigint primary key, djxh bigint, skssq_q date, skssq_z date, sblx_dm char(2), xmsl int,"
    " yffy_gj numeric(18,2), jjkc_je numeric(18,2), sbrq timestamp)",
)
TAX_ROWS = (
    "insert into dj_nsrxx values (2, '913301087654321101', '乙公司', '330108', '3562', '2012-05-06', '03', '2023-01-02 03:04:05')",
    "insert into dj_nsrxx values (1, '913301087654321098', '甲公司', '330108', '392', '2010-01-02', '05', '2022-01-02 03:04:05.25')",
    "insert into sb_zzs values (11, 1, '2023-07-01', '2023-09-30', 1234567890123.45, 0.10, null, '2023-10-12 09:30:00')",
    "insert into sb_zzs values (12, 2, '2023-04-01', '2023-06-30', 207.96, -3, 1.5, '2023-07-12 09:30:00')",
    "insert into sb_yfjjkc values (21, 1, '2023-01-01', '2023-09-30', 'YJ', 3, 100.01, 100.01, '2023-10-13 10:00:00')",
)
