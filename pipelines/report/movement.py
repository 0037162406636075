"""Why a county moved: its points now against the quarter before, node by node, under rulesets of the same family.

Here: the differences, those of scores and those of weights apart. Not here: what of them rules and the others brought (`i315 explain`),
layout.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pipelines.quarters import Quarter
from pipelines.report.content import Board, Past, Row, shown
from pipelines.report.listings import Listing, listings
from pipelines.report.score_trees import leaves

DECIMALS = 2


@dataclass(frozen=True)
class Weighed:
    """The points of a node and its effective weight."""

    points: float | None = None
    weight: float | None = None

    @property
    def score(self) -> float | None:
        """Points by weight."""
        return self.points / self.weight if self.points is not None and self.weight else None


_NOISE = 1e-9


def movements(board: Board) -> list[Row | None]:
    """Per listing: `ruleset` of the quarter before and `regions`; none if that quarter was not scored by the family.

    A county has `total`, `rank` and `stars` as [before, now], `nodes` as [node, before, now, change as text, change, of it by the
    score, by the weight]: the leaves of both trees, the greatest change first, those without any left out; and a `sentence`.
    """
    before = str(Quarter.parse(board.quarter).plus(-1))
    past = next((each for each in board.past if each.quarter == before), None)
    return [_of_listing(board, listing, past) for listing in board.listings]


def _of_listing(board: Board, listing: Listing, past: Past | None) -> Row | None:
    family = listing.ruleset.partition("/")[0]
    earlier = next((each for each in listings(past.ranking) if each.ruleset.partition("/")[0] == family), None) if past else None
    if past is None or earlier is None:
        return None
    now, then = _points(board.scores, listing.ruleset), _points(past.scores, earlier.ruleset)
    ranked_then = {row["region_code"]: row for row in earlier.rows}
    # A leaf of the old tree that the new one lacks counts too: its points went away.
    gone = {node for nodes in then.values() for node in nodes} - {node for nodes in now.values() for node in nodes}
    counted = leaves(board, listing.ruleset) | {node for node in gone if node in board.indicator_names}
    regions = {
        row["region_code"]: {
            "total": [shown(old["total"], DECIMALS), shown(row["total"], DECIMALS)],
            "rank": [old[earlier.place], row[listing.place]],
            "stars": [old["stars"], row["stars"]],
            "nodes": [_row(*change) for change in changes],
            "sentence": _sentence(changes),
        }
        for row in listing.rows
        if (old := ranked_then.get(row["region_code"])) is not None
        for changes in [_changes(then.get(row["region_code"], {}), now.get(row["region_code"], {}), counted)]
    }
    return {"ruleset": earlier.ruleset, "regions": regions}


def _points(scores: list[Row], ruleset: str) -> dict[str, dict[str, Weighed]]:
    found: dict[str, dict[str, Weighed]] = {}
    for row in scores:
        if row["ruleset"] == ruleset:
            found.setdefault(row["region_code"], {})[row["node"]] = Weighed(row["points"], row["weight_effective"])
    return found


def _changes(then: dict[str, Weighed], now: dict[str, Weighed], counted: set[str]) -> list[tuple[str, Weighed, Weighed, float]]:
    """Each leaf whose points changed, before and now, with the part of the change that its weight brought; the greatest change first."""
    pairs = [(node, then.get(node, Weighed()), now.get(node, Weighed())) for node in sorted(counted)]
    changes = [(node, old, new, _of_weight(old, new)) for node, old, new in pairs if abs(_change(old, new)) > _NOISE]
    return sorted(changes, key=lambda each: (-abs(_change(*each[1:3])), each[0]))


def _change(old: Weighed, new: Weighed) -> float:
    return (new.points or 0.0) - (old.points or 0.0)


def _row(node: str, old: Weighed, new: Weighed, of_weight: float) -> list[Any]:
    change = _change(old, new)
    points = (shown(old.points, DECIMALS), shown(new.points, DECIMALS))
    return [node, *points, signed(change), round(change, 6), signed(change - of_weight), signed(of_weight)]


def _of_weight(old: Weighed, new: Weighed) -> float:
    """What a change of weight alone brought: it times the mean score; an indicator in force on one side only has its score there."""
    scores = [score for score in (old.score, new.score) if score is not None]
    return ((new.weight or 0.0) - (old.weight or 0.0)) * (sum(scores) / len(scores)) if scores else 0.0


def _sentence(changes: list[tuple[str, Weighed, Weighed, float]]) -> str:
    """What moved the total, in one sentence."""
    if not changes:
        return "各项得分未变。"
    change, of_weights = math.fsum(_change(old, new) for _, old, new, _ in changes), math.fsum(each[3] for each in changes)
    parts = f"得分率变化 {signed(change - of_weights)} 分，权重变化（年度指标进出、规则调整）{signed(of_weights)} 分"
    return f"各项得分合计变动 {signed(change)} 分：{parts}。"


def signed(change: float, decimals: int = DECIMALS) -> str:
    """A change with its sign; one that rounds to nothing has none."""
    text = shown(change, decimals)
    return f"+{text}" if change > 0 and text.strip("0.") else text
