"""Sides of a comparison for tests: from the worked example, and from generated worlds of which data, rules or membership change."""

from __future__ import annotations

import random
from typing import Any

import generated_rules as made
import yaml
from scoring_example import Example, table

from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten
from pipelines.whatif.explanation import Side

DATA, RULES, MEMBERSHIP, ALL = "data", "rules", "membership", "all"
KINDS = (DATA, RULES, MEMBERSHIP, ALL)


def side(example: Example, period: str = "2025Q1") -> Side:
    rules = parse_ruleset(example.rules, "example.yml")
    return Side(table(VALUES, example.values), table(GROUPS, example.groups), table(EVENTS, example.events), rules, period)


def in_range(key: tuple[str, str, str], x: float | None) -> float | None:
    """A value that the rules of either world can score: above zero, and a share where it is given as a score."""
    if x is None:
        return None
    return max(0.1, min(1.5, abs(x))) if key[2] == made.GIVEN else max(1.0, abs(x))


def generated(seed: int) -> tuple[str, Side, Side]:
    """What changes, and two sides of a random world that differ in that; under ALL the side before is a year earlier, too."""
    kind, r = KINDS[seed % 4], random.Random(seed)
    first, second = made.Maker(seed), made.Maker(seed + 1000)
    values = {key: (in_range(key, x), state) for key, (x, state) in (second.values | first.values).items()}
    new_values = {key: (None if x is None else in_range(key, x * r.uniform(0.6, 1.6)), state) for key, (x, state) in values.items()}
    new_events = {("U5", made.PERIOD, "award"): 2.0, ("U1", made.PERIOD, "late"): 1.0}
    new_groups = {name: dict(members) for name, members in made.GROUPS.items()}
    new_groups["class_2024"] |= {"U1": "b", "U4": "a"}
    new_groups["region_2024"]["U7"] = "z"
    del new_groups["everyone"]["U9"]
    before = _side(values, made.GROUPS, made.EVENTS, first, made.PERIODS[2] if kind == ALL else made.PERIOD)
    after = _side(
        new_values if kind in (DATA, ALL) else values,
        new_groups if kind in (MEMBERSHIP, ALL) else made.GROUPS,
        new_events if kind in (DATA, ALL) else made.EVENTS,
        second if kind in (RULES, ALL) else first,
        made.PERIOD,
    )
    return kind, before, after


def scored_alone(one: Side) -> dict[str, Any]:
    """Every scoring table of one side, as the models give it without any comparison."""
    in_force = {"ruleset": one.ruleset.name, "sha256": one.ruleset.sha256, "scenario": one.values["scenario"][0].as_py()}
    one.ruleset.rows["rule_scenario"][:] = [in_force | {"valid_from": one.period, "valid_to": one.period}]
    return score_tables(one.values, one.groups, one.events, flatten([one.ruleset]))


def _side(values: dict[Any, Any], groups: dict[str, dict[str, str]], events: dict[Any, float], world: made.Maker, period: str) -> Side:
    rules = parse_ruleset(yaml.safe_dump(world.rules, sort_keys=False, allow_unicode=True), f"{world.seed}.yml")
    members = [(p, name, unit, value) for p in made.PERIODS for name, found in groups.items() for unit, value in found.items()]
    return Side(
        table(VALUES, [("made", *key, x, state) for key, (x, state) in values.items()]),
        table(GROUPS, members),
        table(EVENTS, [(*key, count) for key, count in events.items()]),
        rules,
        period,
    )
