"""The eight evaluations of a restated comparison: data × rules × membership of two sides, in one run of the scoring models.

Here: what a side is, the inputs of that run, its results by evaluation. Not here: effects, places between the two sides.

The data of a side are its values, its events and its period; its membership says who is ranked and who belongs to which peer
group. A version of a ruleset may name a newer list (`counties_2026`) for the same population or peer group: that is a change of
membership, so an evaluation takes the names of these lists from the side whose membership it uses. Membership of one side with the
data of another means that side's lists of the same age: those of its own period stand for the period scored.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UsageError
from pipelines.quarters import Quarter
from pipelines.rulesets.in_memory import EVENTS, GROUPS, VALUES, score_tables
from pipelines.rulesets.language import Ruleset
from pipelines.rulesets.parameters import Row, Rows, no_rows, to_arrow

Evaluation = tuple[int, int, int]
Subject = tuple[str, str]
EVALUATIONS: tuple[Evaluation, ...] = tuple((d, r, m) for d, r, m in product((0, 1), repeat=3))
BEFORE, AFTER, UNCHANGED_RULES = (0, 0, 0), (1, 1, 1), (1, 0, 1)
INDICATOR, FILLED_BRANCH, ADJUSTMENTS, CLAMP = "indicator", "filled_branch", "adjustments", "clamp"
_KINDS = {"component": INDICATOR, "policy": INDICATOR, "filled_branch": FILLED_BRANCH, "adjustments": ADJUSTMENTS, "clamp": CLAMP}
_OLDEST_BASE = 4  # periods back to the oldest that a restated change compares with: the same quarter of the year before


@dataclass(frozen=True)
class Side:
    """What one side of a comparison is scored from.

    `values`, `groups` and `events` have the columns of `in_memory.VALUES`, `GROUPS` and `EVENTS`; the name of the scenario does not
    matter. All periods that the rules of *either* side may ask for belong in them, and all their indicators.
    """

    values: pa.Table
    groups: pa.Table
    events: pa.Table
    ruleset: Ruleset
    period: str


@dataclass
class Scored:
    """One evaluation as the models scored it; a unit without a total is not in `totals`."""

    totals: dict[str, float] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    points: dict[str, dict[Subject, float]] = field(default_factory=dict)
    places: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))  # by ranking, unit
    peers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # by ranking, unit
    stars: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))  # by star rule, unit
    scores: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))  # by node, unit
    weights: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))  # effective ones, by node, unit


def evaluate(before: Side, after: Side) -> dict[Evaluation, Scored]:
    """Score the eight mixtures of two sides; a usage error if a side cannot be scored at all."""
    sides = (before, after)
    _refuse_unequal_periods(before.period, after.period)
    scored_as = _scored_as(sides)
    to_score = tuple(dict.fromkeys(scored_as.values()))
    tables = score_tables(
        pa.concat_tables([_values(side, number) for number, side in enumerate(sides)]),
        pa.concat_tables([_groups(sides[d], d, sides[m], m) for d, m in product((0, 1), repeat=2)]),
        pa.concat_tables([_events(side, number) for number, side in enumerate(sides)]),
        to_arrow(_rules(sides, to_score)),
    )
    found = _read(tables, sides, to_score)
    scored = {evaluation: found[scored_as[evaluation]] for evaluation in EVALUATIONS}
    for name, side, corner in (("before", before, BEFORE), ("after", after, AFTER)):
        if not scored[corner].totals:
            why = next(iter(scored[corner].errors.values()), f"no value of a member of its population in {side.period}")
            raise UsageError(f"{name}: {side.ruleset.name} in {side.period}: found no unit with a total ({why}); expected at least one")
    return scored


def label(evaluation: Evaluation) -> str:
    """How an evaluation is named in the run, such as `d0r1m0`: data before, rules after, membership before."""
    return "d{}r{}m{}".format(*evaluation)


def _scored_as(sides: tuple[Side, Side]) -> dict[Evaluation, Evaluation]:
    """The evaluation that is scored for each: what both sides have in common is scored once, so that its effect is nothing exactly."""
    before, after = sides
    is_same_rules = before.ruleset.sha256 == after.ruleset.sha256
    lists = [_groups(before, 0, side, 0).sort_by([(name, "ascending") for name in GROUPS.names]) for side in sides]
    is_same_membership = _list_names(before.ruleset.rows) == _list_names(after.ruleset.rows) and lists[0].equals(lists[1])
    return {(d, r, m): (d, 0 if is_same_rules else r, 0 if is_same_membership else m) for d, r, m in EVALUATIONS}


def _list_names(rules: Rows) -> tuple[str, dict[str, str]]:
    """The membership list of the population, and that of each peer group."""
    return rules["rule_set"][0]["population"], {row["peer_group"]: row["membership"] for row in rules["rule_peer_group"]}


def _values(side: Side, number: int) -> pa.Table:
    scenarios = pc.unique(side.values["scenario"]).to_pylist()
    if len(scenarios) > 1:
        raise UsageError(f"values of {side.period}: found the scenarios {', '.join(sorted(scenarios))}; expected one to compare")
    content = side.values.select(VALUES.names).cast(VALUES)
    return content.set_column(0, VALUES.field(0), [pa.repeat(f"d{number}", content.num_rows).cast(pa.string())])


def _events(side: Side, number: int) -> pa.Table:
    content = side.events.select(EVENTS.names).cast(EVENTS)
    return content.set_column(2, EVENTS.field(2), pc.binary_join_element_wise(f"d{number}", content["event"], ":"))


def _groups(data: Side, d: int, membership: Side, m: int) -> pa.Table:
    """The lists of one side, moved to the periods of the data; their names say which evaluations use them."""
    content = membership.groups.select(GROUPS.names).cast(GROUPS)
    moved = [(_back(membership.period, age), _back(data.period, age)) for age in range(_OLDEST_BASE + 1)]
    parts = [content.filter(pc.equal(content["period"], old)) for old, _ in moved]
    parts = [
        part.set_column(0, GROUPS.field(0), [pa.repeat(new, part.num_rows).cast(pa.string())])
        for part, (_, new) in zip(parts, moved, strict=True)
    ]
    content = pa.concat_tables(parts)
    return content.set_column(1, GROUPS.field(1), pc.binary_join_element_wise(f"d{d}m{m}", content["group_name"], ":"))


def _back(period: str, age: int) -> str:
    """The period so many quarters (years, for a year) before."""
    return str(int(period) - age) if len(period) == 4 else str(Quarter.parse(period).plus(-age))


def _refuse_unequal_periods(before: str, after: str) -> None:
    for period in (before, after):
        if not (len(period) == 4 and period.isdecimal()):
            Quarter.parse(period)
    if len(before) != len(after):
        raise UsageError(f"periods of a comparison: found {before} and {after}; expected two quarters or two years")


def _rules(sides: tuple[Side, Side], to_score: tuple[Evaluation, ...]) -> Rows:
    """A copy of a ruleset for each evaluation scored, in force in the scenario and the period of its data."""
    rows = no_rows()
    for evaluation in to_score:
        d, r, m = evaluation
        name = f"{sides[r].ruleset.name}@{label(evaluation)}"
        for table, found in _renamed(sides[r].ruleset.rows, sides[m].ruleset.rows, f"d{d}m{m}:", f"d{d}:").items():
            rows[table] += [row | {"ruleset": name} for row in found]
        period = sides[d].period
        in_force = {"scenario": f"d{d}", "valid_from": period, "valid_to": period}
        rows["rule_scenario"].append({"ruleset": name, "sha256": sides[r].ruleset.sha256} | in_force)
    return rows


def _renamed(rules: Rows, membership: Rows, lists: str, events: str) -> Rows:
    """Rule rows that name the lists of the side whose membership is used and the events of the side whose data are."""
    population, peers = _list_names(membership)
    rows = {table: found for table, found in rules.items() if table != "rule_scenario"}
    rows["rule_set"] = [row | {"population": lists + population} for row in rules["rule_set"]]
    rows["rule_peer_group"] = [
        row | {"membership": f"{lists}{peers.get(row['peer_group'], row['membership'])}"} for row in rules["rule_peer_group"]
    ]
    rows["rule_applies"] = [row | {"membership": lists + row["membership"]} for row in rules["rule_applies"]]
    rows["rule_adjustment"] = [row | {"event": events + row["event"]} for row in rules["rule_adjustment"]]
    return rows


def _read(tables: dict[str, pa.Table], sides: tuple[Side, Side], scored: tuple[Evaluation, ...]) -> dict[Evaluation, Scored]:
    found = {evaluation: Scored() for evaluation in scored}
    lines: dict[Evaluation, dict[str, dict[Subject, list[float]]]] = {evaluation: {} for evaluation in scored}
    for evaluation, row in _rows(tables["score_totals"], ("total_raw", "error"), sides):
        if row["total_raw"] is not None:
            found[evaluation].totals[row["unit"]] = row["total_raw"]
        elif row["error"] is not None:
            found[evaluation].errors[row["unit"]] = row["error"]
    for evaluation, row in _rows(tables["score_trace"], ("kind", "subject", "points"), sides):
        subject = (_KINDS[row["kind"]], row["subject"])
        lines[evaluation].setdefault(row["unit"], {}).setdefault(subject, []).append(row["points"] or 0.0)
    for evaluation, units in lines.items():
        # fsum, because the lines come in no order
        found[evaluation].points = {unit: {s: math.fsum(points) for s, points in by.items()} for unit, by in units.items()}
    for evaluation, row in _rows(tables["score_ranks"], ("rank_id", "place", "group_value"), sides):
        found[evaluation].places[row["rank_id"]][row["unit"]] = row["place"]
        found[evaluation].peers[row["rank_id"]][row["unit"]] = row["group_value"]
    for evaluation, row in _rows(tables["score_stars"], ("star_id", "stars"), sides):
        found[evaluation].stars[row["star_id"]][row["unit"]] = row["stars"]
    for evaluation, row in _rows(tables["score_nodes"], ("node", "y"), sides):
        if row["y"] is not None:
            found[evaluation].scores[row["node"]][row["unit"]] = row["y"]
    for evaluation, row in _rows(tables["score_weights"], ("node", "weight_effective"), sides):
        found[evaluation].weights[row["node"]][row["unit"]] = row["weight_effective"] or 0.0
    return found


def _rows(table: pa.Table, columns: tuple[str, ...], sides: tuple[Side, Side]) -> Iterator[tuple[Evaluation, Row]]:
    """The rows of the periods scored, without those of restated base periods, each with its evaluation."""
    evaluations = {label(evaluation): evaluation for evaluation in EVALUATIONS}
    for row in table.select(["ruleset", "period", "unit", *columns]).to_pylist():
        evaluation = evaluations[row["ruleset"].rpartition("@")[2]]
        if row["period"] == sides[evaluation[0]].period:
            yield evaluation, row
