"""Worlds of the robustness tests: the generated rulesets of the scoring tests, scored by the models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scoring"))
from generated_rules import EVENTS, GROUPS, PERIOD, PERIODS, Maker
from scoring_example import table

from pipelines.robustness.scored import Scored, read_scored, rules_of, slices_of
from pipelines.rulesets.in_memory import EVENTS as EVENT_SCHEMA
from pipelines.rulesets.in_memory import GROUPS as GROUP_SCHEMA
from pipelines.rulesets.in_memory import VALUES as VALUE_SCHEMA
from pipelines.rulesets.in_memory import score_tables
from pipelines.rulesets.language import Ruleset, parse_ruleset
from pipelines.rulesets.tables import flatten

WORLDS = 220


class Worlds:
    """Generated worlds as scenarios of one scoring, and each world's arrays."""

    def __init__(self, count: int) -> None:
        made = [Maker(seed) for seed in range(count)]
        self.rulesets = {str(world.seed): self._parsed(world) for world in made}
        values = [(str(w.seed), u, p, i, x, state) for w in made for (u, p, i), (x, state) in w.values.items()]
        groups = [(p, name, u, group) for name, members in GROUPS.items() for u, group in members.items() for p in PERIODS]
        events = [(u, p, event, number) for (u, p, event), number in EVENTS.items()]
        self.inputs = table(VALUE_SCHEMA, values), table(GROUP_SCHEMA, groups), table(EVENT_SCHEMA, events)
        self.rules = flatten(self.rulesets.values())
        self.tables = score_tables(*self.inputs, self.rules)
        self.failed = {row["scenario"] for row in self.tables["score_failures"].to_pylist()}

    @staticmethod
    def _parsed(world: Maker) -> Ruleset:
        ruleset = parse_ruleset(yaml.safe_dump(world.rules, sort_keys=False, allow_unicode=True), f"{world.seed}.yml")
        ruleset.rows["rule_scenario"][0]["scenario"] = str(world.seed)
        return ruleset

    def __iter__(self) -> Iterator[tuple[str, Scored]]:
        """Every world in which the rules ask for no failure."""
        for name, ruleset in self.rulesets.items():
            if name not in self.failed:
                slices = slices_of(self.tables, name)[ruleset.name, PERIOD]
                yield name, read_scored(slices, rules_of(self.rules, ruleset.name), PERIOD)

    def column(self, table_name: str, scored: Scored, column: str, **where: Any) -> list[float]:
        """One column of a models' table over the units of a world, NaN where there is no row or no value."""
        found = {unit: float("nan") for unit in scored.units}
        for row in self._rows(table_name).get(scored.ruleset, []):
            if row["period"] == PERIOD and all(row[key] == value for key, value in where.items()) and row[column] is not None:
                found[row["unit"]] = float(row[column])
        return list(found.values())

    def _rows(self, table_name: str) -> dict[str, list[dict[str, Any]]]:
        cache: dict[str, dict[str, list[dict[str, Any]]]] = self.__dict__.setdefault("cache", {})
        if table_name not in cache:
            cache[table_name] = {}
            for row in self.tables[table_name].to_pylist():
                cache[table_name].setdefault(row["ruleset"], []).append(row)
        return cache[table_name]
