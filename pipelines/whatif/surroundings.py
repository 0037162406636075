"""All counties of a scored scenario, and what becomes of one of them when its own values change and everybody else's stay.

Here: changed values to scores (by the models), to totals, places and stars (by `pipelines.robustness`, which gives what the models
give), many changes at once. Not here: which changes to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UsageError
from pipelines.robustness.draws import nothing_varied
from pipelines.robustness.scored import TABLES_READ, read_scored, rules_of, slices_of
from pipelines.robustness.standing import Standing
from pipelines.robustness.tree import Tree
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.in_memory import VALUES, score_tables
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.parameters import Row
from pipelines.rulesets.tables import flatten

SCENARIO = "moved"
BATCH = 400
"""Changes that are scored at a time: their values, times all counties, are in memory together."""
_OF_INDICATOR = ("rule_indicator", "rule_calendar", "rule_applies", "rule_component", "rule_band", "rule_point")
Change = tuple[str, dict[str, float]]
Single = tuple[str, str, float]


@dataclass(frozen=True)
class Outcome:
    """What each change leaves its county with: total before rounding, place in the first ranking by the total, stars by the first rule."""

    total_raw: Floats
    place: Floats
    stars: Floats


class Surroundings:
    """The counties under one ruleset in one period.

    `values`, `groups` and `events` are the models' inputs of one scenario (its name does not matter).
    """

    def __init__(self, ruleset: Ruleset, values: pa.Table, groups: pa.Table, events: pa.Table, period: str) -> None:
        self.ruleset, self.groups, self.events, self.period = ruleset, groups, events, period
        self.values = values.set_column(values.column_names.index("scenario"), "scenario", pa.array([SCENARIO] * len(values), pa.string()))
        rules = flatten([self._valid(ruleset, {SCENARIO: ruleset.name})])
        tables = score_tables(self.values, groups, events, rules, wanted=("score_runs", *TABLES_READ))
        slices = slices_of(tables, SCENARIO)
        if (ruleset.name, period) not in slices:
            raise UsageError(f"{ruleset.name}: found no score in {period}; expected a period that the values hold")
        self.scored = read_scored(slices[ruleset.name, period], rules_of(rules, ruleset.name), period)
        self.standing, self.tree = Standing(self.scored), Tree(self.scored)
        self.rows = {unit: row for row, unit in enumerate(self.scored.units)}

    def now(self, unit: str) -> Outcome:
        """The outcome of no change."""
        return self._outcome(self.scored.y[None], [unit])

    def movable(self, unit: str) -> dict[str, float]:
        """The county's value of each indicator that has a score now, by indicator."""
        now = self.values.filter((pc.field("period") == self.period) & (pc.field("unit") == unit)).to_pylist()
        with_score = {leaf for number, leaf in enumerate(self.scored.leaves) if not np.isnan(self.scored.y[self.rows[unit], number])}
        return {row["indicator"]: row["value"] for row in now if row["indicator"] in with_score and row["value"] is not None}

    def everyone(self, indicator: str) -> Floats:
        """The values of all units that are scored, in the period."""
        wanted = (pc.field("period") == self.period) & (pc.field("indicator") == indicator)
        rows = self.values.filter(wanted).to_pylist()
        return np.array([row["value"] for row in rows if row["unit"] in self.rows and row["value"] is not None])

    def after(self, changes: Sequence[Change]) -> Outcome:
        """The outcome of each change: a county and its new values by indicator, each of which has a score now."""
        parts = [self._after(changes[start : start + BATCH]) for start in range(0, len(changes), BATCH)] or [self._after([])]
        return Outcome(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("total_raw", "place", "stars")))

    def _after(self, changes: Sequence[Change]) -> Outcome:
        single = list(dict.fromkeys((unit, indicator, value) for unit, bundle in changes for indicator, value in bundle.items()))
        scores = dict(zip(single, self._scores(single), strict=True)) if single else {}
        y = np.repeat(self.scored.y[None], len(changes), axis=0)
        for number, (unit, bundle) in enumerate(changes):
            for indicator, value in bundle.items():
                y[number, :, self.scored.leaves.index(indicator)] = scores[unit, indicator, value]
        return self._outcome(y, [unit for unit, _ in changes])

    def _outcome(self, y: Floats, units: Sequence[str]) -> Outcome:
        """Of each layer of `y` [changes, units, leaves] what it leaves one unit with."""
        nodes = self.tree.nodes(y, np.repeat(nothing_varied(y.shape[2]), len(y), axis=0))
        totals = self.standing.totals(nodes, self.tree.root["node"])
        rank_id, star_rule = self.standing.headline_rank, self.standing.headline_star
        own = np.arange(len(y)), [self.rows[unit] for unit in units]
        none = np.full(len(y), np.nan)
        place = self.standing.places(totals, rank_id)[own] if rank_id else none
        stars = self.standing.stars(totals, star_rule)[own] if star_rule else none
        return Outcome(totals.raw[own], place, stars)

    def _valid(self, ruleset: Ruleset, scenarios: dict[str, str]) -> Ruleset:
        rows = ruleset.rows | {
            "rule_scenario": [
                {"ruleset": name, "sha256": ruleset.sha256, "scenario": scenario, "valid_from": self.period, "valid_to": self.period}
                for scenario, name in scenarios.items()
            ]
        }
        return Ruleset(ruleset.name, ruleset.sha256, ruleset.canonical, rows)

    def _scores(self, changes: Sequence[Single]) -> Floats:
        """Scores `y` [changes, units] of the changed indicator, by the models run on that indicator alone."""
        indicators = sorted({indicator for _, indicator, _ in changes})
        copies = {indicator: self._alone(indicator) for indicator in indicators}
        scenarios = {f"move {number}": copies[indicator].name for number, (_, indicator, _) in enumerate(changes)}
        last = self._valid(self.ruleset, scenarios).rows["rule_scenario"]
        rules = flatten([*copies.values(), Ruleset("", "", "", {"rule_scenario": last})])
        mine = {indicator: self.values.filter(pc.field("indicator") == indicator) for indicator in indicators}
        tables = [self._changed(mine[code], f"move {number}", unit, value) for number, (unit, code, value) in enumerate(changes)]
        found = score_tables(pa.concat_tables(tables), self.groups, self.events, rules, wanted=("score_indicators",))["score_indicators"]
        found = found.filter(pc.field("period") == self.period)
        place = np.array([int(name.removeprefix("move ")) for name in found["scenario"].to_pylist()], dtype=int)
        y = np.full((len(changes), len(self.rows)), np.nan)
        y[place, [self.rows[unit] for unit in found["unit"].to_pylist()]] = found["y"].to_numpy(zero_copy_only=False)
        return y

    def _alone(self, indicator: str) -> Ruleset:
        """The ruleset with one indicator only, under a name of its own."""
        key = {"ruleset": f"{self.ruleset.name} {indicator}"}
        rows: dict[str, list[Row]] = {table: [row | key for row in content] for table, content in self.ruleset.rows.items()}
        for table in _OF_INDICATOR:
            rows[table] = [row for row in rows[table] if row["indicator"] == indicator]
        rows |= {"rule_scenario": [], "rule_rank": []}
        return Ruleset(key["ruleset"], self.ruleset.sha256, self.ruleset.canonical, rows)

    def _changed(self, mine: pa.Table, scenario: str, unit: str, value: float) -> pa.Table:
        is_cell = pc.and_(pc.equal(mine["unit"], unit), pc.equal(mine["period"], self.period))
        columns = {
            "scenario": pa.array([scenario] * len(mine), pa.string()),
            "value": pc.if_else(is_cell, pa.scalar(value, pa.float64()), mine["value"]),
        }
        return pa.table({name: columns.get(name, mine[name]) for name in VALUES.names}, schema=VALUES)
