"""Two scenarios through the compiled scoring models in one call: `official` as the edition was scored, `whatif` as amended.

Here: rulesets and values of each scenario, the results by county, and the proof that the official
scenario gives the edition's own ranking. Not here: what is amended (amendments.py), why it moved (explanation.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from pipelines.errors import Failure
from pipelines.quarters import Quarter
from pipelines.rulesets.in_memory import VALUES, ScoringFailed, score_tables
from pipelines.rulesets.language import OFFICIAL, Ruleset, load_rulesets
from pipelines.rulesets.periods import base_quarter, of_periods, periods_needed
from pipelines.rulesets.tables import flatten
from pipelines.whatif.amendments import Amendments, followers
from pipelines.whatif.edition import RULESETS, Edition

WHATIF = "whatif"
_RESULTS = {
    "score_totals": "total total_raw adjustment",
    "score_ranks": "rank_id place",
    "score_stars": "star_id stars",
    "score_weights": "node weight_effective points",
    "score_indicators": "indicator value state y",
    "score_failures": "indicator error",
}
SHOWN_RANKS = {"rank_province": "province", "rank_city": "city"}
Row = dict[str, Any]


class NotReproduced(Failure):
    """The official scenario does not give the edition's own ranking: code or rules differ from those that made it."""


@dataclass(frozen=True)
class Node:
    """A leaf of the tree for one county: value, score, effective weight and points."""

    value: float | None
    state: str
    y: float | None
    weight: float | None
    points: float | None


@dataclass(frozen=True)
class Standing:
    """One county in one scenario: totals in points, places by ranking, stars by star rule, leaves by indicator, adjustment."""

    total: float | None
    total_raw: float | None
    ranks: dict[str, float]
    stars: dict[str, int]
    leaves: dict[str, Node]
    adjustment: float

    def first_star(self, ruleset: Ruleset) -> int | None:
        """The stars that an edition shows: those of the first star rule."""
        first = next((row["star_id"] for row in ruleset.rows["rule_star"] if row["ordinal"] == 0), "")
        return self.stars.get(first)

    def first_place(self, ruleset: Ruleset) -> float | None:
        """The place in the first ranking by the total: that of the province, or of the one city that the rules are for."""
        first = next((row["rank_id"] for row in ruleset.rows["rule_rank"] if row["measure"] == "total"), "")
        return self.ranks.get(first)


@dataclass(frozen=True)
class Scenario:
    """One side: its ruleset (in force in this scenario's quarter whatever its validity), its inputs as scored, its result by county.

    `values` has the columns of `in_memory.VALUES`; `groups` and `events` are the same for both sides.
    `followers` gives the other values of a county (second argument) that follow from changed ones (first) by definition.
    """

    name: str
    ruleset: Ruleset
    values: pa.Table
    groups: pa.Table
    events: pa.Table
    standings: dict[str, Standing]
    followers: Callable[[dict[str, float], str], dict[str, float]]
    catalogue: dict[str, Row]


def score_both(edition: Edition, official: Ruleset, amended: Ruleset, amendments: Amendments) -> tuple[Scenario, Scenario]:
    """The official and the amended scenario of the edition's quarter; `NotReproduced` if the official one is not the edition's."""
    quarter = edition.quarter
    periods = periods_needed(official.rows, quarter) | periods_needed(amended.rows, quarter)
    rows = of_rules(of_periods(edition.inputs.values, periods), (official, amended))
    values = {
        OFFICIAL: pa.Table.from_pylist(rows, schema=VALUES),
        WHATIF: pa.Table.from_pylist(amended_rows(rows, str(quarter), amendments), schema=VALUES),
    }
    rules = {
        OFFICIAL: in_force(official, OFFICIAL, quarter),
        WHATIF: in_force(opened(amended, amendments.opened, quarter), WHATIF, quarter),
    }
    groups, events = of_periods(edition.inputs.groups, periods), of_periods(edition.inputs.events, periods)
    bases = [base for name, each in rules.items() for base in base_rules(each, name, quarter)]
    scored = score_tables(pa.concat_tables(values.values()), groups, events, flatten([*rules.values(), *bases]), wanted=_RESULTS, threads=1)
    _refuse_failures(scored, str(quarter))
    results = _of_quarter(scored, [rules[name].name for name in values], str(quarter))
    before, after = (
        Scenario(
            name,
            rules[name],
            values[name],
            groups,
            events,
            _standings(results, rules[name]),
            partial(followers, made=made, edition=edition, rules=rules[name]),
            edition.catalogue,
        )
        for name, made in ((OFFICIAL, Amendments()), (WHATIF, amendments))
    )
    check_reproduced(edition, official, before)
    return before, after


def amended_rows(rows: list[Row], quarter: str, amendments: Amendments) -> list[Row]:
    """The official rows as the scenario has them: values set in the quarter, indicators left out in every period.

    Left out of earlier periods too, so that a progress ranking compares like with like and nothing is carried over.
    """
    left = set(amendments.without)
    amended = {
        (row["unit"], row["period"], row["indicator"]): row
        | {"scenario": WHATIF}
        | ({"value": None, "state": "not_published"} if row["indicator"] in left else {})
        for row in rows
    }
    for (unit, indicator), value in amendments.values.items():
        key = {"unit": unit, "period": quarter, "indicator": indicator}
        amended[unit, quarter, indicator] = {"scenario": WHATIF, **key, "value": value, "state": "value"}
    if left:
        units = {row["unit"] for row in rows}
        for unit, period, indicator in ((u, p, i) for u in units for p in {row["period"] for row in rows} for i in left):
            key = {"unit": unit, "period": period, "indicator": indicator}
            amended.setdefault((unit, period, indicator), {"scenario": WHATIF, **key, "value": None, "state": "not_published"})
    return [amended[key] for key in sorted(amended)]


def in_force(ruleset: Ruleset, scenario: str, quarter: Quarter) -> Ruleset:
    """A copy named for its scenario and valid in the quarter alone; without its own validity a draft scores as a released version does."""
    key = {"ruleset": f"{ruleset.name} ({scenario})", "sha256": ruleset.sha256}
    rows = {table: [row | key for row in found] for table, found in ruleset.rows.items()}
    rows["rule_scenario"] = [key | {"scenario": scenario, "valid_from": str(quarter), "valid_to": str(quarter)}]
    return Ruleset(key["ruleset"], ruleset.sha256, ruleset.canonical, rows)


def opened(ruleset: Ruleset, indicators: list[str], quarter: Quarter) -> Ruleset:
    """A copy whose calendar publishes these indicators in the quarter's part of the year too; it is another ruleset, with another hash."""
    if not indicators:
        return ruleset
    calendar = [{"indicator": code, "part": f"Q{quarter.number}"} for code in indicators]
    sha256 = hashlib.sha256(f"{ruleset.sha256} opened in {quarter}: {', '.join(indicators)}".encode()).hexdigest()
    rows = ruleset.rows | {"rule_calendar": ruleset.rows["rule_calendar"] + calendar}
    return Ruleset(ruleset.name, sha256, ruleset.canonical, rows)


def base_rules(ruleset: Ruleset, scenario: str, quarter: Quarter) -> list[Ruleset]:
    """For a progress ranking that compares with the total as it was ruled: the released versions in force in the base period."""
    found = []
    head = ruleset.rows["rule_set"][0]
    bases = {base_quarter(quarter, row["change_base"]) for row in ruleset.rows["rule_rank"] if row.get("change_rules") == "as_ruled"}
    for period in sorted(bases):
        for each in load_rulesets(RULESETS):
            told = each.rows["rule_set"][0]
            is_valid = told["valid_from"] <= str(period) and (told["valid_to"] is None or str(period) <= told["valid_to"])
            if told["family"] == head["family"] and is_valid and not each.is_draft:
                found.append(in_force(each, f"{scenario} {period}", period))
                found[-1].rows["rule_scenario"][0]["scenario"] = scenario
    return found


def of_rules(values: pa.Table, rulesets: Iterable[Ruleset]) -> list[Row]:
    """The values of indicators that some of the rulesets score."""
    scored = {row["indicator"] for ruleset in rulesets for row in ruleset.rows["rule_indicator"]}
    return [row for row in values.to_pylist() if row["indicator"] in scored]


def _refuse_failures(scored: dict[str, pa.Table], quarter: str) -> None:
    for failure in scored["score_failures"].to_pylist():
        if failure["period"] == quarter:
            subject = ", ".join(part for part in (failure["unit"], failure["indicator"]) if part)
            raise ScoringFailed(f"{failure['ruleset']}: {subject}: {failure['error']}; expected a score under the ruleset's policies")


def _of_quarter(scored: dict[str, pa.Table], rulesets: list[str], quarter: str) -> dict[tuple[str, str], list[Row]]:
    """The rows of the quarter by table and ruleset; base periods and the rules of other times fall away."""
    rows: dict[tuple[str, str], list[Row]] = {(table, ruleset): [] for table in scored for ruleset in rulesets}
    for table, columns in _RESULTS.items():
        content = scored[table].select(["ruleset", "period", "unit", *columns.split()])
        for row in content.to_pylist():
            if row["period"] == quarter and row["ruleset"] in rulesets:
                rows[table, row["ruleset"]].append(row)
    return rows


def _standings(results: dict[tuple[str, str], list[Row]], ruleset: Ruleset) -> dict[str, Standing]:
    def of_side(table: str) -> list[Row]:
        return results[table, ruleset.name]

    ranks: dict[str, dict[str, float]] = {}
    stars: dict[str, dict[str, int]] = {}
    leaves: dict[str, dict[str, Node]] = {}
    for row in of_side("score_ranks"):
        ranks.setdefault(row["unit"], {})[row["rank_id"]] = row["place"]
    for row in of_side("score_stars"):
        stars.setdefault(row["unit"], {})[row["star_id"]] = row["stars"]
    weights = {(row["unit"], row["node"]): row for row in of_side("score_weights")}
    nodes = {row["indicator"]: row["node"] for row in ruleset.rows["rule_node"] if row["is_leaf"]}
    for row in of_side("score_indicators"):
        weight = weights.get((row["unit"], nodes[row["indicator"]]), {})
        node = Node(row["value"], row["state"], row["y"], weight.get("weight_effective"), weight.get("points"))
        leaves.setdefault(row["unit"], {})[row["indicator"]] = node
    return {
        row["unit"]: Standing(
            row["total"],
            row["total_raw"],
            ranks.get(row["unit"], {}),
            stars.get(row["unit"], {}),
            leaves.get(row["unit"], {}),
            row["adjustment"],
        )
        for row in of_side("score_totals")
    }


def check_reproduced(edition: Edition, official: Ruleset, scenario: Scenario) -> None:
    """Raise unless totals, ranks and stars of every county are exactly those of the edition's `ranking.csv`."""
    published = {row["region_code"]: row for row in edition.ranking if row["ruleset"] == official.name}
    for code in sorted(published.keys() | scenario.standings.keys()):
        row, standing = published.get(code, {}), scenario.standings.get(code)
        ranks = standing.ranks if standing else {}
        found = {"total": standing.total if standing else None, "stars": standing.first_star(scenario.ruleset) if standing else None}
        found |= {column: ranks.get(rank_id) for column, rank_id in SHOWN_RANKS.items()}
        for column, value in found.items():
            told = float(row[column]) if row.get(column) else None
            if told != value:
                raise NotReproduced(
                    f"{edition.quarter}/{edition.number}: {code}: found {column} {value} when scored again; expected {told} as published; "
                    "code or rules differ from those that made the edition; next: check out its commit (manifest.json), or publish again"
                )
