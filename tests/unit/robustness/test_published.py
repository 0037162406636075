"""The robustness table: every official ruleset and period, computed where something changed and taken over where nothing did."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scoring_example import Example, table

from pipelines.robustness.published import MEASURES, measures
from pipelines.robustness.revisions import REVISED_TABLES, read_revisions, revised_scores
from pipelines.robustness.scored import Scored, read_scored, rules_of, slices_of
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import parse_ruleset
from pipelines.rulesets.tables import flatten

NO_REVISIONS = pa.table({"indicator": pa.array([], pa.string()), "kind": [], "change": pa.array([], pa.float64()), "cells": []})
TECH = "tech_contracts"


def revisions(kind: str, change: float) -> pa.Table:
    return pa.table({"indicator": [TECH], "kind": [kind], "change": [change], "cells": [9]})


class World:
    """The worked example as the warehouse holds it: inputs, scored tables, rules."""

    def __init__(self, example: Example) -> None:
        ruleset = parse_ruleset(example.rules.replace("draws: 10000", "draws: 300"), "example.yml")
        self.rules = flatten([ruleset])
        inputs = {
            "int_scoring_values": table(VALUES, example.values),
            "int_scoring_groups": table(GROUPS, example.groups),
            "int_scoring_events": table(EVENTS, example.events),
        }
        self.tables = inputs | score_tables(*inputs.values(), self.rules)
        self.name = ruleset.name

    def measures(self, known: pa.Table | None = None) -> pa.Table:
        return measures(self.tables, self.rules, known, NO_REVISIONS)

    def scored(self) -> Scored:
        return read_scored(slices_of(self.tables, "official")[self.name, "2025Q1"], rules_of(self.rules, self.name), "2025Q1")


def test_every_unit_has_every_figure_once_and_the_same_bytes_come_again() -> None:
    world = World(Example())
    found = world.measures()
    assert found.schema == MEASURES
    keys = list(zip(*(found[name].to_pylist() for name in ("ruleset", "period", "measure", "unit", "other")), strict=True))
    assert keys == sorted(set(keys))
    assert {key[3] for key in keys if key[2] == "rank_p95"} == set("ABCDEF")
    assert sum(key[2] == "p_above" for key in keys) == 15
    assert World(Example()).measures().equals(found)


def test_rows_are_taken_over_while_what_they_are_made_from_holds() -> None:
    known = World(Example()).measures()
    marked = known.set_column(known.column_names.index("value"), "value", pa.array([-1.0] * len(known)))
    assert World(Example()).measures(marked).equals(marked)
    changed = Example()
    changed.values[0] = (*changed.values[0][:4], changed.values[0][4] + 1, changed.values[0][5])
    again = World(changed).measures(marked)
    assert not pc.any(pc.equal(again["value"], -1.0)).as_py()


def test_a_ruleset_that_asks_for_no_draws_has_no_figures() -> None:
    example = Example()
    example.rules = example.rules[: example.rules.index("scenarios:")]
    assert World(example).measures().num_rows == 0


@pytest.mark.parametrize(("kind", "change"), [("ratio", 1.0), ("difference", 0.0)])
def test_revisions_that_changed_nothing_leave_the_scores(kind: str, change: float) -> None:
    world = World(Example())
    worlds = revised_scores(world.scored(), world.tables, read_revisions(revisions(kind, change)), 315)
    assert len(worlds) == REVISED_TABLES
    for y in worlds:
        assert y.tobytes() == world.scored().y.tobytes()


@pytest.mark.parametrize(("kind", "change"), [("ratio", 1.5), ("difference", 7.0)])
def test_a_revised_value_is_scored_by_the_models_as_if_it_had_been_delivered(kind: str, change: float) -> None:
    world, amended = World(Example()), Example()
    amended.values = [
        (*row[:4], row[4] * change if kind == "ratio" else row[4] + change, row[5]) if row[2:4] == ("2025Q1", TECH) else row
        for row in amended.values
    ]
    for y in revised_scores(world.scored(), world.tables, read_revisions(revisions(kind, change)), 315):
        assert y.tobytes() == World(amended).scored().y.tobytes()
