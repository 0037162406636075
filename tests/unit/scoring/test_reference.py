"""The scoring models equal a plain reading of the scoring rules on generated rulesets and tables."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from generated_rules import EVENTS, GROUPS, PERIOD, PERIODS, UNITS, Maker
from scoring_example import table

from pipelines.rulesets.in_memory import EVENTS as EVENT_SCHEMA
from pipelines.rulesets.in_memory import GROUPS as GROUP_SCHEMA
from pipelines.rulesets.in_memory import VALUES as VALUE_SCHEMA
from pipelines.rulesets.in_memory import score_tables
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "reference"))
from scoring import Scoring

WORLDS = 240


@pytest.fixture(scope="module")
def worlds() -> list[tuple[Maker, str]]:
    made = [Maker(seed) for seed in range(WORLDS)]
    return [(world, yaml.safe_dump(world.rules, sort_keys=False, allow_unicode=True)) for world in made]


@pytest.fixture(scope="module")
def tables(worlds: list[tuple[Maker, str]]) -> dict[str, pa.Table]:
    """Every model of all worlds: each world is a scenario of its own, scored in one run."""
    rulesets, values = [], []
    for world, text in worlds:
        ruleset = parse_ruleset(text, f"{world.seed}.yml")
        ruleset.rows["rule_scenario"][0]["scenario"] = str(world.seed)
        rulesets.append(ruleset)
        values += [(str(world.seed), u, p, i, x, state) for (u, p, i), (x, state) in world.values.items()]
    groups = [(p, name, u, group) for name, members in GROUPS.items() for u, group in members.items() for p in PERIODS]
    events = [(u, p, event, count) for (u, p, event), count in EVENTS.items()]
    return score_tables(table(VALUE_SCHEMA, values), table(GROUP_SCHEMA, groups), table(EVENT_SCHEMA, events), flatten(rulesets))


@pytest.fixture(scope="module")
def scored(tables: dict[str, pa.Table]) -> dict[str, dict[Any, dict[str, Any]]]:
    """Every model's rows of the scored period by scenario, unit and key."""
    return {name: rows_of(content) for name, content in tables.items()}


def rows_of(content: pa.Table) -> dict[Any, dict[str, Any]]:
    key = next((name for name in ("component", "indicator", "node", "rank_id", "star_id") if name in content.column_names), None)
    rows = [row for row in content.to_pylist() if row["period"] == PERIOD and "unit" in row]
    return {(row["scenario"], row["unit"], row[key] if key else ""): row for row in rows}


def same(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def test_the_models_equal_the_plain_reading(worlds: list[tuple[Maker, str]], scored: dict[str, dict[Any, dict[str, Any]]]) -> None:
    wrong: list[str] = []
    succeeded = 0
    groups = {(period, name): members for name, members in GROUPS.items() for period in PERIODS}
    for world, text in worlds:
        expected = Scoring(text, world.values, groups, EVENTS, PERIOD).run()
        seed = str(world.seed)

        def check(what: str, found: Any, wanted: Any, seed: str = seed) -> None:
            if not (found == wanted or (not isinstance(wanted, str) and same(found, wanted))):
                wrong.append(f"world {seed}: {what}: found {found}, expected {wanted}")

        failed = {unit for unit in UNITS if scored["score_totals"][seed, unit, ""]["error"] is not None}
        check("failed units", sorted(failed), sorted(expected.failed))
        for (unit, indicator), state in expected.state.items():
            row = scored["score_indicators"][seed, unit, indicator]
            check(f"{unit} {indicator} state", row["state"], state)
            check(f"{unit} {indicator} y", row["y"], expected.y[unit, indicator])
        if failed:
            continue
        succeeded += 1
        for (unit, node), y in expected.y.items():
            check(f"{unit} {node} y", scored["score_nodes"][seed, unit, node]["y"], y)
            weight = scored["score_weights"].get((seed, unit, node), {}).get("weight_effective")
            check(f"{unit} {node} weight", weight, expected.weight.get((unit, node)))
        for unit in UNITS:
            check(f"{unit} total_raw", scored["score_totals"][seed, unit, ""]["total_raw"], expected.raw.get(unit))
            check(f"{unit} total", scored["score_totals"][seed, unit, ""]["total"], expected.total.get(unit))
            for rank in ("r1", "r2", "r3", "r4", "r5"):
                check(f"{unit} {rank}", scored["score_ranks"].get((seed, unit, rank), {}).get("place"), expected.rank.get((unit, rank)))
            for star in ("by_score", "by_node", "by_share"):
                check(f"{unit} {star}", scored["score_stars"].get((seed, unit, star), {}).get("stars"), expected.star.get((unit, star)))
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:25])
    assert succeeded >= 200, f"only {succeeded} worlds could be compared whole"


def test_the_lines_of_a_trace_add_up_to_the_total(tables: dict[str, pa.Table]) -> None:
    points: dict[tuple[str, str, str], list[float]] = {}
    for line in tables["score_trace"].to_pylist():
        points.setdefault((line["scenario"], line["period"], line["unit"]), []).append(line["points"] or 0.0)
    totals = [row for row in tables["score_totals"].to_pylist() if row["total_raw"] is not None and row["is_published"]]
    wrong = [row for row in totals if not same(math.fsum(points[row["scenario"], row["period"], row["unit"]]), row["total_raw"])]
    assert len(totals) > 9 * 200
    assert not wrong, f"{len(wrong)} traces do not add up, the first of {wrong[0]}"
