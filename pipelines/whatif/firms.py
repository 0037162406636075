"""Firms that a person names by code: what the landed sheets of the edition's own deliveries know of each.

Here: finding them in `规上企业` and in the tax register, their value added or what stands in for it, refusing what cannot be included.
Not here: what including them does to a county (inclusion.py). Names and codes stay in memory: nothing here writes or logs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from pipelines.errors import Failure, UsageError
from pipelines.quarters import Quarter, span
from pipelines.rulesets.in_memory import DBT_PROJECT
from pipelines.whatif.edition import Edition

RECLASSIFIED, ADMITTED = "reclassified", "newly admitted"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CANCELLED = "05"
_MACROS = ("engines.sql", "cleaning.sql", "tax_returns.sql")
Row = dict[str, Any]

# The macros are those of staging, so that a cell means here what it means there.
_ENTERPRISES = """
with cleaned as (
    select {{ clean_code('uscc') }} as uscc, {{ clean_text('firm_name') }} as firm_name, {{ clean_code('region_code') }} as region_code,
        {{ clean_text('is_ht') }} as is_ht, {{ clean_number_text('ind_va_ytd') }} as amount_text, unit, source_row
    from read_parquet(?)
)
select uscc, firm_name, region_code, is_ht, {{ to_yuan('amount_text', 'unit') }} as value_added_yuan
from cleaned where list_contains(?, uscc) order by source_row
"""
_TAXPAYERS = """
select djxh, {{ clean_code('nsrsbh') }} as uscc, {{ clean_text('nsrmc') }} as firm_name, {{ clean_code('xzqh_dm') }} as region_code,
    {{ clean_code('hy_dm') }} as industry_code, {{ state_of_taxpayer('nsrzt_dm') }} as state
from read_parquet(?) where list_contains(?, {{ clean_code('nsrsbh') }}) order by source_row
"""
_SALES = """
select coalesce(sum(xse), 0) as sales_yuan from (
    select xse, row_number() over (partition by djxh, skssq_z order by sbrq desc, sbxh desc) as place
    from read_parquet(?) where djxh = ? and sbrq is not null
) where place = 1
"""


@dataclass(frozen=True)
class Firm:
    """A firm to include; `value_added_yuan` of the year to date is delivered if it is above scale, else estimated from `sales_yuan`."""

    uscc: str
    name: str
    county: str
    kind: str
    value_added_yuan: float
    sales_yuan: float | None = None


def find_firms(codes: list[str], edition: Edition, county: str | None) -> list[Firm]:
    """The firms of these codes, each once; a usage error names every code that cannot be included, and why."""
    found: list[Firm] = []
    refused: list[str] = []
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        sheet = _by_code(_rows(connection, _ENTERPRISES, _landed(edition, "statistics", "enterprises", edition.quarter), codes))
        register = _by_code(_rows(connection, _TAXPAYERS, _landed(edition, "tax", "dj_nsrxx", edition.quarter), codes))
        for code in dict.fromkeys(codes):
            try:
                firm = _firm(code, sheet.get(code, []), register.get(code, []), connection, edition)
                _check_county(firm, county, edition)
            except UsageError as refusal:
                refused.append(f"{code}: {refusal}")
            else:
                found.append(firm)
    if refused:
        raise UsageError(f"--include: {'; '.join(refused)}")
    return found


def is_uscc(code: str) -> bool:
    """Whether a code is a unified social credit code with the right check character (GB 32100-2015)."""
    if not re.fullmatch(f"[{_ALPHABET}]{{18}}", code):
        return False
    weighted = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(code[:17]))
    return (weighted + _ALPHABET.index(code[17])) % 31 == 0


def _firm(code: str, sheet: list[Row], register: list[Row], connection: duckdb.DuckDBPyConnection, edition: Edition) -> Firm:
    if not is_uscc(code):
        raise UsageError("found no unified social credit code; expected 18 characters with the right check character")
    sound = [row for row in sheet if row["is_ht"] in ("是", "否") and row["value_added_yuan"] is not None]
    if sheet and not sound:
        raise UsageError(f"found in 规上企业 of {edition.quarter} without a readable flag and value added; expected both")
    if sound:
        row = sound[0]
        if row["is_ht"] == "是":
            raise UsageError("found among 高新技术产业 already; expected a firm that is not flagged yet")
        return Firm(code, row["firm_name"], row["region_code"], RECLASSIFIED, float(row["value_added_yuan"]))
    if not register:
        raise UsageError(f"found neither in 规上企业 nor in the tax register of {edition.quarter}; expected a firm that one of them knows")
    row = register[0]
    if row["state"] == _CANCELLED:
        raise UsageError("found cancelled in the tax register; expected a firm in business")
    if not "06" <= str(row["industry_code"])[:2] <= "46":
        raise UsageError(f"found industry class {row['industry_code']}; expected industry (06 to 46): no other firm enters 规上工业")
    return _admitted(code, row, connection, edition)


def _admitted(code: str, taxpayer: Row, connection: duckdb.DuckDBPyConnection, edition: Edition) -> Firm:
    """Value added is estimated: VAT sales of the year to date at the ratio of value added to revenue of the county's industry."""
    county = taxpayer["region_code"]
    quarters = span(Quarter(edition.quarter.year, 1), edition.quarter)
    sales = sum(
        connection.execute(_SALES, [str(_landed(edition, "tax", "sb_zzs", quarter)), taxpayer["djxh"]]).fetchall()[0][0]
        for quarter in quarters
    )
    if sales <= 0:
        raise UsageError(f"found no VAT sales in {quarters[0]}..{quarters[-1]}; expected some, from which its value added is estimated")
    industry, revenue = (edition.cell(county, indicator).get("denominator") for indicator in ("HT_SHARE", "IRD_REV"))
    if not industry or not revenue:
        raise UsageError(f"found no 规上工业增加值 and 营业收入 of {county} in the edition; expected both, to estimate its value added")
    return Firm(code, taxpayer["firm_name"], county, ADMITTED, float(Decimal(sales)) * industry / revenue, float(sales))


def _check_county(firm: Firm, county: str | None, edition: Edition) -> None:
    if edition.regions.get(firm.county, {}).get("level") != "c":
        raise UsageError(f"found in division {firm.county}; expected a county of {edition.quarter}")
    if county is not None and firm.county != county:
        where = f"{firm.county} {edition.regions[firm.county]['region_name']}"
        raise UsageError(f"found in {where}; expected {county} {edition.regions[county]['region_name']}, as --region asks")


def _landed(edition: Edition, feed: str, table: str, quarter: Quarter) -> Path:
    """The landing file of the delivery that the edition's manifest names."""
    from pipelines.landing.parquet import landing_path  # Imports the ledger's database layer: only a question about firms waits for it.

    for delivery in edition.manifest["deliveries"]:
        if (delivery["quarter"], delivery["feed"]) == (str(quarter), feed):
            path = landing_path(edition.warehouse, feed, table, str(quarter), delivery["sha256"][:16])
            if path.is_file():
                return path
            raise Failure(
                f"{feed} {quarter}: found no landing file {path.name}; expected it, named by the edition; next: `i315 run {quarter}`"
            )
    raise Failure(
        f"{feed} {quarter}: found no delivery in {edition.quarter}/{edition.number}; expected one; "
        "next: take the quarter in again, then ask"
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, path: Path, codes: list[str]) -> list[Row]:
    rows: list[Row] = connection.sql(_rendered(query), params=[str(path), codes]).to_arrow_table().to_pylist()
    return rows


def _by_code(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["uscc"], []).append(row)
    return found


def _rendered(query: str) -> str:
    macros = "".join(
        (DBT_PROJECT / "macros" / name).read_text(encoding="utf-8") for name in ("engines.sql", "cleaning.sql", "tax_returns.sql")
    )
    return jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False).from_string(macros + query).render()
