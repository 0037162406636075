"""What an edition is made from: the quarter's tables, the deliveries behind them, rulesets, catalogue.

Here: reading the warehouse (never writing), the ledger's record of deliveries. Not here: files.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.built import Earlier, arrow, read_earlier, read_table
from pipelines.editions.schema import WAREHOUSE_TABLES
from pipelines.editions.scoring_inputs import ScoringInputs, read_scoring_inputs
from pipelines.errors import Failure
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.rulesets.parameters import TABLES
from pipelines.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb


class NothingBuilt(Failure):
    """The warehouse holds no rows of the quarter: there is nothing to publish."""


@dataclass(frozen=True)
class UsedDelivery:
    """A delivery in force that the quarter's figures rest on; `rows` as landed, `quarantined` among them."""

    quarter: str
    feed: str
    file: str
    sha256: str
    received: str
    rows: int
    quarantined: int


@dataclass(frozen=True)
class UsedRuleset:
    """The ruleset behind the scores; `sha256` is that of its canonical form.

    `nodes` is the tree (`node`, `parent`, `name`), `adjustments` the least and most points that they may give (none: no
    bound), `total` the bounds and decimals of the total: what it takes to check totals against points from the folder alone.
    """

    id: str
    version: str
    sha256: str
    is_illustrative: bool
    note: str
    nodes: list[dict[str, Any]]
    adjustments: list[float | None]
    total: dict[str, Any]


@dataclass(frozen=True)
class Sources:
    """Everything that publishing reads for one quarter.

    `deliveries` are those of the quarters that its indicators rest on; `earlier_deliveries` those of the quarters before, which
    reach its scores through carried values and the bases of changes and ranks, however far back a ruleset looks.
    `catalogue` is one dict per indicator, `definitions` the hash of each of its rows, `divisions` that of the division table;
    `bands` numbers, by ruleset and county, the groups that the draws cannot tell apart. `rules` are the parameter tables of
    `rulesets`, `earlier` the published tables of the quarters before as the deliveries in force make them now.
    """

    quarter: str
    tables: dict[str, pa.Table]
    deliveries: list[UsedDelivery]
    earlier_deliveries: list[UsedDelivery]
    rulesets: list[UsedRuleset]
    catalogue: list[dict[str, Any]]
    definitions: dict[str, str]
    divisions: str
    bands: dict[tuple[str, str], int]
    scoring_inputs: ScoringInputs
    rules: dict[str, list[dict[str, Any]]]
    earlier: list[Earlier]


def read_sources(quarter: str, warehouse: Warehouse, ledger: Ledger) -> Sources:
    """Read all of it in one read-only connection; `NothingBuilt` if the quarter has no indicator rows."""
    with warehouse.connect() as connection:
        tables = {table.name: read_table(connection, table, quarter) for table in WAREHOUSE_TABLES}
        if not tables["indicators"].num_rows:
            raise NothingBuilt(
                f"quarter {quarter}: found no indicator rows in {warehouse.database.name}; expected some; next: run the quarter"
            )
        used = _deliveries(connection, quarter, ledger)
        rules = _rule_tables(warehouse, tables)
        rulesets = _rulesets(rules)
        catalogue, bands = _catalogue(connection), _bands(connection, quarter)
        definitions = {row["code"]: _row_hash([row]) for row in catalogue}
        divisions = _row_hash(arrow(connection, "select * from divisions order by all", []).to_pylist())
        scoring_inputs = read_scoring_inputs(connection, quarter)
        before = read_earlier(connection, quarter)
    first_input = str(Quarter.parse(quarter).inputs()[0])
    deliveries, earlier = ([each for each in used if (each.quarter < first_input) == is_earlier] for is_earlier in (False, True))
    return Sources(quarter, tables, deliveries, earlier, rulesets, catalogue, definitions, divisions, bands, scoring_inputs, rules, before)


def _deliveries(connection: duckdb.DuckDBPyConnection, quarter: str, ledger: Ledger) -> list[UsedDelivery]:
    """Every delivery staged of the quarter and of those before it."""
    counted = connection.execute(
        "select quarter, feed, delivery_id, sum(rows_landed), sum(rows_quarantined) from stg_row_counts "
        "where quarter <= ? group by all order by all",
        [quarter],
    ).fetchall()
    recorded = {(each.quarter, each.feed, each.delivery_id): each for each in ledger.deliveries() if each.accepted}
    used = []
    for of_quarter, feed, delivery_id, rows, quarantined in counted:
        delivery = recorded.get((of_quarter, feed, delivery_id))
        if delivery is None:
            raise Failure(
                f"delivery {delivery_id} of {feed} {of_quarter}: found in the warehouse, not in the ledger; expected both; "
                "next: check that this ledger belongs to this warehouse"
            )
        received = delivery.received_on.isoformat()
        used.append(UsedDelivery(of_quarter, feed, delivery.file_name, delivery.sha256, received, int(rows), int(quarantined)))
    return used


def _rule_tables(warehouse: Warehouse, tables: dict[str, pa.Table]) -> dict[str, list[dict[str, Any]]]:
    """The parameter tables of the rulesets behind the scores, each sorted as they were loaded."""
    names = sorted(set(tables["ranking"]["ruleset"].to_pylist()) | set(tables["scores"]["ruleset"].to_pylist()))
    rules = {table: _rule_rows(warehouse, table, names) for table in TABLES} if names else {}
    missing = sorted(set(names) - {row["ruleset"] for row in rules.get("rule_set", [])})
    if missing:
        raise Failure(
            f"ruleset {', '.join(missing)}: found in the scores, not among the loaded rules; expected both; next: load rulesets, run again"
        )
    return rules


def _rulesets(rules: dict[str, list[dict[str, Any]]]) -> list[UsedRuleset]:
    if not rules:
        return []
    sets, nodes, labels, adjustments = (rules[table] for table in ("rule_set", "rule_node", "rule_indicator", "rule_adjustment"))
    named = {(row["ruleset"], row["indicator"]): row["name"] for row in labels}
    used = []
    for row in sorted(sets, key=lambda each: each["ruleset"]):
        of_set = row["ruleset"]
        tree = [
            {"node": n["node"], "parent": n["parent"] or None, "name": named.get((of_set, n["indicator"])) or n["node"]}
            for n in sorted(nodes, key=lambda each: each["ordinal"])
            if n["ruleset"] == of_set
        ]
        used.append(
            UsedRuleset(
                row["family"],
                row["version"],
                row["sha256"],
                row["is_illustrative"],
                row["note"] or "",
                tree,
                _adjustment_bounds([a for a in adjustments if a["ruleset"] == of_set]),
                {"low": row["total_low"], "high": row["total_high"], "round": row["total_round"]},
            )
        )
    return used


def _adjustment_bounds(adjustments: list[dict[str, Any]]) -> list[float | None]:
    """Least and most that the adjustments add together, for any number of events from none."""
    lows: list[float] = [0.0]
    highs: list[float] = [0.0]
    for each in adjustments:
        floor, cap = (-math.inf if each["floor"] is None else each["floor"]), (math.inf if each["cap"] is None else each["cap"])
        many = math.copysign(math.inf, each["per_item"]) if each["per_item"] else 0.0
        reached = [max(min(points, cap), floor) for points in (0.0, many)]
        lows.append(min(reached))
        highs.append(max(reached))
    return [bound if math.isfinite(bound) else None for bound in (math.fsum(lows), math.fsum(highs))]


def _rule_rows(warehouse: Warehouse, table: str, names: list[str]) -> list[dict[str, Any]]:
    content = pq.read_table(warehouse.landing / "rulesets" / f"{table}.parquet")
    return [row for row in content.to_pylist() if row["ruleset"] in names]


def _catalogue(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return arrow(connection, "select * from indicators order by rowid", []).to_pylist()


def _row_hash(rows: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _bands(connection: duckdb.DuckDBPyConnection, quarter: str) -> dict[tuple[str, str], int]:
    query = "select ruleset, region_code, band from rob_intervals where quarter = ? and band is not null order by all"
    return {(ruleset, region): int(band) for ruleset, region, band in connection.execute(query, [quarter]).fetchall()}
