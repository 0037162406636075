"""From the scores of indicators to the totals of every draw: the tree of scoring.md 2.2, no. 7 and 8, over whole arrays.

Here: combining children, absent children, filled branches, changed weights. Not here: where scores and weights come from.
Arrays are [draws, units], with one row where all draws are alike; NaN is absent. With no weight changed the result is that of
models/scoring/score_nodes.sql.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from pipelines.robustness.scored import Ints, Scored
from pipelines.rulesets.compared import Floats
from pipelines.rulesets.parameters import Row
from pipelines.rulesets.tree import UNWEIGHTED

LEAST_SCORE = 0.01
"""What a score counts at least where a mean takes its logarithm or inverse: scoring.md 2.2, no. 8 (`to: [0.01, 1]`)."""


@dataclass(frozen=True)
class _Node:
    """A node in all draws: `y`, whether a unit has it by its own values, and the weight that it carries under its parent."""

    y: Floats
    has_own: np.ndarray
    weight: Floats
    leaf_points: Floats


class Tree:
    """The tree of one ruleset; `combine` replaces the combination of every node that is no formula (`None`: as ruled)."""

    def __init__(self, scored: Scored, combine: str | None = None) -> None:
        self.scored = scored
        self.combine = combine
        self.within_tree = scored.head["redistribute_within"] == "tree"
        nodes = sorted(scored.rules["rule_node"], key=lambda node: node["ordinal"])
        self.root = nodes[0]
        self.children: dict[str, list[Row]] = {}
        for node in nodes[1:]:
            self.children.setdefault(node["parent"], []).append(node)
        self.column = {leaf: number for number, leaf in enumerate(scored.leaves)}
        self.flat = self._flat_weights()

    def nodes(self, y: Floats, factors: Floats) -> dict[str, Floats]:
        """`y` of every node [draws, units]; `y` is [units, leaves], or [draws, units, leaves] where scores vary too.

        `factors` [draws, leaves] multiplies the leaves' weights.
        """
        return {name: node.y for name, node in self._nodes(y, factors).items()}

    def floored(self, nodes: dict[str, Floats]) -> np.ndarray:
        """In which draws a unit has a score that was raised, because a mean took its logarithm, inverse or power [draws, units]."""
        found = np.zeros(nodes[self.root["node"]].shape, dtype=bool)
        for node in self.scored.rules["rule_node"]:
            how = "leaf" if node["is_leaf"] else self._how(node)
            if how in ("geometric", "harmonic", "power"):
                for child in self.children[node["node"]]:
                    found |= nodes[child["node"]] < _least(how, node)
        return found

    def effective_points(self, y: Floats) -> dict[str, Floats]:
        """Points that every node carries [1, units] under the ruled weights, as models/scoring/score_weights.sql gives them."""
        nodes = self._nodes(y, np.ones((1, len(self.column))))
        points: dict[str, Floats] = {self.root["node"]: np.full_like(nodes[self.root["node"]].y, self.scored.head["scale"])}
        for parent, children in sorted(self.children.items(), key=lambda item: int(item[1][0]["depth"])):
            carried = [nodes[child["node"]].leaf_points if self.within_tree else nodes[child["node"]].weight for child in children]
            present = [np.where(np.isnan(nodes[child["node"]].y), 0.0, weight) for child, weight in zip(children, carried, strict=True)]
            if children[0]["factor"] is not None:
                is_complete = reduce(np.logical_and, [weight > 0 for weight in present])
                present = [np.where(is_complete, weight, 0.0) for weight in present]
            with np.errstate(invalid="ignore", divide="ignore"):
                points |= {child["node"]: points[parent] * w / sum(present) for child, w in zip(children, present, strict=True)}
        return points

    def _nodes(self, y: Floats, factors: Floats) -> dict[str, _Node]:
        found: dict[str, _Node] = {}
        self._node(self.root, y, factors, found)
        return found

    def _flat_weights(self) -> dict[str, float]:
        """Each leaf's part of the whole under the ruled weights; they add up to one."""
        flat: dict[str, float] = {}

        def walk(node: Row, part: float) -> None:
            if node["is_leaf"]:
                flat[node["node"]] = part
                return
            weights = [1.0 if node["combine"] in UNWEIGHTED else child["weight"] for child in self.children[node["node"]]]
            for child, weight in zip(self.children[node["node"]], weights, strict=True):
                walk(child, part * weight / sum(weights))

        walk(self.root, 1.0)
        return flat

    def _factor(self, node: Row, factors: Floats) -> Floats:
        """How much the weight of a node changes in each draw [draws]: as the weights of all leaves below it together."""
        leaves = self._leaves(node)
        whole = sum(self.flat[leaf] for leaf in leaves)
        change = np.zeros(len(factors))
        for leaf in leaves:
            change += self.flat[leaf] / whole * factors[:, self.column[leaf]]
        return change

    def _leaves(self, node: Row) -> list[str]:
        if node["is_leaf"]:
            return [node["node"]]
        return [leaf for child in self.children[node["node"]] for leaf in self._leaves(child)]

    def _node(self, node: Row, y: Floats, factors: Floats, found: dict[str, _Node]) -> _Node:
        points = np.nan if node["points"] is None else node["points"]
        if node["is_leaf"]:
            changed = factors[:, self.column[node["node"]], None]
            score = np.atleast_2d(y[..., self.column[node["node"]]])
            found[node["node"]] = _Node(score, ~np.isnan(score), node["weight"] * changed, points * changed)
            return found[node["node"]]
        children = [self._node(child, y, factors, found) for child in self.children[node["node"]]]
        combined = np.where(self.scored.is_covered, self._combined(node, children), np.nan)
        has_own = reduce(np.logical_or, [~np.isnan(child.y) & child.has_own for child in children])
        if node["n_factors"] is not None:
            has_own = has_own & ~np.isnan(combined)
        if node["rescale_over"] is not None:
            combined = _rescaled(combined, has_own, self.scored.groups[node["rescale_over"]])
        if node["fill_over"] is not None:
            filled = _filled(combined, has_own, self.scored.groups[node["fill_over"]])
            combined = np.where(self.scored.is_covered, filled, np.nan)
        weight = node["weight"] * self._factor(node, factors)[:, None]
        found[node["node"]] = _Node(combined, has_own, weight, self._leaf_points(children, points))
        return found[node["node"]]

    def _leaf_points(self, children: list[_Node], points: float) -> Floats:
        if not self.within_tree:
            return np.asarray(np.nan)
        total = sum(np.where(np.isnan(child.y), 0.0, child.leaf_points) for child in children)
        return np.where(reduce(np.logical_and, [np.isnan(child.y) for child in children]), points, total)

    def _how(self, node: Row) -> str:
        return str(node["combine"] if node["combine"] == "formula" else self.combine or node["combine"])

    def _combined(self, node: Row, children: list[_Node]) -> Floats:
        how = self._how(node)
        weights = [child.leaf_points if self.within_tree else child.weight for child in children]
        scores = [child.y for child in children]
        if how in ("weighted_sum", "arithmetic"):
            return _mean(scores, weights)
        if how == "geometric":
            return np.exp(_mean([np.log(np.maximum(score, _least(how, node))) for score in scores], weights))
        if how == "harmonic":
            return 1 / _mean([1 / np.maximum(score, _least(how, node)) for score in scores], weights)
        if how == "power":
            return _mean([np.maximum(score, _least(how, node)) ** node["power"] for score in scores], weights) ** (1 / node["power"])
        stacked = np.stack(np.broadcast_arrays(*scores))
        if how == "min":
            return np.fmin.reduce(stacked)
        if how == "formula":
            return _product(self.children[node["node"]], scores)
        if how == "kth_worst":
            return np.fmax.reduce(np.sort(stacked, axis=0)[: node["worst_k"]])
        if how == "worst_k":
            return _worst(stacked, node["worst_k"])
        return _mpi(stacked, node["mpi_sign"], node["mpi_population"])


def _least(how: str, node: Row) -> float:
    return 0.0 if how == "power" and node["power"] > 0 else LEAST_SCORE


def _mean(scores: list[Floats], weights: list[Floats]) -> Floats:
    """The weighted mean of those that are there, added in the order of the tree."""
    shape = np.broadcast_shapes(*(score.shape for score in scores), *(weight.shape for weight in weights))
    total, weighed = np.zeros(shape), np.zeros(shape)
    for score, weight in zip(scores, weights, strict=True):
        there = ~np.isnan(score)
        total += np.where(there, score, 0.0) * weight
        weighed += there * weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weighed > 0, total / weighed, np.nan)


def _product(factors: list[Row], scores: list[Floats]) -> Floats:
    """The product of the factors as the formula takes them; none where one is absent."""
    found: Floats = np.asarray(1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        for factor, score in sorted(zip(factors, scores, strict=True), key=lambda pair: int(pair[0]["factor"])):
            part = 1 - score if factor["is_complement"] else score
            found = found / part if factor["is_divisor"] else found * part
    return np.where(np.isfinite(found), found, np.nan)


def _rescaled(y: Floats, has_own: np.ndarray, group: Ints) -> Floats:
    """Scores as parts of the best one of their peers; none where that is not above zero."""
    found = np.full(y.shape, np.nan)
    for code in range(group.max() + 1):
        members = np.flatnonzero(group == code)
        own = np.where(has_own[:, members], y[:, members], np.nan)
        best = np.fmax.reduce(own, axis=1)[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            found[:, members] = np.where(best > 0, y[:, members] / best, np.nan)
    return found


def _worst(stacked: Floats, k: int) -> Floats:
    ordered = np.sort(stacked, axis=0)[:k]
    count = (~np.isnan(ordered)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, np.nansum(ordered, axis=0) / count, np.nan)


def _mpi(stacked: Floats, sign: int, is_population: bool) -> Floats:
    there = ~np.isnan(stacked)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(stacked, axis=0) / count
        squares = np.nansum((stacked - mean) ** 2, axis=0)
        variance = squares / (count if is_population else np.maximum(count - 1, 1))
        return np.where((count > 0) & (mean > 0), mean + sign * variance / mean, np.nan)


def _filled(y: Floats, has_own: np.ndarray, group: Ints) -> Floats:
    """Units without the branch take the mean of the peers that have it by their own values."""
    filled = y.copy()
    for code in range(group.max() + 1):
        members = np.flatnonzero(group == code)
        own = has_own[:, members] & ~np.isnan(y[:, members])
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(own, y[:, members], 0.0).sum(axis=1) / own.sum(axis=1)
        filled[:, members] = np.where(np.isnan(y[:, members]), mean[:, None], y[:, members])
    return filled
