"""How far scores and totals can reach as far as a ruleset tells, so that thresholds on a wrong scale are refused.

Here: upper bounds, infinite where only the data know. Not here: lower bounds of geometric children (tree.py), the checks of values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.rulesets.parameters import Row, Rows
from pipelines.rulesets.section import Section

LOWEST_SCORE, HIGHEST_SCORE = -1.0, 1.5
"""What a rule may state as a score: a share of full points, with room for deductions and for half as much again on top."""
_BOUNDED = ("weighted_sum", "arithmetic", "geometric", "harmonic", "power", "min", "worst_k", "kth_worst")
_LEAST_SCALE = 4.0
"""From a scale of so many points on, a threshold of at most one is taken for a share."""


@dataclass(frozen=True)
class Reach:
    """The points of a full score, and the most that a total can have."""

    scale: float
    highest: float

    def check(self, section: Section, key: str, threshold: float, *, is_closed: bool = True) -> None:
        """Refuse a threshold on totals that is a share, or that no total reaches."""
        _refuse_share(section, key, threshold, self.scale)
        if threshold > self.highest or (threshold == self.highest and not is_closed):
            section.refuse(key, f"{threshold:g}, which no total reaches", f"at most {self.highest:g}, the highest total under these rules")


def reach_of(rows: Rows, head: Row) -> Reach:
    """The reach of the totals of a ruleset whose tree, adjustments and clamp have been read."""
    highest = head["scale"] * _highest_score(rows)
    for row in rows["rule_adjustment"]:
        if row.get("per_item") is not None and row["per_item"] > 0:
            highest += math.inf if row["cap"] is None else row["cap"]
    return Reach(head["scale"], min(highest, math.inf if head.get("total_high") is None else head["total_high"]))


def check_node_threshold(section: Section, key: str, threshold: float, node: Row, rows: Rows, reach: Reach) -> None:
    """Refuse a threshold that is not on the scale of the node's score in `scores.csv`: points of a weighted sum, else a share."""
    if node.get("out_of") is not None:
        _refuse_share(section, key, threshold, node["out_of"])
        most = node["out_of"] * _highest_score(rows)
    elif not node["is_leaf"] and (node["combine"] == "weighted_sum" or node["parent"] is None):
        points = reach.scale if node["parent"] is None else node["points"]
        _refuse_share(section, key, threshold, points if points is not None else reach.scale * node["weight"])
        most = reach.scale * _highest_score(rows)
    else:
        most = _highest_score(rows)
        if threshold > HIGHEST_SCORE:
            section.refuse(key, f"{threshold:g}", f"a share such as 0.9, the scale of {node['node']!r} in scores.csv")
    if threshold > most:
        section.refuse(key, f"{threshold:g}, which no score reaches", f"at most {most:g}, the highest score of {node['node']!r}")


def _refuse_share(section: Section, key: str, threshold: float, points: float) -> None:
    if 0 < threshold <= 1 and points >= _LEAST_SCALE:
        section.refuse(key, f"{threshold:g}", f"points on the scale of {points:g} (that of scores.csv and ranking.csv), not a share")


def _highest_score(rows: Rows) -> float:
    """The highest score of any indicator, which no mean of them exceeds."""
    if any(row["combine"] not in _BOUNDED for row in rows["rule_node"] if not row["is_leaf"]):
        return math.inf
    highest = max(_highest_of_component(row, rows) for row in rows["rule_component"])
    is_full = any("full_points" in (row["not_applicable"], row["not_published"], row["missing"]) for row in rows["rule_indicator"])
    is_rescaled = any(row.get("rescale_over") is not None for row in rows["rule_node"])
    return max(highest, 1.0) if is_full or is_rescaled else highest


def _highest_of_component(row: Row, rows: Rows) -> float:
    where = (row["indicator"], row["component"])
    scores = [each["y"] for table in ("rule_band", "rule_point") for each in rows[table] if (each["indicator"], each["component"]) == where]
    bounds = [row["clamp_high"]] if row.get("clamp_high") is not None else []
    if row["method"] in ("minmax", "rank", "percentile"):
        bounds.append(row["to_high"])
    if row["method"] == "given":
        bounds.append(HIGHEST_SCORE)
    if scores:
        bounds.append(max(scores))
    return max(min(bounds, default=math.inf), row.get("floor_share") or -math.inf)
