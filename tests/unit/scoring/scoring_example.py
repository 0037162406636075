"""Inputs of the scoring tests: the worked example of the scoring rules (section 2.3), and how a scored table is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten

EXAMPLE = Path(__file__).with_name("worked_example.yml")


def table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


class Example:
    """The inputs of the worked example, which a test may change before it scores them."""

    def __init__(self) -> None:
        firms = {"A": (520, 430), "B": (305, 290), "C": (300, 310), "D": (95, 70), "E": (60, 48), "F": (60, 0)}
        invest = {"A": 12, "B": 8.5, "C": -3, "D": 25, "E": 6}
        tech = {"A": 88, "B": 61, "C": 40, "D": 12, "E": 9, "F": 3}
        now, before = "2025Q1", "2024Q1"
        self.values: list[tuple[Any, ...]] = []
        for unit, (firms_now, firms_before) in firms.items():
            self.values.append(("official", unit, now, "hightech_firms", float(firms_now), "value"))
            self.values.append(("official", unit, before, "hightech_firms", float(firms_before), "value"))
            self.values.append(("official", unit, now, "tech_contracts", float(tech[unit]), "value"))
            if unit in invest:
                self.values.append(("official", unit, now, "hightech_invest_growth", float(invest[unit]), "value"))
        self.groups: list[tuple[Any, ...]] = []
        for period in (now, before):
            for unit in firms:
                self.groups.append((period, "counties_2025", unit, "1"))
                self.groups.append((period, "county_class_2025", unit, "1" if unit in "ABC" else "2"))
        self.events: list[tuple[Any, ...]] = [("B", now, "award", 5.0), ("C", now, "award", 1.0), ("C", now, "late", 2.0)]
        self.rules = EXAMPLE.read_text(encoding="utf-8")

    def score(self, threads: int = 2) -> dict[str, pa.Table]:
        rules = flatten([parse_ruleset(self.rules, "example.yml")])
        return score_tables(table(VALUES, self.values), table(GROUPS, self.groups), table(EVENTS, self.events), rules, threads=threads)


def by_unit(content: pa.Table, column: str, **where: Any) -> dict[str, Any]:
    """One column of a scored table by unit, for the rows that have these values."""
    rows = [row for row in content.to_pylist() if all(row[key] == value for key, value in where.items())]
    found = {row["unit"]: row[column] for row in rows}
    assert len(found) == len(rows), "the rows are not one per unit"
    return found
