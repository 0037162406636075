"""The data block of the board: what its scripts draw from.

Here: putting together display texts made in Python, so that rounding happens once and in decimal. Not here: how each part is found.
"""

from __future__ import annotations

from typing import Any

from pipelines.report.columns import Column, columns, heading, places, rank_text
from pipelines.report.content import FEEDS, FLAGS, SEVERITY, STATUS, Board, Row, shown
from pipelines.report.counties import counties, medians
from pipelines.report.listings import Listing
from pipelines.report.movement import movements
from pipelines.report.programmes import programmes
from pipelines.report.score_trees import score_trees
from pipelines.report.tile_map import tile_map
from pipelines.report.trends import trends

_STATE_LETTER = {"value": "", "not_published": "n", "missing": "m", "not_applicable": "a", "withheld": "w"}


def board_data(board: Board) -> Row:
    """Everything that the scripts show, as it goes into the page."""
    listed = columns(board)
    return {
        "quarter": board.quarter,
        "columns": [heading(board, column) for column in listed],
        "regions": _regions(board, listed),
        "peers": {"of": board.leading_peers, "medians": medians(board, listed)},
        "listings": [_listed(board, listing) for listing in board.listings],
        "trees": score_trees(board),
        "moved": movements(board),
        "trends": trends(board, listed),
        "map": tile_map(board, listed),
        "programmes": programmes(board, listed),
        "counties": counties(board, listed),
        "findings": [_finding(row) for row in board.open_findings],
        "feeds": FEEDS,
        "states": {letter: STATUS[state] for state, letter in _STATE_LETTER.items()},
    }


def _regions(board: Board, listed: list[Column]) -> dict[str, Row]:
    """Region -> name, city, level, and per column [text, state, flags, place, place among peers]; trailing empty texts are left out."""
    place = {(column.code, column.period): number for number, column in enumerate(listed)}
    regions: dict[str, Row] = {}
    for row in board.indicators:
        region = regions.setdefault(
            row["region_code"],
            {"name": row["region_name"], "city": row["city_name"] or "", "level": row["level"], "cells": [None] * len(listed)},
        )
        number = place.get((row["indicator"], row["period"]))
        if number is not None:
            text = shown(row["value"], listed[number].decimals) if row["status"] == "value" else STATUS[row["status"]]
            region["cells"][number] = [text, _STATE_LETTER[row["status"]], FLAGS.get(row["flags"], row["flags"] or ""), "", ""]
    among_all = {code for code, region in regions.items() if region["level"] == "c"}
    groups = [{code for code, of in board.leading_peers.items() if of == group} for group in sorted(set(board.leading_peers.values()))]
    for number, column in enumerate(listed):
        for position, members in [(3, among_all), *((4, group) for group in groups)]:
            for code, text in _places(column, members).items():
                regions[code]["cells"][number][position] = text
    for region in regions.values():
        region["cells"] = [_without_tail(cell) for cell in region["cells"]]
    return regions


def _places(column: Column, members: set[str]) -> dict[str, str]:
    shown_values = column.as_shown(members)
    of, withheld = len(shown_values), len(column.withheld & members)
    ranks = places(shown_values, is_down=column.is_down)
    return {code: rank_text(rank, of, withheld) if of > 1 else "" for code, rank in ranks.items()}


def _without_tail(cell: list[Any] | None) -> list[Any] | None:
    while cell and not cell[-1]:
        cell = cell[:-1]
    return cell


def _listed(board: Board, listing: Listing) -> Row:
    rows = [
        {"code": row["region_code"], "name": row["region_name"], "city": row["city_name"] or "", "total": row["total"]}
        | {"total_text": shown(row["total"], 2), "stars": row["stars"], "rank": row[listing.place], "change": row["rank_change"]}
        | {"low": row["rank_p05"], "median": row["rank_median"], "high": row["rank_p95"], "in_city": row["rank_city"]}
        | {"next": shown(row["margin_to_next_star"], 2), "lose": shown(row["margin_to_lose_star"], 2)}
        | {
            "five": shown(None if row["p_star_5"] is None else 100 * row["p_star_5"], 1),
            "band": board.bands.get((listing.ruleset, row["region_code"])),
        }
        for row in listing.rows
    ]
    return {"scope": listing.scope, "ruleset": listing.ruleset, "title": board.rules_title(listing.ruleset), "rows": rows}


def _finding(row: Row) -> list[str]:
    texts = [SEVERITY.get(row["severity"], row["severity"]), row["rule"], row["subject"], row["observed"], row["expected"]]
    return [text or "" for text in [*texts, row["reason"], row["waiver"]]] + [row["severity"]]
