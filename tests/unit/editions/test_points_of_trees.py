"""Points of every combination add up for `verify`, as the scoring models give them: the city's rules on made-up values."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from pipelines.editions.verify import point_faults
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import Ruleset, parse_ruleset
from pipelines.rulesets.tables import flatten
from pipelines.settings import PROJECT

CITY = PROJECT / "dbt_project" / "rulesets" / "hz315-county" / "2023.1.yml"
PERIOD = "2023Q3"
UNITS = [f"u{number:02}" for number in range(13)]
COMBINATIONS = ["geometric", "harmonic", "arithmetic", "min", "{power: 2}", "{worst_k: 2}", "{mpi: {penalty: pos}}"]
Row = dict[str, Any]


def city_rules(combination: str) -> Ruleset:
    """The city's ruleset with another combination of research."""
    text = CITY.read_text(encoding="utf-8").replace("combine: geometric", f"combine: {combination}")
    if combination in ("min", "{worst_k: 2}", "{mpi: {penalty: pos}}"):
        text = text.replace("RD_GDP, weight: 0.6", "RD_GDP, weight: 1").replace("IRD_REV, weight: 0.4", "IRD_REV, weight: 1")
    return parse_ruleset(text, CITY.name)


def scored(rules: Ruleset) -> dict[str, pa.Table]:
    """The scoring tables for random values of every indicator, now and a year before; the annual one was published last winter."""
    chance = random.Random(315)
    values: list[Row] = []
    for indicator in (row["indicator"] for row in rules.rows["rule_indicator"]):
        for period in ["2022Q4"] if indicator == "RD_GDP" else ["2022Q3", PERIOD]:
            made = {"scenario": "official", "period": period, "indicator": indicator, "state": "value"}
            values += [made | {"unit": unit, "value": chance.uniform(1, 60)} for unit in UNITS]
    groups = [
        {"period": period, "group_name": name, "unit": unit, "group_value": value}
        for period in ("2022Q3", PERIOD)
        for unit in UNITS
        for name, value in (("hangzhou", "是"), ("class", "一类" if unit < "u09" else "二类"))
    ]
    tables = [pa.Table.from_pylist(rows, schema=schema) for rows, schema in ((values, VALUES), (groups, GROUPS), ([], EVENTS))]
    return score_tables(*tables, flatten([rules]))


def published(rules: Ruleset, tables: dict[str, pa.Table]) -> tuple[Row, list[Row], list[Row]]:
    """Ruleset, scores and ranking as an edition holds them."""
    family, _, version = rules.name.partition("/")
    nodes = [{"node": row["node"], "parent": row["parent"], "name": row["node"]} for row in rules.rows["rule_node"]]
    described = {
        "id": family,
        "version": version,
        "nodes": nodes,
        "adjustments": [0.0, 0.0],
        "total": {"low": 0.0, "high": 100.0, "round": 2},
    }

    def now(table: str) -> list[Row]:
        return [row | {"region_code": row["unit"]} for row in tables[table].to_pylist() if row["period"] == PERIOD]

    return described, [row | {"state": "value"} for row in now("score_weights")], now("score_totals")


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_points_of_every_combination_add_up_and_a_changed_one_is_noticed(combination: str) -> None:
    rules = city_rules(combination)
    described, scores, ranking = published(rules, scored(rules))
    assert len(ranking) == len(UNITS)
    assert point_faults([described], scores, ranking) == []
    leaf = next(row for row in scores if row["node"] == "RD_GDP")
    leaf["points"] += 1e-6
    (fault,) = point_faults([described], scores, ranking)
    assert leaf["unit"] in fault
    assert "below node research" in fault


def test_the_annual_share_is_carried_over_the_quarters_without_one() -> None:
    rules = city_rules("geometric")
    carried = [row for row in scored(rules)["score_indicators"].to_pylist() if row["indicator"] == "RD_GDP" and row["period"] == PERIOD]
    assert {(row["state"], row["treatment"], row["value_period"]) for row in carried} == {("not_published", "carry_last", "2022Q4")}
    assert all(row["y"] is not None for row in carried)
