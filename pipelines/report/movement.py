"""Why a county moved: its points now against the quarter before, node by node, under rulesets of the same family.

Here: the differences. Not here: how much of them is due to data, rules or the others (`i315 explain`), layout.
"""

from __future__ import annotations

from typing import Any

from pipelines.quarters import Quarter
from pipelines.report.content import Board, Past, Row, shown
from pipelines.report.listings import Listing, listings
from pipelines.report.score_trees import leaves

DECIMALS = 2
_NOISE = 1e-9


def movements(board: Board) -> list[Row | None]:
    """Per listing: `ruleset` of the quarter before and `regions`; none if that quarter was not scored by the family.

    A county has `total`, `rank` and `stars` as [before, now] and `nodes` as [node, before, now, change as text, change]: the leaves of
    both trees, the greatest change first, those without any left out.
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
            "nodes": _changes(then.get(row["region_code"], {}), now.get(row["region_code"], {}), counted),
        }
        for row in listing.rows
        if (old := ranked_then.get(row["region_code"]))
    }
    return {"ruleset": earlier.ruleset, "regions": regions}


def _points(scores: list[Row], ruleset: str) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for row in scores:
        if row["ruleset"] == ruleset:
            found.setdefault(row["region_code"], {})[row["node"]] = row["points"]
    return found


def _changes(then: dict[str, float | None], now: dict[str, float | None], counted: set[str]) -> list[list[Any]]:
    changes = []
    for node in sorted(counted):
        old, new = then.get(node), now.get(node)
        change = (new or 0.0) - (old or 0.0)
        if abs(change) > _NOISE:
            changes.append((node, shown(old, DECIMALS), shown(new, DECIMALS), signed(change), change))
    changes.sort(key=lambda each: (-abs(each[4]), each[0]))
    return [[node, old, new, text, round(change, 6)] for node, old, new, text, change in changes]


def signed(change: float, decimals: int = DECIMALS) -> str:
    """A change with its sign; one that rounds to nothing has none."""
    text = shown(change, decimals)
    return f"+{text}" if change > 0 and text.strip("0.") else text
