"""Why a firm is on a list, as one Chinese sentence with the figures that put it there.

Here: words. Not here: who is on a list (dbt_project/models/worklists), whose columns these figures are.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pipelines.report.content import rounded
from pipelines.worklists.kinds import Kind

Row = dict[str, Any]
_YUAN_PER_WAN = 10_000


def reason_of(kind: Kind, row: Row) -> str:
    """The sentence of a row of the kind's model."""
    return _SENTENCES[kind.name](row)


def wan(yuan: Decimal | float | None) -> str:
    """An amount of yuan in 万元 with two decimals."""
    return "无数值" if yuan is None else f"{rounded(Decimal(yuan) / _YUAN_PER_WAN, 2):,}万元"


def _rd_uncounted(row: Row) -> str:
    taxed = f"税务部门归集的研发费用 {wan(row['tax_rd_yuan'])}（截至{row['rd_period_to']:%Y-%m-%d}）"
    if row["reasons"] == "not_listed":
        return f"{taxed}，未入库：不在规上企业名录"
    if row["reasons"] == "no_rd":
        return f"{taxed}，规上企业报表中研发费用为零或空缺"
    return f"{taxed}，规上企业报表中仅 {wan(row['statistics_rd_yuan'])}，不足一半"


def _contracts_unregistered(row: Row) -> str:
    parts = []
    if row["exempt_ytd_yuan"] is not None:
        parts.append(f"本年免税技术销售额 {wan(row['exempt_ytd_yuan'])}")
    if row["contracts_last_year"] is not None:
        parts.append(f"上年登记 {row['contracts_last_year']} 项，技术交易额 {wan(row['tech_amount_last_year_yuan'])}")
    return f"{'；'.join(parts)}；本年作为卖方没有已登记的技术合同"


def _above_scale(row: Row) -> str:
    known = "" if row["sales_quarters"] == 4 else f"（仅 {row['sales_quarters']} 个季度有申报）"
    reached = "已达" if row["reasons"] == "above_threshold" else "接近"
    catalogue = f"属于高新目录（{row['ht_catalogue']}）" if row["is_high_tech_class"] else "不在高新目录"
    return f"近四个季度销售收入 {wan(row['amount'])}{known}，{reached}2,000万元，未入规上库；行业 {row['industry_code']}，{catalogue}"


def _high_tech(row: Row) -> str:
    flagged = f"{row['firms_listed']} 家规上企业中 {row['firms_flagged']} 家已列入高新技术产业（{row['ht_catalogue']}）"
    return f"行业 {row['industry_code']} 的 {flagged}，该企业未标注；本年累计增加值 {wan(row['amount'])}"


def _double_tenants(row: Row) -> str:
    parts, reasons = [], row["reasons"].split()
    if "two_carriers" in reasons:
        where = "均在本县" if row["carriers"] == row["carriers_here"] else f"本县 {row['carriers_here']} 个"
        parts.append(f"同时在 {row['carriers']} 个载体在孵（{where}：{row['carrier_codes']}）")
    if "cancelled" in reasons:
        parts.append("税务登记已注销")
    if "over_48_months" in reasons:
        parts.append(f"自{row['entered_on']:%Y-%m-%d}入孵，在孵已超过48个月")
    return "；".join(parts)


def _ladder(row: Row) -> str:
    ratio = rounded(row["tax_rd_yuan"] * 100 / row["sales_of_rd_yuan"], 2)
    side = "低于" if row["reasons"] == "below_threshold" else "高于"
    return (
        f"截至{row['rd_period_to']:%Y-%m-%d}研发费用 {wan(row['tax_rd_yuan'])}，占销售收入 {wan(row['sales_of_rd_yuan'])} 的 {ratio}%，"
        f"{side}国高企门槛 {row['threshold_pct']}%（上年销售收入 {wan(row['sales_last_year_yuan'])}），相差 {wan(row['amount'])}"
    )


_SENTENCES: dict[str, Callable[[Row], str]] = {
    "rd_uncounted": _rd_uncounted,
    "contracts_unregistered": _contracts_unregistered,
    "above_scale": _above_scale,
    "high_tech": _high_tech,
    "double_tenants": _double_tenants,
    "ladder": _ladder,
}
