"""Why a county stands where it stands: the totals compared in each ranking, the cut-offs and guards of its stars.

Here: taking apart what `score_ranks` and `score_stars` decided, and deciding it again in plain arithmetic. Not here: scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipelines.tracing.cell import DoesNotAddUp
from pipelines.tracing.scores import Scored

Row = dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """One county of a ranking with what it is compared by."""

    region: str
    name: str
    measure: float
    place: float


@dataclass(frozen=True)
class Place:
    """A county's place in one ranking: the rule's line, the list in order, and which tie-breaks were needed (empty: none)."""

    rank_id: str
    place: float
    measure: float
    group: str
    rule: str
    rule_text: str
    tie_break: str
    compared: list[Compared]


@dataclass(frozen=True)
class Step:
    """A cut-off or guard: what it asks, what the county has, whether it is met, and the stars that it gives or leaves.

    A guard of more stars than the cut-offs gave does not apply.
    """

    kind: str
    asked: str
    found: str
    is_met: bool
    star: int
    applies: bool = True


@dataclass(frozen=True)
class Stars:
    """A county's stars under one rule, with the line of the rule and every cut-off and guard."""

    star_id: str
    stars: int
    before_guards: int
    rule: str
    rule_text: str
    steps: list[Step]


def places(scored: Scored) -> list[Place]:
    """The county's place in every ranking of the rules; `DoesNotAddUp` where the measures compared do not give it."""
    found = []
    for rule in sorted(scored.ruleset.rows["rule_rank"], key=lambda row: row["ordinal"]):
        own = next((row for row in scored.of_unit("score_ranks") if row["rank_id"] == rule["rank_id"]), None)
        if own is None:
            continue
        rows = [
            row for row in scored.tables["score_ranks"] if (row["rank_id"], row["group_value"]) == (rule["rank_id"], own["group_value"])
        ]
        names = {code: row["region_name"] for code, row in scored.ranking.items()}
        compared = [Compared(row["unit"], names.get(row["unit"], ""), row["measure"], row["place"]) for row in rows]
        compared.sort(key=lambda each: (each.place, each.region))
        line = ("ranks", rule["rank_id"])
        place = Place(
            rule["rank_id"],
            own["place"],
            own["measure"],
            own["group_value"],
            scored.rules.place(*line),
            scored.rules.text(*line),
            own["tie_break"] or "",
            compared,
        )
        _demand_place(scored, rule, place)
        found.append(place)
    return found


def _demand_place(scored: Scored, rule: Row, place: Place) -> None:
    (head,) = scored.ruleset.rows["rule_set"]
    digits = head["compare_dp"]
    own, others = round(place.measure, digits), [round(each.measure, digits) for each in place.compared]
    better = [each for each in others if (each > own if rule["is_descending"] else each < own)]
    equal = others.count(own)
    expected = {"competition": 1.0 + len(better), "dense": 1.0 + len(set(better)), "average": 1 + len(better) + (equal - 1) / 2}
    is_decided = equal == 1 or not rule["tie_breaks"]
    if is_decided and rule["ties"] in expected and place.place != expected[rule["ties"]]:
        raise DoesNotAddUp(
            f"{scored.edition.name}: {scored.region} in {place.rank_id} of {scored.ruleset.name}: found place {expected[rule['ties']]:g} "
            f"from the measures compared; expected {place.place:g} as published; next: check out the commit in its manifest"
        )


def stars(scored: Scored) -> list[Stars]:
    """The county's stars under every star rule; `DoesNotAddUp` where cut-offs and guards do not give them."""
    found = []
    for rule in sorted(scored.ruleset.rows["rule_star"], key=lambda row: row["ordinal"]):
        own = next((row for row in scored.of_unit("score_stars") if row["star_id"] == rule["star_id"]), None)
        if own is None:
            continue
        cuts, guards = _cuts(scored, rule), _guards(scored, rule, own["stars_before_guards"])
        reached = max((step.star for step in cuts if step.is_met), default=0)
        left = min([reached, *(step.star for step in guards if step.applies and not step.is_met)])
        if (reached, left) != (own["stars_before_guards"], own["stars"]):
            raise DoesNotAddUp(
                f"{scored.edition.name}: {scored.region} in {rule['star_id']} of {scored.ruleset.name}: found {left} stars from cut-offs "
                f"and guards; expected {own['stars']} as published; next: check out the commit in its manifest"
            )
        line = ("stars", rule["star_id"])
        found.append(Stars(rule["star_id"], left, reached, scored.rules.place(*line), scored.rules.text(*line), [*cuts, *guards]))
    return found


def _cuts(scored: Scored, rule: Row) -> list[Step]:
    ranks = {row["rank_id"]: row for row in scored.of_unit("score_ranks")}
    rows = [row for row in scored.ruleset.rows["rule_cut"] if row["star_id"] == rule["star_id"]]
    steps = []
    for row in sorted(rows, key=lambda each: -each["star"]):
        if rule["kind"] == "share":
            own = ranks[rule["rank_id"]]
            last = _last_place(own["n_ranked"], row)
            asked = (
                f"place {last} or better in {rule['rank_id']} ({row['share_numerator']}/{row['share_denominator']} of {own['n_ranked']})"
            )
            steps.append(Step("cut", asked, f"place {own['place']:g}", own["place"] <= last, row["star"]))
            continue
        total = scored.totals["total" if rule["basis"] == "rounded" else "total_raw"]
        if rule.get("node") is not None:
            total = next(row["score"] for row in scored.of_unit("score_weights") if row["node"] == rule["node"])
        margin = round(_at(scored, total) - _at(scored, row["cut"]), 12)
        is_met = margin >= 0 if rule["is_closed_left"] else margin > 0
        asked = f"{rule.get('node') or 'total'} {'of at least' if rule['is_closed_left'] else 'above'} {row['cut']:g}"
        steps.append(Step("cut", asked, f"{total!r}", is_met, row["star"]))
    return steps


def _guards(scored: Scored, rule: Row, before: int) -> list[Step]:
    ranks = {row["rank_id"]: row for row in scored.of_unit("score_ranks")}
    nodes = {row["node"]: row["score"] for row in scored.of_unit("score_weights")}
    rows = [row for row in scored.ruleset.rows["rule_guard"] if row["star_id"] == rule["star_id"]]
    steps = []
    for row in sorted(rows, key=lambda each: each["ordinal"]):
        if row["need"] == "rank":
            own = ranks.get(row["rank_id"])
            last = row["max_rank"] if row.get("max_rank") is not None else _last_place(own["n_ranked"], row) if own else math.nan
            asked, found = f"place {last:g} or better in {row['rank_id']}", f"place {own['place']:g}" if own else "no place"
            is_met = own is not None and own["place"] <= last
        else:
            value = nodes.get(row["node"]) if row["need"] == "score" else scored.totals["total"]
            asked = f"{row['node'] + ' score' if row['need'] == 'score' else 'total'} of at least {row['at_least']:g}"
            found = "none" if value is None else repr(value)
            is_met = value is not None and _at(scored, value) >= _at(scored, row["at_least"])
        asked = f"for {row['star']} stars: {asked}, else {row['else_star']}"
        steps.append(Step("guard", asked, found, is_met, row["else_star"], applies=before >= row["star"]))
    most = scored.totals["max_star"]
    if most is not None:
        steps.append(Step("adjustment", f"an event that leaves at most {most} stars", "it happened", is_met=False, star=most))
    return steps


def _at(scored: Scored, number: float) -> float:
    """A number as the rules compare it: to `compare_dp` decimals."""
    (head,) = scored.ruleset.rows["rule_set"]
    return round(number, head["compare_dp"])


def _last_place(n_ranked: int, row: Row) -> int:
    return math.ceil(float(n_ranked) * row["share_numerator"] / row["share_denominator"])
