"""A small clean landing for tests of the gate: every region, six quarters, figures that keep every identity exactly."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.landing import published
from pipelines.landing.parquet import NOTES
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse

QUARTERS = ("2022Q2", "2022Q3", "2022Q4", "2023Q1", "2023Q2", "2023Q3")
FEEDS = ("statistics", "contracts", "incubators", "ledger", "tax")
LINEAGE = ("delivery_id", "source_file", "source_sheet")
FIELDS = {
    "statistics/industry": "region_code region_name ind_va_ytd ind_va_growth ht_va_ytd ht_va_growth revenue_ytd rd_expense_ytd "
    "rd_expense_growth",
    "statistics/investment": "region_code region_name fai_ytd fai_growth ht_inv_ytd ht_inv_growth",
    "statistics/gdp": "region_code region_name gdp_ytd gdp_growth",
    "statistics/research": "region_code region_name rd_expenditure gdp rd_staff_fte employed_persons",
    "statistics/enterprises": "uscc firm_name region_code industry_code is_ht ht_catalogue ind_va_ytd revenue_ytd rd_expense_ytd",
    "incubators/carriers": "carrier_code carrier_name carrier_type carrier_level region_code operator_uscc recognised_on area_total "
    "area_office area_tenant area_public area_other tenant_count staff_count graduated_count area_new income",
    "incubators/tenants": "carrier_code firm_name uscc entered_on left_on state staff_count investment",
    "ledger/entries": "indicator_code indicator_name region_code period as_of value numerator denominator unit scope source",
    "ledger/targets": "indicator_code year region_code target unit source",
    "contracts/contracts": "contract_no contract_name category signed_on registered_on seller_name seller_uscc seller_region seller_kind "
    "buyer_name buyer_uscc buyer_country buyer_region contract_amount tech_amount tech_field ip_type social_goal state changed_on",
}
MONEY, MOMENT, TEXT, NUMBER = pa.decimal128(18, 2), pa.timestamp("us"), pa.string(), pa.int64()
DAY = pa.date32()
RETURN = {"sbxh": NUMBER, "djxh": NUMBER, "skssq_q": DAY, "skssq_z": DAY, "sbrq": MOMENT}
PERSON = dict.fromkeys(("nsrsbh", "nsrmc", "xzqh_dm", "hy_dm", "nsrzt_dm"), TEXT)
TAX = {
    "tax/dj_nsrxx": {"djxh": NUMBER, **PERSON, "djrq": DAY, "xgrq": MOMENT},
    "tax/sb_zzs": {**RETURN, "xse": MONEY, "ynse": MONEY, "ms_jsxse": MONEY},
    "tax/sb_yfjjkc": {**RETURN, "sblx_dm": TEXT, "xmsl": pa.int32(), "yffy_gj": MONEY, "jjkc_je": MONEY},
}


def regions() -> dict[str, list[str]]:
    """Counties by city, as in force in 2022 and 2023."""
    with (PROJECT / "dbt_project" / "seeds" / "divisions.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["level"] == "c" and not row["valid_to"]]
    cities: dict[str, list[str]] = {}
    for row in rows:
        cities.setdefault(row["city_code"], []).append(row["code"])
    return cities


def uscc(number: int) -> str:
    """A valid unified social credit code."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = f"91330108MA{number:07d}"
    total = sum(alphabet.index(sign) * pow(3, place, 31) for place, sign in enumerate(head))
    return head + alphabet[(31 - total % 31) % 31]


def write_clean_landing(landing: Path) -> None:
    """Landing files, `in_force.parquet` and zero-row contract files, as the landing stage leaves them."""
    schemas = {table: _text_schema(table, fields) for table, fields in FIELDS.items()}
    schemas |= {
        table: pa.schema([*columns.items(), *NOTES, *((name, TEXT) for name in LINEAGE), ("source_row", NUMBER)])
        for table, columns in TAX.items()
    }
    for table, schema in schemas.items():
        _write(landing / table / "quarter=none" / "contract.parquet", [], schema)
    in_force = []
    for quarter in QUARTERS:
        year, number = int(quarter[:4]), int(quarter[5])
        received = dt.date(year, number * 3, 1) + dt.timedelta(days=42)
        for table, rows in _rows(quarter, year, number).items():
            feed = table.split("/")[0]
            place = {"delivery_id": f"{feed}-{quarter}", "source_file": "f", "source_sheet": "s"}
            extra = {"unit": "千元" if "industry" in table or "enterprises" in table else "万元", "title": "", "period": quarter}
            if table == "statistics/research":
                extra["period"] = str(year - 1)
            extra |= {"field_count": 20, "header_count": 20}
            complete = [
                {name: (extra | place | row | {"source_row": line}).get(name) for name in schemas[table].names}
                for line, row in enumerate(rows, 5)
            ]
            _write(landing / table / f"quarter={quarter}" / f"{feed}-{quarter}.parquet", complete, schemas[table])
        in_force += [
            {
                "quarter": quarter,
                "feed": feed,
                "delivery_id": f"{feed}-{quarter}",
                "sha256": "",
                "file_name": "f",
                "received_on": received,
                "received_no": 1,
            }
            for feed in FEEDS
        ]
    _write(landing / "in_force.parquet", in_force, None)
    published.ensure_empty_tables(Warehouse(landing.parent))


def _text_schema(table: str, fields: str) -> pa.Schema:
    names = fields.split() + (["title", "unit", "period"] if table.startswith("statistics") else [])
    counts = [("field_count", pa.int32()), ("header_count", pa.int32())] if table.startswith("contracts") else []
    return pa.schema([(name, TEXT) for name in (*names, *LINEAGE)] + [("source_row", pa.int32()), *counts])


def _write(path: Path, rows: list[dict[str, Any]], schema: pa.Schema | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _rows(quarter: str, year: int, number: int) -> dict[str, list[dict[str, Any]]]:
    cities = regions()
    counties = sorted(code for codes in cities.values() for code in codes)
    scale = number * (100 + 10 * (year - 2022))
    sizes = {code: (1000 + place) * scale for place, code in enumerate(counties)}
    sizes |= {city: sum(sizes[code] for code in codes) for city, codes in cities.items()} | {"330099": 7 * scale}
    sizes["330000"] = sum(sizes[city] for city in cities) + sizes["330099"]
    end = {1: "03-31", 2: "06-30", 3: "09-30", 4: "12-31"}[number]
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in (*FIELDS, *TAX)}
    for code, size in sorted(sizes.items()):
        growth = {"ind_va_growth": f"5.{number}", "ht_va_growth": f"6.{number}", "rd_expense_growth": f"7.{number}"}
        shares = {"ind_va_ytd": 300, "ht_va_ytd": 200 + number, "revenue_ytd": 1000 + number, "rd_expense_ytd": 30}
        rows["statistics/industry"].append({"region_code": code, **growth, **{name: str(size * share) for name, share in shares.items()}})
        investment = {
            "fai_ytd": str(size * (40 + number)),
            "ht_inv_ytd": str(size * 10),
            "fai_growth": f"3.{number}",
            "ht_inv_growth": f"9.{number}",
        }
        rows["statistics/investment"].append({"region_code": code, **investment})
        rows["statistics/gdp"].append({"region_code": code, "gdp_ytd": str(size * 11), "gdp_growth": f"5.{number}"})
        if number == 3:
            # The reference year is the year before; its GDP is that of its fourth quarter.
            research = {
                "rd_expenditure": str(size // scale * 176),
                "gdp": str(size // scale * 44 * (100 + 10 * (year - 1 - 2022))),
                "rd_staff_fte": str(size),
                "employed_persons": str(size * 40),
            }
            rows["statistics/research"].append({"region_code": code, **research})
    for place, code in enumerate(counties):
        firm = {"uscc": uscc(place), "region_code": code}
        rows["statistics/enterprises"].append(
            {
                **firm,
                "ind_va_ytd": str(9 * number),
                "revenue_ytd": str(30 * number),
                "rd_expense_ytd": str(number),
                "is_ht": "是",
                "ht_catalogue": "2018年版",
                "industry_code": "3990",
            }
        )
        for serial in range(1, number + 1):
            day = f"{year}-{serial * 3:02d}-01"
            parties = {
                "seller_uscc": uscc(place),
                "seller_region": code,
                "buyer_uscc": uscc(place + 100),
                "buyer_region": counties[0],
                "buyer_country": "156",
            }
            amounts = {"contract_amount": str(90 + serial + year - 2022), "tech_amount": str(80 + serial + year - 2022)}
            state = {"category": "技术开发", "state": "已登记", "signed_on": day, "registered_on": day}
            rows["contracts/contracts"].append({"contract_no": f"{year}{code}{serial:06d}", **parties, **amounts, **state})
        areas = {
            "area_total": "100",
            "area_office": "10",
            "area_tenant": "60",
            "area_public": "20",
            "area_other": "10",
            "area_new": str(5 * number),
        }
        counts = {"tenant_count": "1", "staff_count": "30", "graduated_count": str(number), "income": str(100 * number)}
        kind = {"carrier_type": "孵化器" if place % 3 else "众创空间", "carrier_level": "省级"}
        rows["incubators/carriers"].append({"carrier_code": f"C{code}", "region_code": code, **kind, **areas, **counts})
        tenant = {"state": "在孵", "entered_on": f"{year - 1}-05-01", "staff_count": "12", "investment": "0"}
        rows["incubators/tenants"].append({"carrier_code": f"C{code}", "uscc": uscc(place + 200), **tenant})
        rows["tax/dj_nsrxx"].append(
            {"djxh": place, "nsrsbh": uscc(place), "xzqh_dm": code, "hy_dm": "3990", "nsrzt_dm": "03", "xgrq": dt.datetime(year, 1, 5)}
        )
        start, stop = dt.date(year, number * 3 - 2, 1), dt.date.fromisoformat(f"{year}-{end}")
        filed = dt.datetime.combine(stop, dt.time()) + dt.timedelta(days=12)
        vat = {"xse": Decimal(900 + number), "ynse": Decimal(50), "ms_jsxse": Decimal(100)}
        rows["tax/sb_zzs"].append({"sbxh": place, "djxh": place, "skssq_q": start, "skssq_z": stop, "sbrq": filed, **vat})
        if number > 1:
            expense = {"yffy_gj": Decimal(1000 * number), "jjkc_je": Decimal(1000 * number), "sblx_dm": "YJ", "xmsl": 1}
            rows["tax/sb_yfjjkc"].append(
                {"sbxh": place, "djxh": place, "skssq_q": dt.date(year, 1, 1), "skssq_z": stop, "sbrq": filed, **expense}
            )
    of_programme = {"region_code": "330108", "period": quarter, "as_of": f"{year}-{end}", "scope": "累计", "source": "科技局"}
    for indicator, value in {"HNTE_APPLIED": 400, "HNTE_PUT": 390, "HNTE_PASSED": 300}.items():
        rows["ledger/entries"].append({"indicator_code": indicator, "value": str(value * number), "unit": "家", **of_programme})
    rate = {
        "indicator_code": "HNTE_PASS_RATE",
        "value": "76.92",
        "numerator": str(300 * number),
        "denominator": str(390 * number),
        "unit": "%",
    }
    rows["ledger/entries"].append({**rate, **of_programme})
    rows["ledger/targets"].append(
        {"indicator_code": "HNTE_PASSED", "year": str(year + 1), "region_code": "330108", "target": "1300", "unit": "家"}
    )
    return {table: found for table, found in rows.items() if found}
