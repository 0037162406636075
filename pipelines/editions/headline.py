"""The first lines that a person sees of an edition: the head of the ranking and where the board lies."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from pipelines.editions.schema import MANIFEST
from pipelines.report.listings import Row, listings

SHOWN = 10
PLACES = ("rank_province", "rank_city")


def headline(folder: Path) -> list[str]:
    """Lines for the terminal from an edition's folder: each ruleset with rank, county, city, total, stars of its first; the board."""
    rulesets = json.loads((folder / MANIFEST).read_bytes())["rulesets"]
    illustrative = {f"{each['id']}/{each['version']}" for each in rulesets if each["is_illustrative"]}
    lines = []
    for listing in listings(_ranking(folder)):
        warning = "（示意权重 illustrative weights）" if listing.ruleset in illustrative else ""
        lines.append(f"{listing.ruleset} {listing.scope}{warning}")
        for row in listing.rows[:SHOWN]:
            place = "  —" if row[listing.place] is None else f"{row[listing.place]:3d}"
            lines.append(f"  {place}  {row['region_name']} {row['city_name']}  {row['total']}  {'★' * int(row['stars'] or 0)}")
    return [*lines, f"board: {folder / 'board.html'}"]


def _ranking(folder: Path) -> list[Row]:
    """The published ranking with its places as numbers."""
    with (folder / "ranking.csv").open(encoding="utf-8-sig", newline="") as handle:
        return [row | {place: int(row[place]) if row[place] else None for place in PLACES} for row in csv.DictReader(handle)]
