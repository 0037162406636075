"""Scoring of any size for the benchmarks: units, indicators and quarters made from a seed, under one ruleset of mixed methods."""

from __future__ import annotations

import random

import pyarrow as pa
import yaml

from pipelines.quarters import Quarter, span
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES
from pipelines.rulesets.language import Ruleset, parse_ruleset

METHODS = (
    {"method": "minmax", "over": {"peer_group": "class"}, "to": [0.6, 1]},
    {"method": "goalposts", "worst": 0, "best": 100, "clamp": [0, 1], "floor_share": 0.3},
    {"method": "around", "centre": {"stat": "mean", "over": "all"}, "base": 0.8, "step": 5, "gain": 0.02, "clamp": [0.6, 1]},
    {"method": "percentile", "over": "all", "to": [0.6, 1]},
    {"method": "steps", "closed": "left", "bands": [{"ge": 80, "y": 1}, {"ge": 50, "y": 0.9}, {"else": 0.6}]},
)


class Made:
    """`values`, `groups` and `events` as the models read them, and the ruleset; 5 % of the values are missing."""

    def __init__(self, units: int, indicators: int, quarters: int) -> None:
        self.quarters = [str(quarter) for quarter in span(Quarter(2023, 4).plus(1 - quarters), Quarter(2023, 4))]
        self.units = [f"U{number:03d}" for number in range(units)]
        self.ruleset = self._rules([f"I{number:02d}" for number in range(indicators)])
        made = random.Random(315)
        rows = [
            ("official", unit, quarter, row["indicator"], value, "value")
            for quarter in self.quarters
            for unit in self.units
            for row in self.ruleset.rows["rule_indicator"]
            if (value := made.gauss(60, 20)) is not None and made.random() >= 0.05
        ]
        self.values = self._table(VALUES, rows)
        members = [(quarter, "everyone", unit, "1") for quarter in self.quarters for unit in self.units]
        members += [(quarter, "class", unit, "ab"[number % 2]) for quarter in self.quarters for number, unit in enumerate(self.units)]
        self.groups = self._table(GROUPS, members)
        self.events = self._table(EVENTS, [])

    @staticmethod
    def _table(schema: pa.Schema, rows: list[tuple[object, ...]]) -> pa.Table:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
        return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema=schema)

    def _rules(self, names: list[str]) -> Ruleset:
        states = {"missing": {"then": "redistribute"}}
        points = [100 // len(names)] * (len(names) - 1)
        groups = [names[start : start + 5] for start in range(0, len(names), 5)]
        carried = dict(zip(names, [*points, 100 - sum(points)], strict=True))
        rules = {
            "schema": "scoring-rules/1",
            "ruleset": {"id": "made", "version": "1", "valid": {"from": self.quarters[0], "to": self.quarters[-1]}},
            "units": {"population": "everyone", "peer_groups": {"class": "class"}},
            "indicators": [{"id": name, "states": states, "score": METHODS[number % len(METHODS)]} for number, name in enumerate(names)],
            "tree": {
                "id": "total",
                "children": [
                    {
                        "id": f"branch_{number}",
                        "points": sum(carried[name] for name in group),
                        "children": [{"ref": name, "points": carried[name]} for name in group],
                    }
                    for number, group in enumerate(groups)
                ],
            },
            "total": {"clamp": [0, 100], "round": 2},
            "ranks": [{"id": "province"}, {"id": "in_class", "over": {"peer_group": "class"}}],
            "stars": [
                {
                    "id": "by_score",
                    "cut": {5: 82, 4: 80, 3: 78, 2: 76, 1: 0},
                    "guards": [{"need": {"rank": {"id": "in_class", "le_share": "0.3"}}, "for": 5, "else": 4}],
                }
            ],
            "scenarios": {
                "rank_robustness": {
                    "draws": 10_000,
                    "seed": 315,
                    "weights": {"dirichlet": 160},
                    "normalise": ["as_ruled", "zscore", "rank"],
                    "combine": ["arithmetic", "geometric"],
                    "leave_one_out": True,
                }
            },
        }
        return parse_ruleset(yaml.safe_dump(rules, sort_keys=False, allow_unicode=True), "made.yml")
