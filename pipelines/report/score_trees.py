"""Score trees: what each ruleset gave a county, node by node, as the board's script draws it.

Here: a tree per ruleset with texts and figures of every county. Not here: the ranking, layout.
"""

from __future__ import annotations

import math
from typing import Any

from pipelines.report.content import Board, Row, shown


def score_trees(board: Board) -> list[Row]:
    """A tree per ruleset in the order of the listings.

    Its `regions` hold county -> node -> texts of score, effective weight and points, then weight and points as numbers for the chart;
    `means` hold node -> mean points of the counties that have some, of all and, under `city` and `peers`, of each group.
    """
    return [_score_tree(board, listing.ruleset) for listing in board.listings]


def _score_tree(board: Board, ruleset: str) -> Row:
    names: dict[str, str] = {}
    by_region: dict[str, dict[str, list[Any]]] = {}
    points: dict[str, dict[str, float]] = {}
    for row in board.scores:
        if row["ruleset"] == ruleset:
            names[row["node"]] = board.node_name(row["node"])
            texts = [shown(row["score"], 4), shown(row["weight_effective"], 2), shown(row["points"], 2)]
            by_region.setdefault(row["region_code"], {})[row["node"]] = [*texts, row["weight_effective"], row["points"]]
            if row["points"] is not None:
                points.setdefault(row["node"], {})[row["region_code"]] = row["points"]
    cities = {row["region_code"]: row["city_name"] or "" for row in board.ranking}
    peers = {region: group for (name, region), group in board.peers.items() if name == ruleset}
    means = {
        "all": {node: _mean(list(of_node.values())) for node, of_node in points.items()},
        "city": _means_by(points, cities),
        "peers": _means_by(points, peers),
    }
    tree = [[entry["node"], entry["depth"], entry["is_leaf"]] for entry in _in_order(board, ruleset)]
    return {"title": board.rules_title(ruleset), "names": names, "regions": by_region, "means": means, "tree": tree, "peers": peers}


def _means_by(points: dict[str, dict[str, float]], groups: dict[str, str]) -> dict[str, dict[str, str]]:
    means: dict[str, dict[str, str]] = {}
    for group in sorted(set(groups.values())):
        for node, of_node in points.items():
            members = [value for region, value in of_node.items() if groups.get(region) == group]
            if members:
                means.setdefault(group, {})[node] = _mean(members)
    return means


def _mean(points: list[float]) -> str:
    return shown(math.fsum(points) / len(points), 2)


def leaves(board: Board, ruleset: str) -> set[str]:
    """The nodes of a ruleset that have none below them."""
    return {entry["node"] for entry in _in_order(board, ruleset) if entry["is_leaf"]}


def _in_order(board: Board, ruleset: str) -> list[Row]:
    """The nodes of a ruleset in the order of its tree, with `depth` and `is_leaf`."""
    rules = board.description(ruleset)
    below: dict[str | None, list[Row]] = {}
    for entry in rules["nodes"] if rules else []:
        below.setdefault(entry["parent"], []).append(entry)

    def walk(parent: str | None, depth: int) -> list[Row]:
        found = []
        for entry in below.get(parent, []):
            found.append(entry | {"depth": depth, "is_leaf": entry["node"] not in below})
            found += walk(entry["node"], depth + 1)
        return found

    return walk(None, 0)
