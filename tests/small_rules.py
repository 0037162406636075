"""Parameter tables of a made-up ruleset for tests: every leaf a percentile among its class, two star cuts with a guard."""

from __future__ import annotations

from typing import Any

from pipelines.rulesets.parameters import Rows, no_rows

Row = dict[str, Any]
_STATES = {"not_applicable": "redistribute", "not_published": "redistribute", "missing": "redistribute", "withheld": "use"}
_NO_TREATMENT = {"treat": "none", "treat_low": None, "treat_high": None, "ideal": None}


def rule_rows(told: Row, leaves: dict[str, float]) -> Rows:
    """The rows of the ruleset that `told` describes as a manifest does, with points per leaf."""
    key, rows = {"ruleset": f"{told['id']}/{told['version']}", "sha256": told["sha256"]}, no_rows()
    head = {"family": told["id"], "version": told["version"], "is_illustrative": True, "note": told["note"], "total_round": 2}
    bounds = {"valid_from": "2023Q1", "valid_to": None, "population": "city", "scale": 100.0, "total_low": None, "total_high": None}
    rows["rule_set"].append(key | head | bounds | {"redistribute_within": "siblings"})
    rows["rule_peer_group"].append(key | {"peer_group": "class", "membership": "class"})
    rows["rule_node"].append(key | _node(0, "total", None) | {"combine": "weighted_sum", "is_leaf": False, "points": 100.0})
    for number, (leaf, points) in enumerate(leaves.items()):
        rows["rule_node"].append(key | _node(number + 1, leaf, "total") | {"indicator": leaf, "is_leaf": True, "points": points})
        entry = {"ordinal": number, "indicator": leaf, "name": leaf, "unit": "", "direction": "up", "has_calendar": False}
        rows["rule_indicator"].append(key | entry | _STATES | _NO_TREATMENT | {"carry_quarters": None, "coverage_min": 0.8})
        rows["rule_component"].append(key | _component(leaf))
    rows["rule_rank"].append(key | _rank())
    rows["rule_star"].append(key | {"ordinal": 0, "star_id": "by_score", "kind": "score", "is_closed_left": True, "rank_id": None})
    rows["rule_cut"] += [key | {"star_id": "by_score", "star": star, "cut": cut} for star, cut in ((5, 80.0), (1, 0.0))]
    guard = {"star_id": "by_score", "ordinal": 0, "star": 5, "else_star": 4, "need": "total", "at_least": 85.0}
    rows["rule_guard"].append(key | guard)
    rows["rule_robustness"] += [key | _setting("draws", 10000.0), key | _setting("seed", 315.0), key | _setting("dirichlet", 160.0)]
    return rows


def _node(ordinal: int, node: str, parent: str | None) -> Row:
    return {
        "ordinal": ordinal,
        "node": node,
        "parent": parent,
        "depth": int(parent is not None),
        "indicator": None,
        "weight": None,
        "combine": None,
    }


def _component(indicator: str) -> Row:
    limits = {"min_base": None, "clamp_low": None, "clamp_high": None, "floor_share": None, "base": None}
    made = {"ordinal": 0, "indicator": indicator, "component": "level", "share": 1.0, "change": "level", "method": "percentile"}
    return made | limits | {"peer_group": "class", "to_low": 0.6, "to_high": 1.0}


def _rank() -> Row:
    made = {"ordinal": 0, "rank_id": "province", "measure": "total", "basis": "rounded", "is_descending": True}
    return made | {"peer_group": "all", "ties": "competition", "tie_breaks": ""}


def _setting(name: str, number: float) -> Row:
    return {"setting": name, "ordinal": 0, "text_value": None, "number_value": number}
