"""A warehouse and boards made by hand for tests of editions and reports: seeded random figures that keep the accounting identities."""

from __future__ import annotations

import csv
import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.delivery import Delivery
from pipelines.editions.formats import arrow_schema
from pipelines.editions.publishing import Published, publish
from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.gate import Verdict, judge
from pipelines.landing.archive import keep_bytes
from pipelines.ledger import Ledger
from pipelines.report import Board, Past
from pipelines.rulesets.in_memory import INPUTS
from pipelines.rulesets.parameters import to_arrow
from pipelines.settings import PROJECT
from pipelines.warehouse import Warehouse
from tests.small_rules import rule_rows

QUARTER = "2023Q3"
RULESET = "made-up/1"
CITY_RULESET = "a-city/1"
SEEDS = PROJECT / "dbt_project" / "seeds"
LEAVES = {"HT_SHARE": 30.0, "TECH_TX_GDP": 25.0, "IRD_REV": 20.0, "HT_INV_GROWTH": 15.0, "INC_FIRMS": 10.0}
Row = dict[str, Any]


def catalogue() -> list[Row]:
    with (SEEDS / "indicators.csv").open(encoding="utf-8") as lines:
        return [row | {"decimals": int(row["decimals"])} for row in csv.DictReader(lines)]


def regions(n_counties: int | None = None) -> list[Row]:
    """The province, cities and counties in force on the quarter's last day; only the cities of the first counties if told how many."""
    with (SEEDS / "divisions.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["valid_from"] <= "2023-09-30" and (row["valid_to"] or "9999") >= "2023-09-30"]
    counties = [row for row in rows if row["level"] == "c"][:n_counties]
    cities = {row["city_code"] for row in counties}
    return [row for row in rows if row["level"] == "p" or row["code"] in cities] + counties


def tables(n_counties: int | None = None, seed: int = 315) -> dict[str, list[Row]]:
    """Rows of the four published tables that the warehouse holds."""
    chance = random.Random(seed)
    where = regions(n_counties)
    indicators = [_value(region, entry, chance) for region in where for entry in catalogue() if entry["feed"] != "ledger"]
    indicators += [
        row | {"period": "2022", "status": "value", "value": chance.uniform(0.5, 10)} for row in indicators if row["indicator"] == "RD_GDP"
    ]
    counties = [region for region in where if region["level"] == "c"]
    scores = [row for region in counties for row in _scores(region, chance)]
    totals = {row["region_code"]: row["points"] for row in scores if row["node"] == "total"}
    targets = [
        {"region_code": "330108", "indicator": "TECH_TX", "year": 2023, "target": 350.0, "value": 235.98, "completion": 235.98 / 350}
        | {"run_rate": 235.98 / (350 * 0.75), "needed_per_quarter": 114.02}
    ]
    return {"indicators": indicators, "scores": scores, "ranking": _ranking(counties, totals, chance), "targets": targets}


def _value(region: Row, entry: Row, chance: random.Random) -> Row:
    is_out = entry["code"].startswith("RD_")
    return {
        "region_code": region["code"],
        "region_name": region["name"],
        "city_name": region["city_name"],
        "level": region["level"],
        "indicator": entry["code"],
        "indicator_name": entry["name_zh"],
        "period": QUARTER,
        "value": None if is_out else round(chance.uniform(1, 400), 6),
        "unit": entry["unit"],
        "numerator": None,
        "denominator": None,
        "status": "not_published" if is_out else "value",
        "flags": None,
        "as_of": dt.date(2023, 10, 18),
    }


def _scores(region: Row, chance: random.Random) -> list[Row]:
    made = {"ruleset": RULESET, "region_code": region["code"]}
    leaves = []
    for node, weight in LEAVES.items():
        score = chance.uniform(0.3, 1)
        leaves.append(
            made | {"node": node, "value": 1.0, "state": "value", "score": score, "weight_effective": weight, "points": score * weight}
        )
    points = sum(row["points"] for row in leaves)
    return [
        *leaves,
        made | {"node": "total", "value": None, "state": "value", "score": points, "weight_effective": 100.0, "points": points},
    ]


def _ranking(counties: list[Row], totals: dict[str, float], chance: random.Random) -> list[Row]:
    rounded = {code: round(total, 2) for code, total in totals.items()}
    rows = []
    for region in counties:
        total = rounded[region["code"]]
        in_city = [rounded[other["code"]] for other in counties if other["city_name"] == region["city_name"]]
        rank = 1 + sum(other > total for other in rounded.values())
        rows.append(
            {
                "ruleset": RULESET,
                "region_code": region["code"],
                "region_name": region["name"],
                "city_name": region["city_name"],
                "total": total,
            }
            | {"rank_province": rank, "rank_city": 1 + sum(other > total for other in in_city), "rank_change": chance.randint(-4, 4)}
            | {"stars": max(1, min(5, int(total // 10) - 3)), "rank_p05": float(max(1, rank - 3)), "rank_median": float(rank)}
            | {
                "rank_p95": float(rank + 4),
                "p_star_5": chance.random(),
                "margin_to_next_star": 10 - total % 10,
                "margin_to_lose_star": total % 10,
            }
        )
    return rows


def ruleset() -> Row:
    nodes = [{"node": "total", "parent": None, "name": "total"}] + [{"node": node, "parent": "total", "name": node} for node in LEAVES]
    made: Row = {"id": "made-up", "version": "1", "sha256": "a" * 64, "is_illustrative": True, "note": "测试", "nodes": nodes}
    return made | {"adjustments": [0.0, 0.0], "total": {"low": None, "high": None, "round": 2}}


def board(n_counties: int | None = None, **changes: Any) -> Board:
    finding = {
        "rule": "IND-007",
        "severity": "warning",
        "subject": "330108 TECH_TX",
        "passed": False,
        "observed": "-32.1",
        "expected": "≥ -30",
    }
    passed = {"rule": "IND-001", "severity": "error", "subject": "ed_indicators", "passed": True, "observed": "", "expected": "不重复"}
    made: Row = {
        "quarter": QUARTER,
        "edition": "001",
        "previous": "",
        "notices": ["合成数据：仅供演示。"],
        "catalogue": catalogue(),
        "rulesets": [ruleset()],
        "deliveries": [],
        "waivers": [],
        "findings": [
            finding | {"count": 1, "reason": "同比降幅异常", "waiver": None},
            passed | {"count": 0, "reason": "键重复", "waiver": None},
        ],
    }
    content = tables(n_counties)
    classes = {row["region_code"]: "一类" if row["region_name"].endswith("区") else "二类" for row in content["ranking"]}
    made |= {
        "rules": rule_rows(ruleset(), LEAVES),
        "peers": {(RULESET, code): of for code, of in classes.items()},
        "past": past(n_counties),
    }
    return Board(**made | content | changes)


def past(n_counties: int | None = None) -> list[Past]:
    """The two quarters before, of other figures."""
    found = []
    for seed, quarter in enumerate(("2023Q1", "2023Q2")):
        content = tables(n_counties, seed)
        own = [row | {"period": quarter} for row in content["indicators"] if row["period"] == QUARTER]
        found.append(Past(quarter, own, content["scores"], content["ranking"]))
    return found


def board_of_two(**changes: Any) -> Board:
    """A board whose counties of Hangzhou a second ruleset, first by name, ranks among themselves."""
    content = tables()
    hangzhou = {row["region_code"] for row in content["ranking"] if row["city_name"] == "杭州市"}
    own = {"ruleset": CITY_RULESET}
    ranking = [row | own | {"rank_province": None, "stars": 3} for row in content["ranking"] if row["region_code"] in hangzhou]
    scores = [row | own for row in content["scores"] if row["region_code"] in hangzhou]
    rulesets = [ruleset(), ruleset() | {"id": "a-city", "note": "市级示意规则"}]
    return board(**{"ranking": ranking + content["ranking"], "scores": scores + content["scores"], "rulesets": rulesets} | changes)


@dataclass
class SmallWarehouse:
    """A warehouse whose tables a test may change before it judges and publishes."""

    folder: Path
    warehouse: Warehouse
    ledger: Ledger

    @property
    def expectations(self) -> Path:
        return self.folder / "expectations"

    def fill(self, content: dict[str, list[Row]]) -> None:
        """Put the four tables in, in place of those there."""
        for table in WAREHOUSE_TABLES:
            rows = pa.Table.from_pylist(content[table.name], schema=arrow_schema(table))
            self.sql(f"create or replace table {table.source} as select '{QUARTER}' as quarter, * from rows", rows=rows)

    def sql(self, statement: str, **tables: pa.Table) -> None:
        with self.warehouse.connect(read_only=False) as connection:
            for name, content in tables.items():
                connection.register(name, content)
            connection.execute(statement)

    def deliver(self, feed: str, content: bytes, received_on: dt.date) -> None:
        """A delivery in force of the quarter, archived, recorded in the ledger and counted in the warehouse."""
        sha256 = keep_bytes(self.warehouse, content)
        file_name = f"{feed}_{QUARTER}_合成.xlsx"
        delivery = Delivery(QUARTER, feed, sha256, file_name, received_on, 1, len(content), accepted=True, rows={feed: 7})
        self.ledger.record_delivery(delivery, "tester")
        self.sql(f"delete from stg_row_counts where feed = '{feed}'")
        self.sql(f"insert into stg_row_counts values ('{QUARTER}', '{feed}', '{feed}/t', '{delivery.delivery_id}', 7, 6, 1, 0)")

    def judge(self) -> Verdict:
        return judge(QUARTER, self.warehouse, self.ledger, "tester", expectations=self.expectations, models=None)

    def publish(self, signing_key: Ed25519PrivateKey | None = None) -> Published:
        return publish(QUARTER, self.warehouse, self.ledger, "tester", signing_key=signing_key, expectations=self.expectations, models=None)


def small_warehouse(folder: Path, n_counties: int = 4) -> SmallWarehouse:
    """Tables, one suite, a ruleset and two deliveries; nothing judged yet."""
    root = folder / "warehouse"
    root.mkdir()
    made = SmallWarehouse(folder, Warehouse(root), Ledger(f"sqlite:///{root / 'ledger.sqlite'}"))
    made.fill(tables(n_counties))
    made.sql("create table indicators as select * from entries", entries=pa.Table.from_pylist(catalogue()))
    made.sql("create table divisions as select * from entries", entries=pa.Table.from_pylist(regions()))
    made.sql(
        "create table stg_row_counts (quarter varchar, feed varchar, source_table varchar, delivery_id varchar, "
        "rows_landed bigint, rows_kept bigint, rows_quarantined bigint, coercions bigint)"
    )
    made.sql(
        f"create table int_contributions as select '{QUARTER}' as quarter, region_code, indicator, period, 'amount' as role, "
        "cast(value as decimal(28, 6)) as amount, 'd' as delivery_id, 'statistics/gdp' as source_table, "
        "cast(row_number() over () as bigint) as source_row, 'gdp_ytd' as source_column, "
        "case when value is null then 'no value' end as excluded_because, region_code as contributor from ed_indicators"
    )
    made.sql(
        f"create table stg_quarantine as select '{QUARTER}' as quarter, 'd' as delivery_id, 'statistics/gdp' as source_table, "
        "cast(9999 as bigint) as source_row, 'gdp_ytd' as field, 'not_a_number' as reason"
    )
    made.sql("create table rob_intervals as select quarter, ruleset, region_code, 1.0 as band from ed_ranking")
    for name, schema in INPUTS.items():
        made.sql(f"create table {name} as select * from empty", empty=schema.empty_table())
    made.deliver("statistics", b"first workbook", dt.date(2023, 10, 18))
    made.deliver("contracts", b"first csv", dt.date(2023, 10, 12))
    _write_rules(made.warehouse)
    made.expectations.mkdir()
    suite = {
        "table": "ed_ranking",
        "subject": ["region_code"],
        "expectations": [
            {
                "rule": "RNK-001",
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "total", "min_value": 0, "max_value": 100},
            }
            | {"severity": "error", "reason_zh": "总分越界", "reason_en": "total out of bounds", "source": "scoring.md 2.2"}
            | {"next_step_zh": "检查赋分规则"}
        ],
    }
    (made.expectations / "ed_ranking.yml").write_text(yaml.safe_dump(suite, allow_unicode=True), encoding="utf-8")
    return made


def _write_rules(warehouse: Warehouse) -> None:
    folder = warehouse.landing / "rulesets"
    folder.mkdir(parents=True)
    for name, content in to_arrow(rule_rows(ruleset(), LEAVES)).items():
        pq.write_table(content, folder / f"{name}.parquet")
