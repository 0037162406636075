"""What the scoring models gave for one scenario, ruleset and period, as arrays over units.

Here: reading the models' tables and the parameter rows into numpy. Not here: any variation, any rule.
Arrays run over the units in order of their code; NaN is "has none".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.rulesets.compared import Floats
from pipelines.rulesets.parameters import Row, Rows
from pipelines.rulesets.scores import EVERYONE

Ints = npt.NDArray[np.int64]

TABLES_READ = (
    *("score_members", "score_indicators", "score_components", "score_component_scores"),
    *("score_totals", "score_ranks", "score_peers", "score_coverage"),
)
_RELATIVE = ("minmax", "zscore", "rank", "percentile", "ratio_to_best", "around")


@dataclass(frozen=True)
class Component:
    """One component of an indicator: `x` and `y` by unit, higher `x` is better, `group` the peers that it is compared with."""

    indicator: str
    share: float
    x: Floats
    y: Floats
    group: Ints
    is_scored_by_rule: bool
    clamp_low: float | None
    clamp_high: float | None
    floor_share: float | None


@dataclass(frozen=True)
class Scored:
    """One ruleset in one period: `y` [units, leaves], groups by peer group (-1: in none), totals and adjustments by unit."""

    ruleset: str
    period: str
    rules: Rows
    units: tuple[str, ...]
    leaves: tuple[str, ...]
    y: Floats
    components: tuple[Component, ...]
    groups: dict[str, Ints]
    adjustment: Floats
    max_star: Floats
    total_raw: Floats
    base_totals: dict[str, Floats]
    is_covered: np.ndarray
    is_withheld: np.ndarray

    @property
    def head(self) -> Row:
        """The ruleset's row of `rule_set`."""
        return self.rules["rule_set"][0]


def rules_of(rule_tables: Mapping[str, pa.Table], ruleset: str) -> Rows:
    """The parameter rows of one ruleset."""
    return {name: content.filter(pc.field("ruleset") == ruleset).to_pylist() for name, content in rule_tables.items()}


def slices_of(tables: Mapping[str, pa.Table], scenario: str) -> dict[tuple[str, str], dict[str, pa.Table]]:
    """The rows of `TABLES_READ` in one scenario by (ruleset, period), sorted by all their columns."""
    found: dict[tuple[str, str], dict[str, pa.Table]] = {}
    for name in TABLES_READ:
        mine = tables[name].filter(pc.field("scenario") == scenario)
        order = ["ruleset", "period", *(column for column in mine.column_names if column not in ("ruleset", "period"))]
        mine = mine.take(pc.sort_indices(mine, sort_keys=[(column, "ascending") for column in order]))
        runs = pc.run_end_encode(pc.binary_join_element_wise(mine["ruleset"], mine["period"], "\0").combine_chunks())
        start = 0
        for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            ruleset, period = key.split("\0")
            found.setdefault((ruleset, period), {})[name] = mine.slice(start, end - start)
            start = end
    return found


def fingerprint(slices: Mapping[str, pa.Table]) -> str:
    """A hash over the rows that one ruleset's figures in one period are made from."""
    digest = hashlib.sha256()
    for name in TABLES_READ:
        if name in slices:
            digest.update(f"{name} {slices[name].column_names}".encode())
            for column in slices[name].columns:
                digest.update(repr(column.to_pylist()).encode())
    return digest.hexdigest()


def read_scored(slices: Mapping[str, pa.Table], rules: Rows, period: str) -> Scored:
    """The arrays of one ruleset and period from its slices of the models' tables."""
    ruleset = rules["rule_set"][0]["ruleset"]
    rows = {name: slices[name].to_pylist() if name in slices else [] for name in TABLES_READ}
    units = tuple(sorted(row["unit"] for row in rows["score_members"]))
    leaves = tuple(node["node"] for node in sorted(rules["rule_node"], key=lambda node: node["ordinal"]) if node["is_leaf"])
    place = {unit: number for number, unit in enumerate(units)}
    y = np.full((len(units), len(leaves)), np.nan)
    column = {leaf: number for number, leaf in enumerate(leaves)}
    is_withheld = np.zeros(y.shape, dtype=bool)
    for row in rows["score_indicators"]:
        is_withheld[place[row["unit"]], column[row["indicator"]]] = row["state"] == "withheld"
        if row["y"] is not None:
            y[place[row["unit"]], column[row["indicator"]]] = row["y"]

    def by_unit(found: list[Row], name: str) -> Floats:
        array = np.full(len(units), np.nan)
        for row in found:
            if row[name] is not None:
                array[place[row["unit"]]] = row[name]
        return array

    bases = {}
    for rank in rules["rule_rank"]:
        if rank["measure"] == "change":
            measure = by_unit([row for row in rows["score_ranks"] if row["rank_id"] == rank["rank_id"]], "measure")
            bases[rank["rank_id"]] = by_unit(rows["score_totals"], "total" if rank["basis"] == "rounded" else "total_raw") - measure
    return Scored(
        ruleset,
        period,
        rules,
        units,
        leaves,
        y,
        tuple(_components(rows, rules, units, place)),
        _groups(rows["score_peers"], rules, place),
        by_unit(rows["score_totals"], "adjustment"),
        by_unit(rows["score_totals"], "max_star"),
        by_unit(rows["score_totals"], "total_raw"),
        bases,
        ~np.isin(units, [row["unit"] for row in rows["score_coverage"] if not row["is_covered"]]),
        is_withheld,
    )


def _groups(peers: list[Row], rules: Rows, place: dict[str, int]) -> dict[str, Ints]:
    groups = {}
    for name in [EVERYONE, *(row["peer_group"] for row in rules["rule_peer_group"])]:
        members = {row["unit"]: row["group_value"] for row in peers if row["peer_group"] == name}
        number = {value: code for code, value in enumerate(sorted(set(members.values())))}
        groups[name] = _codes({unit: number[value] for unit, value in members.items()}, place)
    return groups


def _codes(codes: Mapping[str, int], place: dict[str, int]) -> Ints:
    array = np.full(len(place), -1, dtype=np.int64)
    for unit, code in codes.items():
        array[place[unit]] = code
    return array


def _components(rows: dict[str, list[Row]], rules: Rows, units: tuple[str, ...], place: dict[str, int]) -> list[Component]:
    directions = {row["indicator"]: row["direction"] for row in rules["rule_indicator"]}
    scores = {(row["unit"], row["indicator"], row["component"]): row["y"] for row in rows["score_component_scores"]}
    found = []
    for rule in rules["rule_component"]:
        key = (rule["indicator"], rule["component"])
        mine = [row for row in rows["score_components"] if (row["indicator"], row["component"]) == key]
        x, y = np.full(len(units), np.nan), np.full(len(units), np.nan)
        values = {row["unit"]: row["group_value"] for row in mine if row["group_value"] is not None}
        number = {value: code for code, value in enumerate(sorted(set(values.values())))}
        sign = _sign(rule, directions[rule["indicator"]])
        for row in mine:
            score = scores.get((row["unit"], *key))
            if row["scored_x"] is not None and score is not None:
                x[place[row["unit"]]], y[place[row["unit"]]] = sign * row["scored_x"], score
        found.append(
            Component(
                rule["indicator"],
                rule["share"],
                x,
                y,
                _codes({unit: number[value] for unit, value in values.items()}, place),
                rule["method"] not in ("given", "steps", "piecewise"),
                rule.get("clamp_low"),
                rule.get("clamp_high"),
                rule.get("floor_share"),
            )
        )
    return found


def _sign(rule: dict[str, Any], direction: str) -> int:
    """1 where a higher scored value is better. Relative methods and targets come oriented; goalposts carry direction by themselves."""
    if rule["method"] == "goalposts":
        return 1 if rule["best"] > rule["worst"] else -1
    return -1 if direction == "down" and rule["method"] not in _RELATIVE and rule["change"] != "rank_gain" else 1
