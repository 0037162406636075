"""From totals to places and stars, for many draws at once: scoring.md 2.2, no. 9 to 11, over whole arrays.

Here: clamp, rounding, rankings with ties and peers, star rules with guards and vetoes. Not here: the tree, what is drawn.
Arrays are [draws, units]; NaN is "has none". One row of totals as published gives the places and stars as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipelines.robustness.scored import Scored
from pipelines.robustness.tree import Tree
from pipelines.rulesets.compared import Floats, at_dp, places, rounded
from pipelines.rulesets.parameters import Row


@dataclass(frozen=True)
class Totals:
    """Totals of many draws before and after rounding, with the nodes' scores that guards and tie breaks ask for."""

    raw: Floats
    rounded: Floats
    nodes: dict[str, Floats]


class Standing:
    """The rules of one ruleset from the tree's score to places and stars."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.dp = int(scored.head["compare_dp"])
        self.ranks = {row["rank_id"]: row for row in scored.rules["rule_rank"]}

    @property
    def headline_rank(self) -> str | None:
        """The ranking that intervals are given for: the first one by the total itself."""
        return next((name for name, row in self.ranks.items() if row["measure"] == "total"), None)

    @property
    def headline_star(self) -> Row | None:
        """The star rule whose probabilities are given: the first one."""
        return min(self.scored.rules["rule_star"], key=lambda row: int(row["ordinal"]), default=None)

    def totals(self, nodes: dict[str, Floats], root: str, shift: Floats | float = 0.0) -> Totals:
        """Totals from the nodes' scores, adjustments and the clamp; `shift` are points added before the clamp."""
        head = self.scored.head
        raw = head["scale"] * nodes[root] + self.scored.adjustment + shift
        low, high = head.get("total_low"), head.get("total_high")
        if low is not None:
            raw = np.where(self.at(raw) <= self.at(low), low, raw)
        if high is not None:
            raw = np.where(self.at(raw) >= self.at(high), high, raw)
        return Totals(raw, self.rounded(raw), nodes)

    def at(self, x: Floats | float) -> Floats:
        """A value as it is compared, at the ruleset's number of decimals."""
        return at_dp(x, self.dp)

    def rounded(self, raw: Floats) -> Floats:
        """The total as the ruleset rounds it (half_up or half_even of the compared value)."""
        decimals = self.scored.head.get("total_round")
        if decimals is None:
            return raw
        return rounded(self.at(raw), self.dp, decimals, self.scored.head["rounding"]) / 10.0**decimals

    def places(self, totals: Totals, rank_id: str) -> Floats:
        """The places of one ranking; units without a total or a base have none."""
        rule = self.ranks[rank_id]
        measure = totals.rounded if rule["basis"] == "rounded" else totals.raw
        if rule["measure"] == "node":
            measure = self._shown(totals, rule["node"])
        if rule["measure"] == "change":
            measure = measure - self.scored.base_totals[rank_id]
        keys = [(-1.0 if rule["is_descending"] else 1.0) * self.at(measure), *self._breaks(totals, rank_id)]
        group = self.scored.groups[rule["peer_group"]]
        found = np.full(measure.shape, np.nan)
        for code in range(group.max() + 1):
            members = np.flatnonzero(group == code)
            found[:, members] = places([np.broadcast_to(key, measure.shape)[:, members] for key in keys], rule["ties"])
        return found

    def _breaks(self, totals: Totals, rank_id: str) -> list[Floats]:
        rules = [row for row in self.scored.rules["rule_tie_break"] if row["rank_id"] == rank_id]
        keys = []
        names = [row["tie_break"] for row in sorted(rules, key=lambda row: int(row["ordinal"]))]
        for name in names:
            if name == "unit":
                continue
            key = -self.at(totals.raw if name == "total_raw" else totals.nodes[name])
            keys.append(np.where(np.isnan(key), np.inf, key))
        if "unit" in names:
            keys.append(np.arange(len(self.scored.units), dtype=float))
        return keys

    def stars(self, totals: Totals, rule: Row) -> Floats:
        """Stars after guards and vetoes, 0 where no cut is reached; none without a total (or, by share, without a place)."""
        cuts = [row for row in self.scored.rules["rule_cut"] if row["star_id"] == rule["star_id"]]
        if rule["kind"] == "share":
            place = self.places(totals, rule["rank_id"])
            n_ranked = self._ranked(place, rule["rank_id"])
            reached = [(row["star"], place <= np.ceil(n_ranked * row["share_numerator"] / row["share_denominator"])) for row in cuts]
            has_none = np.isnan(place)
        else:
            basis = totals.rounded if rule["basis"] == "rounded" else totals.raw
            if rule["node"] is not None:
                basis = self._shown(totals, rule["node"]) * self._scale(rule["node"])
            has_none = np.isnan(basis)
            basis = self.at(basis)
            least = 0 if rule["is_closed_left"] else 1
            reached = [(row["star"], basis - self.at(row["cut"]) >= least) for row in cuts]
        best = np.zeros(totals.raw.shape)
        for star, is_reached in reached:
            best = np.where(is_reached, np.maximum(best, star), best)
        guards = [row for row in self.scored.rules["rule_guard"] if row["star_id"] == rule["star_id"]]
        highest = np.where(np.isnan(self.scored.max_star), 5.0, self.scored.max_star) + np.zeros(best.shape)
        for guard in guards:
            fails = (best >= guard["star"]) & ~self._holds(guard, totals)
            highest = np.where(fails, np.minimum(highest, guard["else_star"]), highest)
        return np.where(has_none, np.nan, np.minimum(best, highest))

    def _holds(self, guard: Row, totals: Totals) -> np.ndarray:
        if guard["need"] == "rank":
            place = self.places(totals, guard["rank_id"])
            if guard.get("max_rank") is not None:
                return np.asarray(place <= guard["max_rank"])
            n_ranked = self._ranked(place, guard["rank_id"])
            return np.asarray(place <= np.ceil(n_ranked * guard["share_numerator"] / guard["share_denominator"]))
        if guard["need"] == "score":
            score = totals.nodes[guard["node"]] * self._scale(guard["node"])
            return np.asarray(self.at(score) >= self.at(guard["at_least"]))
        return np.asarray(self.at(totals.rounded) >= self.at(guard["at_least"]))

    def _shown(self, totals: Totals, node: str) -> Floats:
        """A node's scores of the units that have a total; none where an indicator's value is withheld."""
        score = np.where(np.isnan(totals.raw), np.nan, totals.nodes[node])
        if node in self.scored.leaves:
            score = np.where(self.scored.is_withheld[:, self.scored.leaves.index(node)], np.nan, score)
        return score

    def _scale(self, name: str) -> Floats:
        """By unit what a node's score is a part of in `scores.csv`: `out_of`, the points of the root and of weighted sums, else 1.

        None where the node counts for nothing; drawn weights leave it as it is.
        """
        points = self._points[name]
        node = next(row for row in self.scored.rules["rule_node"] if row["node"] == name)
        is_sum = not node["is_leaf"] and (node["combine"] == "weighted_sum" or node["parent"] is None)
        scale = node["out_of"] if node["out_of"] is not None else points if is_sum else 1.0
        return np.where(points > 0, scale, np.nan)

    @cached_property
    def _points(self) -> dict[str, Floats]:
        return Tree(self.scored).effective_points(self.scored.y)

    def _ranked(self, place: Floats, rank_id: str) -> Floats:
        group = self.scored.groups[self.ranks[rank_id]["peer_group"]]
        counts = np.zeros(place.shape)
        for code in range(group.max() + 1):
            members = np.flatnonzero(group == code)
            counts[:, members] = (~np.isnan(place[:, members])).sum(axis=1, keepdims=True)
        return counts
