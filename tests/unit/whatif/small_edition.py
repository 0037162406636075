"""A published quarter of six counties made by hand: an edition's files, its scoring inputs, landed sheets of firms, two rulesets."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.formats import from_rows, table_files
from pipelines.editions.schema import INDICATORS, RANKING, TARGETS
from pipelines.editions.scoring_inputs import ScoringInputs, save
from pipelines.feeds import FILE_FEEDS, TAX_TABLES
from pipelines.landing.parquet import landing_path, text_schema, typed_schema
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import Ruleset, parse_ruleset
from pipelines.rulesets.tables import flatten
from pipelines.warehouse import Warehouse
from pipelines.whatif.answer import Answer

QUARTER, SHA = "2023Q3", "d" * 64
Ask = Callable[..., Answer]
COUNTIES = {"330102": "上城区", "330105": "拱墅区", "330106": "西湖区", "330108": "滨江区", "330109": "萧山区", "330110": "余杭区"}
CITY = {"330100": "杭州市"}
YI = 100_000_000
RULES = """
schema: scoring-rules/1
ruleset: {id: made-up, version: 2023.1, valid: {from: 2022Q1, to: 2023Q4}}
units: {population: city, peer_groups: {city: city}}
indicators:
- {id: HT_SHARE, score: {method: goalposts, worst: 0, best: 100, clamp: [0, 1]}}
- {id: HT_VA_GROWTH, score: {method: around, centre: {stat: mean, over: all}, base: 0.6, step: 1, gain: 0.02, clamp: [0, 1]}}
- {id: TECH_TX, score: {method: percentile, over: all, to: [0.6, 1]}}
- {id: TECH_TX_GDP, score: {method: minmax, over: all, to: [0.6, 1]}}
- {id: TECH_TX_GROWTH, states: {missing: redistribute}, score: {method: goalposts, worst: -50, best: 50, clamp: [0, 1]}}
- {id: RD_GDP, calendar: {published: [Q4]}, states: {missing: redistribute}, score: {method: goalposts, worst: 0, best: 5, clamp: [0, 1]}}
tree:
  id: total
  combine: weighted_sum
  children:
  - id: industry
    points: 40
    children: [{ref: HT_SHARE, points: 30}, {ref: HT_VA_GROWTH, points: 10}]
  - id: market
    points: 40
    children: [{ref: TECH_TX, points: 10}, {ref: TECH_TX_GDP, points: 20}, {ref: TECH_TX_GROWTH, points: 10}]
  - {ref: RD_GDP, points: 20}
total: {clamp: [0, 100], round: 2}
ranks:
- {id: province, by: total, basis: rounded}
- {id: city, by: total, basis: rounded, over: {peer_group: city}}
- {id: progress, by: {change_of: total, base: same_period_last_year, rules: restated}, ties: dense}
stars:
- {id: by_score, basis: rounded, cut: {5: 80, 4: 70, 3: 60, 2: 50, 1: 0}}
"""
DRAFT = RULES.replace("version: 2023.1, valid: {from: 2022Q1, to: 2023Q4}", "version: 2024.1, draft: true, valid: {from: 2024Q1}").replace(
    "points: 30}, {ref: HT_VA_GROWTH, points: 10}", "points: 10}, {ref: HT_VA_GROWTH, points: 30}"
)
# H, T, GDP, technology trade now and a year before in 亿元; growth of high-tech value added and R&D / GDP of 2022 in %.
FIGURES = {
    "330102": (60, 100, 900, 50, 40, 4.0, 2.1),
    "330105": (45, 90, 800, 30, 31, 6.0, 2.4),
    "330106": (80, 120, 1000, 90, 80, 2.0, 3.3),
    "330108": (87, 100, 1500, 200, 190, 8.0, 4.4),
    "330109": (110, 220, 1400, 60, 66, 5.0, 1.9),
    "330110": (150, 200, 1800, 160, 100, 9.0, 3.0),
}
ABOVE, ABOVE_TOO, FLAGGED = "91330108MAN78JME5F", "91330108MA8MPYKAXJ", "91330102MAT0AB7M9G"
TAXED, CANCELLED, SERVICE = "91330106MA5JFA4N6W", "91330102MADXD0Q4XF", "91330105MAPGWTYG8L"


@dataclass(frozen=True)
class SmallEdition:
    """The warehouse that holds it, its rules, and its inputs, so that a test can score directly."""

    warehouse: Warehouse
    rulesets: Path
    inputs: ScoringInputs
    rules: Ruleset

    @property
    def draft(self) -> Path:
        return self.rulesets / "made-up" / "2024.1.yml"

    def totals(self, rules: Ruleset, changed: dict[tuple[str, str], tuple[float | None, str]]) -> dict[str, float]:
        """Totals of the quarter scored directly, with these cells (value, state) in place of the published ones."""
        rows = [
            row | dict(zip(("value", "state"), changed[row["unit"], row["indicator"]], strict=True))
            if row["period"] == QUARTER and (row["unit"], row["indicator"]) in changed
            else row
            for row in self.inputs.values.to_pylist()
        ]
        return {
            row["unit"]: row["total"] for row in scored(rows, self.inputs, rules)["score_totals"].to_pylist() if row["period"] == QUARTER
        }


def scored(rows: list[dict[str, Any]], inputs: ScoringInputs, rules: Ruleset, quarter: str = QUARTER) -> dict[str, pa.Table]:
    key = {"ruleset": rules.name, "sha256": rules.sha256}
    rules.rows["rule_scenario"][:] = [key | {"scenario": "official", "valid_from": quarter, "valid_to": quarter}]
    return score_tables(pa.Table.from_pylist(rows, schema=VALUES), inputs.groups, inputs.events, flatten([rules]))


def small_edition(root: Path) -> SmallEdition:
    rulesets = root / "rulesets"
    (rulesets / "made-up").mkdir(parents=True)
    (rulesets / "made-up" / "2023.1.yml").write_text(RULES, encoding="utf-8")
    (rulesets / "made-up" / "2024.1.yml").write_text(DRAFT, encoding="utf-8")
    rules = parse_ruleset(RULES, "made-up.yml")
    (rulesets / "released.txt").write_text(f"{rules.sha256}  {rules.name}\n", encoding="utf-8")
    warehouse = Warehouse(root / "warehouse")
    folder = warehouse.editions / QUARTER / "001"
    folder.mkdir(parents=True)
    cells = [cell for code in (*COUNTIES, *CITY) for cell in _cells(code)]
    inputs = _inputs(cells)
    save(inputs, warehouse, QUARTER, "001")
    targets = [{"region_code": "330108", "indicator": "HT_SHARE", "year": 2023, "target": 88.0}]
    content = {INDICATORS: cells, RANKING: _ranking(inputs, rules), TARGETS: targets}
    for table, rows in content.items():
        for name, written in table_files(table, from_rows(table, rows)).items():
            (folder / name).write_bytes(written)
    deliveries = [{"quarter": QUARTER, "feed": "statistics", "sha256": SHA}]
    deliveries += [{"quarter": quarter, "feed": "tax", "sha256": SHA} for quarter in ("2023Q1", "2023Q2", QUARTER)]
    told = {"id": "made-up", "version": "2023.1", "sha256": rules.sha256}
    (folder / "manifest.json").write_text(json.dumps({"deliveries": deliveries, "rulesets": [told]}), encoding="utf-8")
    pointer = {QUARTER: {"edition": "001", "path": f"{QUARTER}/001", "manifest_sha256": ""}}
    (warehouse.editions / "latest.json").write_text(json.dumps(pointer), encoding="utf-8")
    _land_firms(warehouse)
    return SmallEdition(warehouse, rulesets, inputs, rules)


def _cells(code: str) -> list[dict[str, Any]]:
    high_tech, industry, gdp, tech, tech_before, growth, research = FIGURES.get(code, (532, 830, 7400, 590, 507, 6.0, 3.0))
    shown = {
        "HT_SHARE": (100 * (high_tech * YI) / (industry * YI), high_tech * YI, industry * YI),
        "HT_VA": (high_tech, None, None),
        "HT_VA_GROWTH": (growth, None, None),
        "IRD_REV": (3.0, industry * YI * 0.15, industry * YI * 5),
        "GDP": (gdp, None, None),
        "TECH_TX": (tech, None, None),
        "TECH_TX_GDP": (100 * (tech * YI) / (gdp * YI), tech * YI, gdp * YI),
        "TECH_TX_GROWTH": (100 * ((tech - tech_before) * YI) / (tech_before * YI), tech * YI, tech_before * YI),
        "RD_GDP": (None, None, None),
    }
    rows = [_cell(code, indicator, QUARTER, *parts) for indicator, parts in shown.items()]
    return [*rows, _cell(code, "RD_GDP", "2022", research, research * YI, 100 * YI)]


def _cell(
    code: str, indicator: str, period: str, value: float | None, numerator: float | None, denominator: float | None
) -> dict[str, Any]:
    def amount(number: float | None) -> float | None:
        return None if number is None else float(number)

    where = {"region_code": code, "region_name": (COUNTIES | CITY)[code], "city_name": "杭州市", "level": "c" if code in COUNTIES else "m"}
    what = {"indicator": indicator, "indicator_name": indicator, "period": period, "unit": "-"}
    status = "not_published" if value is None else "value"
    return where | what | {"value": amount(value), "numerator": amount(numerator), "denominator": amount(denominator), "status": status}


def _inputs(cells: list[dict[str, Any]]) -> ScoringInputs:
    now = [cell for cell in cells if cell["period"] == QUARTER and cell["level"] == "c"]
    values = [
        {"scenario": "official", "unit": cell["region_code"], "indicator": cell["indicator"], "state": cell["status"]}
        | {"period": period, "value": None if cell["value"] is None else cell["value"] * factor}
        for cell in now
        for period, factor in (("2022Q3", 0.9), (QUARTER, 1.0))
    ]
    groups = [
        {"period": period, "group_name": "city", "unit": code, "group_value": "330100"}
        for period in ("2022Q3", QUARTER)
        for code in COUNTIES
    ]
    return ScoringInputs(
        pa.Table.from_pylist(values, schema=VALUES), pa.Table.from_pylist(groups, schema=GROUPS), pa.Table.from_pylist([], schema=EVENTS)
    )


def _ranking(inputs: ScoringInputs, rules: Ruleset) -> list[dict[str, Any]]:
    results = scored(inputs.values.to_pylist(), inputs, rules)
    ranks = {(row["unit"], row["rank_id"]): int(row["place"]) for row in results["score_ranks"].to_pylist() if row["period"] == QUARTER}
    stars = {row["unit"]: row["stars"] for row in results["score_stars"].to_pylist() if row["period"] == QUARTER}
    return [
        {"ruleset": rules.name, "region_code": unit, "region_name": COUNTIES[unit], "total": row["total"], "stars": stars[unit]}
        | {"rank_province": ranks[unit, "province"], "rank_city": ranks[unit, "city"]}
        for row in results["score_totals"].to_pylist()
        if row["period"] == QUARTER and (unit := row["unit"])
    ]


def _land_firms(warehouse: Warehouse) -> None:
    def firm(uscc: str, name: str, flag: str, value_added: str) -> dict[str, str]:
        return {"uscc": uscc, "firm_name": name, "region_code": uscc[2:8], "is_ht": flag, "ind_va_ytd": value_added, "unit": "千元"}

    enterprises = next(table for table in FILE_FEEDS["statistics"].tables if table.name == "enterprises")
    sheet = [firm(ABOVE, "甲厂", "否", "700,000"), firm(ABOVE_TOO, "乙厂", "否", "６００００0"), firm(FLAGGED, "丙厂", "是", "500")]
    _land(warehouse, "statistics", "enterprises", QUARTER, sheet, text_schema(enterprises))
    tax = {table.name: typed_schema(table) for table in TAX_TABLES}
    register = [
        {"djxh": 1, "nsrsbh": TAXED, "nsrmc": "丁厂", "xzqh_dm": "330106", "hy_dm": "1751", "nsrzt_dm": "03"},
        {"djxh": 2, "nsrsbh": CANCELLED, "nsrmc": "戊厂", "xzqh_dm": "330102", "hy_dm": "1751", "nsrzt_dm": "05"},
        {"djxh": 3, "nsrsbh": SERVICE, "nsrmc": "己公司", "xzqh_dm": "330105", "hy_dm": "6510", "nsrzt_dm": "03"},
    ]
    _land(warehouse, "tax", "dj_nsrxx", QUARTER, register, tax["dj_nsrxx"])
    for number, quarter in enumerate(("2023Q1", "2023Q2", QUARTER), 1):
        returns = [(10 * number, 90, number, 1), (10 * number + 1, 100, number, 2)]  # The second of each quarter corrects the first.
        rows = [_return(sbxh, f"{amount}000000.00", n, day) for sbxh, amount, n, day in returns]
        _land(warehouse, "tax", "sb_zzs", quarter, rows, tax["sb_zzs"])


def _return(sbxh: int, sales: str, number: int, day: int) -> dict[str, Any]:
    import datetime as dt
    from decimal import Decimal

    end = dt.date(2023, 3 * number, 30)
    return {"sbxh": sbxh, "djxh": 1, "skssq_z": end, "xse": Decimal(sales), "sbrq": dt.datetime(2023, 3 * number + 1, day)}


def _land(warehouse: Warehouse, feed: str, table: str, quarter: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    path = landing_path(warehouse, feed, table, quarter, SHA[:16])
    path.parent.mkdir(parents=True, exist_ok=True)
    numbered = [row | {"source_row": number} for number, row in enumerate(rows, 1)]
    pq.write_table(pa.Table.from_pylist(numbered, schema=schema), path)


def rewrite(path: Path, column: str, value: str) -> None:
    """Change a column of the first row of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rows[0][column] = value
    with path.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
