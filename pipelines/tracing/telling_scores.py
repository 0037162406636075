"""A traced total, rank or stars for people and for machines.

Here: lines, tables and the document. Not here: the trace (scores.py, places.py).
"""

from __future__ import annotations

from typing import Any

from rich.console import Console

from pipelines.tracing.documents import edition_document, judged_document, state_of
from pipelines.tracing.listing import Listing
from pipelines.tracing.models import Model, scoring_models
from pipelines.tracing.places import Place, Stars, places, stars
from pipelines.tracing.scores import RANK, STARS, TOTAL, Leaf, Scored, leaves
from pipelines.tracing.telling import show_judged, show_models

AROUND = 5


def show_scored(scored: Scored, kind: str, out: Console, *, is_all: bool, with_sql: bool) -> None:
    """Print a county's total, rank or stars, taken apart."""
    own = scored.own
    value = {TOTAL: own["total"], RANK: f"{own['rank_province']} in the province, {own['rank_city']} in its city", STARS: own["stars"]}[
        kind
    ]
    out.print(f"{scored.edition.name}  {scored.region} {scored.region_name}  {kind}  {scored.ruleset.name}", markup=False)
    out.print(f"  value      {value}", markup=False)
    out.print(f"  rules      {scored.rules.name}, canonical SHA-256 {scored.ruleset.sha256}{_illustrative(scored)}", markup=False)
    out.print(f"  edition    {state_of(scored.edition)}", markup=False)
    if kind == TOTAL:
        _show_total(scored, out)
    elif kind == RANK:
        for place in places(scored):
            _show_place(place, scored, out, is_all)
    else:
        for each in stars(scored):
            _show_stars(each, out)
    show_judged(scored.judged, out)
    show_models(_models(kind), [], out, with_sql=with_sql)
    out.print("\nscored again from what is kept beside the edition: the same as published", markup=False)


def _illustrative(scored: Scored) -> str:
    (head,) = scored.ruleset.rows["rule_set"]
    return "; weights and cut-offs are illustrative" if head["is_illustrative"] else ""


def _models(kind: str) -> list[Model]:
    last = {TOTAL: "score_totals", RANK: "score_ranks", STARS: "score_stars"}[kind]
    from pipelines.rulesets.in_memory import rendered_models

    passed = rendered_models(wanted=(last,))
    return [model for model in scoring_models() if model.name in passed]


def _show_total(scored: Scored, out: Console) -> None:
    totals = scored.totals
    out.print(
        f"  formula    tree {totals['tree_total']!r} + adjustments {totals['adjustment']!r}, "
        f"clamped to {totals['total_raw']!r}, rounded to {totals['total']!r} ({scored.rules.place('total')})",
        markup=False,
    )
    table = Listing("node", "points of its leaves", "score", "rule")
    published = {row["node"]: row for row in scored.nodes}
    for node in sorted(scored.ruleset.rows["rule_node"], key=lambda row: row["ordinal"]):
        if not node["is_leaf"] and node["node"] in published:
            row = published[node["node"]]
            table.add_row(
                "  " * node["depth"] + node["node"], _n(row["points"]), _n(row["score"]), scored.rules.place("tree", node["node"])
            )
    out.print()
    table.show(out)
    table = Listing("indicator", "value", "state", "score", "weight", "points", "rule", "trace")
    for leaf in leaves(scored):
        state = f"{leaf.state} → {leaf.treatment}" if leaf.treatment else leaf.state
        trace = leaf.command(scored.edition, scored.region)
        table.add_row(leaf.indicator, _n(leaf.value), state, _n(leaf.score), _n(leaf.weight_effective), _n(leaf.points), leaf.rule, trace)
    out.print()
    table.show(out)


def _show_place(place: Place, scored: Scored, out: Console, is_all: bool) -> None:
    group = "" if place.group == "all" else f" of {place.group}"
    out.print(f"\n{place.rank_id}{group}: place {place.place:g} of {len(place.compared)} by {place.measure!r}   {place.rule}", markup=False)
    out.print(f"  {place.rule_text}" + (f"   tie broken by {place.tie_break}" if place.tie_break else ""), markup=False)
    table = Listing("place", "county", "", "compared by")
    own = next(number for number, each in enumerate(place.compared) if each.region == scored.region)
    near = range(len(place.compared)) if is_all else range(max(0, own - AROUND), min(len(place.compared), own + AROUND + 1))
    for number in near:
        each = place.compared[number]
        table.add_row(f"{each.place:g}", each.region, each.name, repr(each.measure))
    table.show(out)
    if len(near) < len(place.compared):
        out.print(f"  and {len(place.compared) - len(near)} others (--all); each total: i315 trace … total", markup=False)


def _show_stars(found: Stars, out: Console) -> None:
    out.print(f"\n{found.star_id}: {found.stars} stars, {found.before_guards} before guards   {found.rule}", markup=False)
    out.print(f"  {found.rule_text}", markup=False)
    table = Listing("", "asked", "found", "met", "stars")
    for step in found.steps:
        table.add_row(step.kind, step.asked, step.found, ("yes" if step.is_met else "no") if step.applies else "not asked", str(step.star))
    table.show(out)


def _n(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def scored_document(scored: Scored, kind: str) -> dict[str, Any]:
    """The whole trace for machines."""
    document: dict[str, Any] = {
        "edition": edition_document(scored.edition),
        "region": scored.region,
        "region_name": scored.region_name,
        "kind": kind,
        "value": {TOTAL: scored.own["total"], RANK: scored.own["rank_province"] or scored.own["rank_city"], STARS: scored.own["stars"]}[
            kind
        ],
        "published": scored.own,
        "ruleset": {"name": scored.ruleset.name, "sha256": scored.ruleset.sha256, "file": scored.rules.name},
        "totals": {name: scored.totals[name] for name in ("tree_total", "adjustment", "total_raw", "total", "max_star")},
        "nodes": scored.nodes,
        **judged_document(scored.judged),
        "models": [vars(each) for each in _models(kind)],
    }
    if kind == TOTAL:
        document["leaves"] = [_leaf_document(leaf, scored) for leaf in leaves(scored)]
    if kind == RANK:
        document["ranks"] = [vars(each) | {"compared": [vars(one) for one in each.compared]} for each in places(scored)]
    if kind == STARS:
        document["stars"] = [vars(each) | {"steps": [vars(step) for step in each.steps]} for each in stars(scored)]
    return document


def _leaf_document(leaf: Leaf, scored: Scored) -> dict[str, Any]:
    return vars(leaf) | {"trace": leaf.command(scored.edition, scored.region)}
