"""The trace of a total, a rank or stars: scored again by the very models, compared with what was published, taken apart.

Here: nodes down to indicator cells and lines of the rules, totals compared, cut-offs and guards. Not here: cells themselves (cell.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.editions.scoring_inputs import load
from pipelines.errors import UsageError
from pipelines.ledger import Ledger
from pipelines.quarters import Quarter
from pipelines.rulesets.in_memory import VALUES, score_tables
from pipelines.rulesets.language import OFFICIAL, Ruleset
from pipelines.rulesets.periods import of_periods, periods_needed
from pipelines.rulesets.tables import flatten
from pipelines.tracing.cell import DoesNotAddUp
from pipelines.tracing.published import Edition
from pipelines.tracing.record import Judged, judged
from pipelines.tracing.rule_lines import RuleFile
from pipelines.whatif.edition import RULESETS, official_ruleset
from pipelines.whatif.edition import Edition as Scorable
from pipelines.whatif.scenarios import SHOWN_RANKS, base_rules, in_force, of_rules

TOTAL, RANK, STARS = "total", "rank", "stars"
KINDS = (TOTAL, RANK, STARS)
_WANTED = {
    TOTAL: ("score_totals", "score_trace", "score_nodes", "score_indicators"),
    RANK: ("score_totals", "score_ranks"),
    STARS: ("score_totals", "score_ranks", "score_stars", "score_weights"),
}
# The accuracy that scoring.md, section 2.2, promises for the sum of points.
_TOLERANCE = {"rel_tol": 1e-9, "abs_tol": 1e-9}
_OF_A_COMPONENT = ("component", "value", "base_value", "x", "state", "treatment", "y", "weight", "weight_effective", "points")
Row = dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """A county under one ruleset as its edition published it, and the models' rows behind it, of the edition's quarter."""

    edition: Edition
    region: str
    region_name: str
    ruleset: Ruleset
    rules: RuleFile
    ranking: dict[str, Row]
    nodes: list[Row]
    tables: dict[str, list[Row]]
    judged: Judged

    @property
    def own(self) -> Row:
        """The published row of the ranking."""
        return self.ranking[self.region]

    def of_unit(self, table: str) -> list[Row]:
        """The county's rows of a scoring model."""
        return [row for row in self.tables[table] if row["unit"] == self.region]

    @property
    def totals(self) -> Row:
        """The county's row of `score_totals`."""
        (row,) = self.of_unit("score_totals")
        return row


def score_again(edition: Edition, ledger: Ledger, typed_region: str, family: str | None, kind: str) -> Scored:
    """Score the edition's quarter again from what is kept beside it; `DoesNotAddUp` unless that is what it published."""
    region, name = edition.region(typed_region)
    inputs = load(edition.warehouse, edition.quarter, edition.number)
    scorable = Scorable(edition.warehouse, Quarter.parse(edition.quarter), edition.number, edition.manifest, inputs)
    ruleset = official_ruleset(scorable, family)
    ranking = {row["region_code"]: row for row in edition.table("ranking").to_pylist() if row["ruleset"] == ruleset.name}
    if region not in ranking:
        raise UsageError(
            f"region: found {region} {name}; expected one that {ruleset.name} ranks: a county, for a city's rules one of its own"
        )
    quarter = scorable.quarter
    # Only a ranking by progress asks for the totals of an earlier period.
    scored_with = ruleset if kind != TOTAL else Ruleset(ruleset.name, ruleset.sha256, ruleset.canonical, ruleset.rows | {"rule_rank": []})
    rules, periods = in_force(scored_with, OFFICIAL, quarter), periods_needed(scored_with.rows, quarter)
    values = pa.Table.from_pylist(of_rules(of_periods(inputs.values, periods), (ruleset,)), schema=VALUES)
    groups, events = of_periods(inputs.groups, periods), of_periods(inputs.events, periods)
    found = score_tables(values, groups, events, flatten([rules, *base_rules(rules, OFFICIAL, quarter)]), wanted=_WANTED[kind], threads=1)
    tables = {
        table: [row for row in rows.to_pylist() if (row["ruleset"], row["period"]) == (rules.name, edition.quarter)]
        for table, rows in found.items()
    }
    nodes = [row for row in edition.table("scores").to_pylist() if (row["ruleset"], row["region_code"]) == (ruleset.name, region)]
    indicators = {row["indicator"] for row in ruleset.rows["rule_indicator"]}
    scored = Scored(
        edition,
        region,
        name,
        ruleset,
        RuleFile(RULESETS / f"{ruleset.name}.yml"),
        ranking,
        nodes,
        tables,
        judged(edition, ledger, region, indicators, (), ()),
    )
    _demand_published(scored, kind)
    return scored


def _demand_published(scored: Scored, kind: str) -> None:
    own, pairs = scored.own, {"total": (scored.totals["total"], scored.own["total"])}
    if kind != TOTAL:
        ranks = {row["rank_id"]: row["place"] for row in scored.of_unit("score_ranks")}
        pairs |= {column: (ranks.get(rank), own[column]) for column, rank in SHOWN_RANKS.items()}
    if kind == STARS:
        first = next((row["star_id"] for row in scored.ruleset.rows["rule_star"] if row["ordinal"] == 0), "")
        pairs["stars"] = (next((row["stars"] for row in scored.of_unit("score_stars") if row["star_id"] == first), None), own["stars"])
    if kind == TOTAL:
        pairs |= _points(scored)
    for name, (found, published) in pairs.items():
        if found == published or (isinstance(found, float) and published is not None and math.isclose(found, published, **_TOLERANCE)):
            continue
        raise _not_equal(scored, name, found, published)


def _points(scored: Scored) -> dict[str, tuple[Any, Any]]:
    """The points of the tree's lines against the total, and those of each indicator against the published ones."""
    lines = [row for row in scored.of_unit("score_trace") if row["points"] is not None]
    pairs: dict[str, tuple[Any, Any]] = {"points of all lines": (math.fsum(row["points"] for row in lines), scored.totals["total_raw"])}
    published = {row["node"]: row["points"] for row in scored.nodes if row["points"] is not None}
    for node in scored.ruleset.rows["rule_node"]:
        mine = [row["points"] for row in lines if row["subject"] == node.get("indicator")]
        if node["is_leaf"] and mine and node["node"] in published:
            pairs[f"points of {node['node']}"] = (math.fsum(mine), published[node["node"]])
    return pairs


def _not_equal(scored: Scored, what: str, found: object, expected: object) -> DoesNotAddUp:
    return DoesNotAddUp(
        f"{scored.edition.name}: {scored.region} under {scored.ruleset.name}: found {what} {found!r} when scored again; "
        f"expected {expected!r} as published; next: check out the commit in its manifest"
    )


@dataclass(frozen=True)
class Leaf:
    """An indicator in a total: the cell that it reads, its score and points, the line of its rule, and its components."""

    node: str
    indicator: str
    value: float | None
    value_period: str | None
    state: str
    treatment: str
    score: float | None
    weight: float | None
    weight_effective: float | None
    points: float | None
    rule: str
    rule_text: str
    components: list[Row]

    def command(self, edition: Edition, region: str) -> str:
        """How to trace the cell further."""
        other = f" --period {self.value_period}" if self.value_period not in (None, edition.quarter) else ""
        return f"i315 trace {edition.quarter} {region} {self.indicator} {edition.number}{other}"


def leaves(scored: Scored) -> list[Leaf]:
    """Every indicator of the tree in its order."""
    told = {row["indicator"]: row for row in scored.of_unit("score_indicators")}
    published = {row["node"]: row for row in scored.nodes}
    lines = [row for row in scored.of_unit("score_trace") if row["kind"] in ("component", "policy")]
    found = []
    for node in sorted(scored.ruleset.rows["rule_node"], key=lambda row: row["ordinal"]):
        if not node["is_leaf"] or node["indicator"] not in told:
            continue
        indicator, row, shown = node["indicator"], told[node["indicator"]], published[node["node"]]
        found.append(
            Leaf(
                node["node"],
                indicator,
                shown["value"],
                row["value_period"],
                shown["state"],
                row["treatment"] or "",
                shown["score"],
                node["points"] if node["points"] is not None else node["weight"],
                shown["weight_effective"],
                shown["points"],
                scored.rules.place("indicators", indicator),
                scored.rules.text("indicators", indicator),
                [{name: line[name] for name in _OF_A_COMPONENT} for line in lines if line["subject"] == indicator],
            )
        )
    return found
