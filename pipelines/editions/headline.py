"""The first lines that a person sees of an edition: the head of the ranking and where the board lies."""

from __future__ import annotations

import csv
from pathlib import Path

SHOWN = 10


def headline(folder: Path) -> list[str]:
    """Lines for the terminal from an edition's folder: rank, county, city, total, stars of the first counties; the board's path."""
    with (folder / "ranking.csv").open(encoding="utf-8-sig", newline="") as handle:
        ranking = [row for row in csv.DictReader(handle) if row["rank_province"]]
    lines = []
    for ruleset in sorted({row["ruleset"] for row in ranking}):
        ranked = sorted((row for row in ranking if row["ruleset"] == ruleset), key=lambda row: float(row["rank_province"]))
        lines.append(f"{ruleset} (illustrative weights)")
        for row in ranked[:SHOWN]:
            stars = "★" * int(float(row["stars"] or 0))
            lines.append(f"  {float(row['rank_province']):3.0f}  {row['region_name']} {row['city_name']}  {row['total']}  {stars}")
    return [*lines, f"board: {folder / 'board.html'}"]
