"""A drop folder made by code: as few rows as a rule needs, every sheet and column that the contract asks for."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from tests.oracle import contracts, oracle_indicators
from tests.oracle.cells import USCC_ALPHABET, is_uscc
from tests.oracle.incubators import CARRIER_COLUMNS, TENANT_COLUMNS
from tests.oracle.ledger import ENTRIES, TARGETS

BINJIANG, XIHU, HANGZHOU, NINGBO_COUNTY = "330108", "330106", "330100", "330203"
SHEETS = {
    "规上工业": (
        [
            *("行政区划代码", "地区", "规上工业增加值", None, "高新技术产业增加值", None, "营业收入", "研发费用", None),
        ],
        [None, None, "本年累计", "同比增速(%)", "本年累计", "同比增速(%)", "本年累计", "本年累计", "同比增速(%)"],
    ),
    "投资": (
        ["行政区划代码", "地区", "固定资产投资", None, "高新技术产业投资", None],
        [None, None, "本年累计", "同比增速(%)", "本年累计", "同比增速(%)"],
    ),
    "地区生产总值": (["行政区划代码", "地区", "本年累计", "同比增速(%)"], None),
    "全社会研发": (["行政区划代码", "地区", "R&D经费支出", "地区生产总值", "R&D人员折合全时当量(人年)", "就业人员(人)"], None),
    "规上企业": (
        [
            *("统一社会信用代码", "单位详细名称", "行政区划代码", "行业代码", "是否高新技术产业", "高新目录版本"),
            *("工业增加值", "营业收入", "研发费用"),
        ],
        None,
    ),
}


def firm(number: int) -> str:
    """A USCC with the right check digit."""
    stem = f"91330108MA{number:07d}"
    return next(stem + last for last in USCC_ALPHABET if is_uscc(stem + last))


class Drop:
    """A drop folder and a tax database under one temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.data_raw = folder / "data_raw"
        self.data_raw.mkdir()
        self.tax = folder / "tax.sqlite"
        with sqlite3.connect(self.tax) as connection:
            connection.executescript(
                "create table dj_nsrxx (djxh, nsrsbh, nsrmc, xzqh_dm, hy_dm, djrq, nsrzt_dm, xgrq);"
                "create table sb_zzs (sbxh, djxh, skssq_q, skssq_z, xse, ynse, ms_jsxse, sbrq);"
                "create table sb_yfjjkc (sbxh, djxh, skssq_q, skssq_z, sblx_dm, xmsl, yffy_gj, jjkc_je, sbrq);"
            )

    def path(self, quarter: str, feed: str, name: str) -> Path:
        """Where a delivery of that name lies."""
        path = self.data_raw / quarter / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def statistics(self, quarter: str, rows: dict[str, list[list[Any]]], unit: str = "千元", headers: dict[str, Any] | None = None) -> None:
        """A bureau's workbook: rows by sheet, province first where a sheet is not given."""
        book = openpyxl.Workbook()
        year, months = int(quarter[:4]), 3 * int(quarter[5])
        for name, (upper, lower) in (SHEETS | (headers or {})).items():
            if name == "全社会研发" and months != 9:
                continue
            page = book.create_sheet(name)
            page["A1"] = f"{year - 1}年{name}" if name == "全社会研发" else f"{year}年1-{months}月{name}"
            page.cell(2, len(upper), f"单位:{unit}")
            for row in [upper, *([lower] if lower else [])]:
                page.append(row)
            first = ["330000" if name != "规上企业" else firm(1), "浙江省", *[1] * (len(upper) - 2)]
            for row in rows.get(name, [first]):
                page.append(row)
            page.append(["注:脚注"])
        del book["Sheet"]
        book.save(self.path(quarter, "statistics", f"{year}1201_统计.xlsx"))

    def contracts(self, quarter: str, rows: Sequence[dict[str, Any]], name: str = "20231201_合同.csv", encoding: str = "gb18030") -> None:
        """A registry's export; each row changes what it names of a sound contract of one million yuan."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, contracts.COLUMNS)
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow(contract(quarter, number) | row)
        self.path(quarter, "contracts", name).write_bytes(text.getvalue().encode(encoding))

    def incubators(self, quarter: str, carriers: list[list[Any]], tenants: list[list[Any]]) -> None:
        """A platform's workbook. Carrier: code, kind, level, region, area_new. Tenant: carrier, USCC, state, staff."""
        book = openpyxl.Workbook()
        page = book.create_sheet("孵化载体")
        page.append(CARRIER_COLUMNS)
        for key, kind, level, region, area_new in carriers:
            page.append([key, key, kind, level, region, None, "2020-01-01", 9, 1, 6, 1, 1, 1, 1, 2, area_new, 5])
        page = book.create_sheet("在孵企业")
        page.append(TENANT_COLUMNS)
        for carrier, uscc, state, staff in tenants:
            page.append([carrier, "某公司", uscc, "2022-01-01", None, state, staff, 0])
        book.save(self.path(quarter, "incubators", "20231201_孵化.xlsx"))

    def ledger(self, quarter: str, entries: list[list[Any]]) -> None:
        """A ledger workbook with one target."""
        book = openpyxl.Workbook()
        for name, rows in (("台账", [ENTRIES, *entries]), ("目标", [TARGETS, ["GKX", 2023, BINJIANG, 20, "家", "计划"]])):
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
        book.save(self.path(quarter, "ledger", "20231201_台账.xlsx"))

    def taxed(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Rows into a table of the tax database."""
        with sqlite3.connect(self.tax) as connection:
            connection.executemany(f"insert into {table} values ({','.join('?' * len(rows[0]))})", rows)

    def oracle(self, quarter: str) -> pd.DataFrame:
        """The oracle's table, by region, indicator and period."""
        return oracle_indicators(self.data_raw, str(self.tax), quarter).set_index(["region_code", "indicator", "period"])


def contract(quarter: str, number: int) -> dict[str, Any]:
    """A sound contract of one million yuan from Binjiang to Xihu."""
    year, month = quarter[:4], 3 * int(quarter[5]) - 2
    return {
        "合同登记编号": f"{year}3301080{number:05d}",
        "合同类别": "技术开发",
        "登记日期": f"{year}-{month:02d}-15",
        "卖方统一社会信用代码": firm(1),
        "卖方行政区划代码": BINJIANG,
        "买方统一社会信用代码": firm(2),
        "买方国别代码": "156",
        "买方行政区划代码": XIHU,
        "合同成交总额(万元)": "100",
        "技术交易额(万元)": "100",
        "合同状态": "已登记",
    }
