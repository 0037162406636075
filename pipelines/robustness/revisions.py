"""Revision noise: values moved as the system's own past publications were moved, scored by the models.

Here: the distribution of past revisions (a seed, measured by `i315 vintages`), resampling from it, the scores of the moved values.
Not here: measuring it (pipelines/editions/vintages.py), what a draw does with the scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.quarters import Quarter
from pipelines.robustness.scored import Scored
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.in_memory import INPUTS, VALUES, score_tables
from pipelines.rulesets.parameters import to_arrow
from pipelines.rulesets.periods import periods_needed

REVISED_TABLES = 20
"""Tables of revised values that the draws choose from; each costs the scoring of one more quarter."""


@dataclass(frozen=True)
class Pool:
    """Past revisions of one indicator: `changes` with how often each occurred; as a ratio of the value, or a difference in its unit."""

    is_ratio: bool
    changes: Floats
    counts: Floats


@dataclass(frozen=True)
class Revisions:
    """The pools by indicator and a hash over them."""

    pools: Mapping[str, Pool]
    sha256: str


def read_revisions(rows: pa.Table) -> Revisions:
    """The pools of the seed `revisions` (`indicator`, `kind` ratio or difference, `change`, `cells`)."""
    found: dict[str, list[dict[str, object]]] = {}
    ordered = sorted(rows.to_pylist(), key=lambda row: (row["indicator"], row["kind"], row["change"]))
    for row in ordered:
        found.setdefault(row["indicator"], []).append(row)
    pools = {}
    for indicator, changes in found.items():
        numbers = np.array([[row["change"], row["cells"]] for row in changes], dtype=float)
        pools[indicator] = Pool({row["kind"] for row in changes} == {"ratio"}, numbers[:, 0], numbers[:, 1])
    return Revisions(pools, hashlib.sha256(repr(ordered).encode()).hexdigest())


def revised_scores(scored: Scored, inputs: Mapping[str, pa.Table], revisions: Revisions, seed: int) -> tuple[Floats, ...]:
    """Scores `y` [units, leaves] of `REVISED_TABLES` tables of values of the period, each cell moved by a past revision of its indicator.

    Values of other periods, which changes compare with, have had their revisions and stay.
    """
    official = inputs["int_scoring_values"].filter(pc.field("scenario") == "official")
    groups, events = (inputs[name].select(INPUTS[name].names).cast(INPUTS[name]) for name in ("int_scoring_groups", "int_scoring_events"))
    if len(scored.period) != len("2023"):
        needed = pc.field("period").isin(periods_needed(scored.rules, Quarter.parse(scored.period)))
        official, groups, events = (content.filter(needed) for content in (official, groups, events))
    moved = _moved(official, scored.period, revisions, np.random.Generator(np.random.PCG64(seed)))
    rules = {table: [dict(row) for row in rows] for table, rows in scored.rules.items()}
    rules["rule_scenario"] = [
        {"ruleset": scored.ruleset, "sha256": scored.head["sha256"], "scenario": f"revision_{number}"}
        | {"valid_from": scored.period, "valid_to": scored.period}
        for number in range(REVISED_TABLES)
    ]
    result = score_tables(moved, groups, events, to_arrow(rules), wanted=("score_indicators",))["score_indicators"]
    result = result.filter(pc.field("period") == scored.period)
    row = {unit: number for number, unit in enumerate(scored.units)}
    column = {leaf: number for number, leaf in enumerate(scored.leaves)}
    scores = {f"revision_{number}": np.full(scored.y.shape, np.nan) for number in range(REVISED_TABLES)}
    for found in result.select(["scenario", "unit", "indicator", "y"]).to_pylist():
        if found["y"] is not None:
            scores[found["scenario"]][row[found["unit"]], column[found["indicator"]]] = found["y"]
    return tuple(scores.values())


def _moved(official: pa.Table, period: str, revisions: Revisions, random: np.random.Generator) -> pa.Table:
    """The values (`VALUES`) as `REVISED_TABLES` scenarios, one after the other."""
    ordered = official.sort_by([("period", "ascending"), ("indicator", "ascending"), ("unit", "ascending")])
    value = ordered["value"].to_numpy(zero_copy_only=False).astype(float)
    indicator = np.array(ordered["indicator"].to_pylist())
    is_now = np.array(ordered["period"].to_pylist()) == period
    cells_of = {name: np.flatnonzero(is_now & (indicator == name)) for name in revisions.pools}
    values = np.tile(value, (REVISED_TABLES, 1))
    for world in values:
        for name, pool in revisions.pools.items():
            cells = cells_of[name]
            change = random.choice(pool.changes, size=len(cells), p=pool.counts / pool.counts.sum())
            world[cells] = world[cells] * change if pool.is_ratio else world[cells] + change
    scenario = pa.array([f"revision_{number}" for number in range(REVISED_TABLES)]).take(np.repeat(np.arange(REVISED_TABLES), len(value)))
    repeated = pa.concat_tables([ordered] * REVISED_TABLES)
    made = {"value": pa.array(values.ravel(), from_pandas=True), "scenario": scenario}
    return pa.table({name: made.get(name, repeated[name]) for name in VALUES.names}).cast(VALUES)
