"""The work lists again, with plain pandas from the offices' files, by the page `indicators.md`.

It shares no code with the project; what a cell means and which rows are sound is read as the oracle of the indicators reads it.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from tests.oracle.cells import Quarantined, code, date, number, refuse_control_characters, uscc
from tests.oracle.contracts import decoded, sound
from tests.oracle.deliveries import Quarter, received
from tests.oracle.divisions import on_day, place
from tests.oracle.incubators import read_incubators

Row = dict[str, Any]
YI, WAN, QIAN = Decimal(100_000_000), Decimal(10_000), Decimal(1_000)
FIRM = "统一社会信用代码"


def sound_rows(rows: list[Row], read: Callable[[Row], Row]) -> pd.DataFrame:
    kept = []
    for row in rows:
        try:
            refuse_control_characters(row)
            kept.append(read(row))
        except Quarantined:
            continue
    return pd.DataFrame(kept, dtype=object)


class Feeds:
    """The deliveries of a drop folder that the lists of one quarter rest on, as frames of sound rows."""

    def __init__(self, data_raw: Path, quarter: str) -> None:
        self.data_raw, self.quarter = data_raw, Quarter.of(quarter)
        self.end = pd.Timestamp(self.quarter.last_day)
        self.firms, self.tenants = self._firms(), self._tenants()
        self.sellers = self._sellers(self.quarter)
        self.sellers_before = self._sellers(Quarter(self.quarter.year - 1, 4))
        self.taxed = self._taxed()

    def _firms(self) -> pd.DataFrame:
        sheet = pd.read_excel(
            received(self.data_raw, self.quarter, "statistics")[0], sheet_name="规上企业", header=2, dtype=object, engine="openpyxl"
        )
        rows = sheet.astype(object).where(sheet.notna(), None).to_dict("records")
        body = [row for row in rows if not str(row[FIRM]).startswith("注")]

        def read(row: Row) -> Row:
            found = {"uscc": uscc(row[FIRM], FIRM, required=True), "region": place(row["行政区划代码"], self.quarter.last_day, "")}
            if found["region"] == "":
                raise Quarantined("elsewhere")
            amounts = {name: number(row[name], name) for name in ("工业增加值", "营业收入", "研发费用")}
            return (
                found
                | {name: None if value is None else value * QIAN for name, value in amounts.items()}
                | {"class": code(row["行业代码"]), "is_ht": code(row["是否高新技术产业"]) == "是"}
            )

        return sound_rows(body, read).drop_duplicates("uscc")

    def _tenants(self) -> pd.DataFrame:
        path = received(self.data_raw, self.quarter, "incubators")[0]
        carriers = read_incubators(path, self.quarter).carriers
        sheet = pd.read_excel(path, sheet_name="在孵企业", dtype=object, engine="openpyxl")

        def read(row: Row) -> Row:
            carrier = code(row["载体编码"])
            if carrier not in carriers:
                raise Quarantined("no sound carrier")
            found = {"uscc": uscc(row[FIRM], FIRM, required=True), "carrier": carrier, "region": carriers[carrier].county}
            return found | {
                "entered": date(row["入孵日期"], ""),
                "left": date(row["离孵日期"], ""),
                "state": code(row["状态"]),
                "staff": number(row["从业人员数"], "") or Decimal(0),
            }

        rows = sheet.astype(object).where(sheet.notna(), None).to_dict("records")
        return sound_rows(rows, read).drop_duplicates(["carrier", "uscc"])

    def _sellers(self, quarter: Quarter) -> pd.DataFrame:
        path = received(self.data_raw, quarter, "contracts")
        if not path:
            return pd.DataFrame(columns=["uscc", "region", "yuan", "n"])

        rows = pd.read_csv(io.StringIO(decoded(path[0].read_bytes(), "")), dtype=str, keep_default_na=False).to_dict("records")
        kept: dict[str, Row] = {}
        for row in rows:
            try:
                contract = sound(row, quarter)
            except Quarantined:
                continue
            is_counted = contract.state in ("已登记", "变更") and contract.registered_on and contract.registered_on <= quarter.last_day
            firm = uscc(row["卖方统一社会信用代码"], "")
            if contract.contract_no not in kept:
                kept[contract.contract_no] = {"uscc": firm, "region": contract.seller, "yuan": contract.tech_yuan or Decimal(0)} | {
                    "is_counted": is_counted and firm is not None
                }
        frame = pd.DataFrame(list(kept.values()), dtype=object)
        counted = frame[frame["is_counted"].astype(bool)]
        return counted.groupby("uscc").agg(region=("region", "last"), yuan=("yuan", "sum"), n=("yuan", "size")).reset_index()

    def _taxed(self) -> pd.DataFrame:
        """One row per firm of a county: what its returns say, as `indicators.md` counts them."""
        with sqlite3.connect(self.data_raw / "tax.sqlite") as database:
            register, vat, research = (
                pd.read_sql(f"select * from {name}", database, dtype=object) for name in ("dj_nsrxx", "sb_zzs", "sb_yfjjkc")
            )
        today = on_day(self.quarter.last_day)
        register = register[[_is_uscc(each) for each in register["nsrsbh"]]]
        register = register[[each in today and today[each].level in "cr" for each in register["xzqh_dm"]]].copy()
        for frame in (vat, research):
            frame["ends"] = pd.to_datetime(frame["skssq_z"])
        vat = vat[(vat["ends"] <= self.end) & (vat["ends"].dt.year >= self.quarter.year - 1)]
        vat = vat.sort_values(["sbrq", "sbxh"]).drop_duplicates(["djxh", "ends"], keep="last").copy()
        research = research[(research["ends"].dt.year == self.quarter.year) & (research["ends"] <= self.end)].copy()
        # Of one period the annual return counts, then the latest filed.
        research["rank"] = research["sblx_dm"].map({"YJ": 0, "HS": 1})
        research = research.sort_values(["ends", "rank", "sbrq", "sbxh"]).drop_duplicates("djxh", keep="last")
        for frame, column in ((vat, "xse"), (vat, "ms_jsxse"), (research, "yffy_gj")):
            frame[column] = [Decimal(repr(float(each))).quantize(Decimal("0.01")) for each in frame[column]]
        is_this_year = vat["ends"].dt.year == self.quarter.year
        is_recent = vat["ends"] > self.end - pd.DateOffset(years=1)
        found = register.set_index("djxh")
        found["sales_year"] = vat[is_recent].groupby("djxh")["xse"].sum()
        found["sales_ytd"] = vat[is_this_year].groupby("djxh")["xse"].sum()
        found["sales_before"] = vat[~is_this_year].groupby("djxh")["xse"].sum()
        found["exempt"] = vat[is_this_year].groupby("djxh")["ms_jsxse"].sum()
        found["rd"] = research.set_index("djxh")["yffy_gj"]
        with_rd = vat[is_this_year].merge(research[["djxh", "ends"]], on="djxh", suffixes=("", "_rd"))
        found["sales_of_rd"] = with_rd[with_rd["ends"] <= with_rd["ends_rd"]].groupby("djxh")["xse"].sum()
        return found.rename(columns={"nsrsbh": "uscc", "xzqh_dm": "region", "hy_dm": "class", "nsrzt_dm": "state"})


def _is_uscc(text: str) -> bool:
    try:
        return uscc(text, "", required=True) is not None
    except Quarantined:
        return False


def all_lists(feeds: Feeds) -> dict[str, set[tuple[str, str, str, Decimal]]]:
    """By kind the rows of each list: firm, region, reasons, amount to six decimals."""
    lists = {
        "rd_uncounted": rd_uncounted(feeds),
        "contracts_unregistered": contracts_unregistered(feeds),
        "above_scale": above_scale(feeds),
        "high_tech": high_tech(feeds),
        "double_tenants": double_tenants(feeds),
        "ladder": ladder(feeds),
    }
    return {
        kind: {(row["uscc"], row["region"], row["reasons"], Decimal(row["amount"]).quantize(Decimal("0.000001"))) for row in rows}
        for kind, rows in lists.items()
    }


def rd_uncounted(feeds: Feeds) -> list[Row]:
    taxed = feeds.taxed[[isinstance(each, Decimal) and each > 0 for each in feeds.taxed["rd"]]]
    both = taxed.merge(feeds.firms, on="uscc", how="left", suffixes=("", "_listed"))
    rows = []
    for row in both.to_dict("records"):
        is_listed = isinstance(row["region_listed"], str)
        counted = row["研发费用"] if is_listed and row["研发费用"] is not None else Decimal(0)
        if counted * 2 < row["rd"]:
            reasons = "not_listed" if not is_listed else "no_rd" if counted == 0 else "under_half"
            region = row["region_listed"] if is_listed else row["region"]
            rows.append({"uscc": row["uscc"], "region": region, "reasons": reasons, "amount": row["rd"] - counted})
    return rows


def contracts_unregistered(feeds: Feeds) -> list[Row]:
    known, found = set(feeds.sellers["uscc"]), {}
    for row in feeds.taxed.to_dict("records"):
        if isinstance(row["exempt"], Decimal) and row["exempt"] > 0 and row["uscc"] not in known:
            found[row["uscc"]] = {"uscc": row["uscc"], "region": row["region"], "reasons": "exempt_sales", "amount": row["exempt"]}
    for row in feeds.sellers_before.to_dict("records"):
        if row["region"] and row["uscc"] not in known:
            one = found.get(row["uscc"])
            reasons = "exempt_sales seller_last_year" if one else "seller_last_year"
            amount = max(row["yuan"], one["amount"]) if one else row["yuan"]
            found[row["uscc"]] = {"uscc": row["uscc"], "region": row["region"], "reasons": reasons, "amount": amount}
    return list(found.values())


def above_scale(feeds: Feeds) -> list[Row]:
    taxed = feeds.taxed[feeds.taxed["sales_year"].notna() & (feeds.taxed["state"] != "05")]
    taxed = taxed[taxed["class"].str[:2].between("06", "46") & ~taxed["uscc"].isin(feeds.firms["uscc"])]
    return [
        row | {"amount": row["sales_year"], "reasons": "above_threshold" if row["sales_year"] >= 20_000_000 else "near_threshold"}
        for row in taxed.to_dict("records")
        if row["sales_year"] >= 16_000_000
    ]


def high_tech(feeds: Feeds) -> list[Row]:
    flagged = feeds.firms.assign(is_ht=feeds.firms["is_ht"].astype(bool)).groupby("class")["is_ht"].mean()
    classes = flagged[flagged > 0.5].index
    firms = feeds.firms[feeds.firms["class"].isin(classes) & ~feeds.firms["is_ht"].astype(bool)]
    return [row | {"amount": row["工业增加值"], "reasons": "not_flagged"} for row in firms.to_dict("records")]


def double_tenants(feeds: Feeds) -> list[Row]:
    cancelled = set(feeds.taxed.loc[feeds.taxed["state"] == "05", "uscc"])
    present = feeds.tenants[(feeds.tenants["state"] == "在孵") & (feeds.tenants["region"] != "")].sort_values("carrier")
    carriers, rows = present.groupby("uscc").size(), []
    for (firm, region), stays in present.groupby(["uscc", "region"]):
        is_old = any(each is not None and pd.Timestamp(each) + pd.DateOffset(months=48) < feeds.end for each in stays["entered"])
        told = [("two_carriers", carriers[firm] > 1), ("cancelled", firm in cancelled), ("over_48_months", is_old)]
        reasons = " ".join(name for name, holds in told if holds)
        if reasons:
            rows.append({"uscc": firm, "region": region, "reasons": reasons, "amount": stays["staff"].iloc[0]})
    return rows


def ladder(feeds: Feeds) -> list[Row]:
    rows = []
    for row in feeds.taxed[feeds.taxed["state"] != "05"].to_dict("records"):
        is_old = pd.Timestamp(row["djrq"]) + pd.DateOffset(years=1) <= feeds.end
        has_both = all(isinstance(row[name], Decimal) and row[name] > 0 for name in ("rd", "sales_of_rd"))
        if not (is_old and has_both):
            continue
        before = row["sales_before"] if isinstance(row["sales_before"], Decimal) else Decimal(0)
        threshold = Decimal("0.05") if before <= 50_000_000 else Decimal("0.04") if before <= 200_000_000 else Decimal("0.03")
        needed = threshold * row["sales_of_rd"]
        if Decimal("0.8") * needed <= row["rd"] <= Decimal("1.2") * needed:
            reasons = "below_threshold" if row["rd"] < needed else "just_above"
            rows.append({"uscc": row["uscc"], "region": row["region"], "reasons": reasons, "amount": abs(needed - row["rd"])})
    return rows
