"""One side of a comparison: an edition's cells and everything that they were made from, whether published or about to be.

Here: reading it from a folder or from what publishing has read. Not here: comparing (revisions).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.editions.schema import MANIFEST
from pipelines.editions.sources import Sources

Key = tuple[str, str, str]
Cell = tuple[float | None, str]
STANDING = {"total": "total", "rank": "rank_province", "stars": "stars"}
"""What a ruleset publishes of a county, as revisions name it (`<ruleset>/total`), with its column of the ranking."""


@dataclass(frozen=True)
class Side:
    """An edition of a quarter.

    `cells`: (region, indicator, period) -> value and status; totals, ranks and stars stand among them under `<ruleset>/<what>`.
    `deliveries`: (quarter, feed) -> SHA-256; `rulesets`: name -> version and hash; `definitions`: indicator -> hash of its
    catalogue row; `divisions`: hash of the division table; `code` as the manifest writes it.
    """

    quarter: str
    edition: str
    cells: dict[Key, Cell]
    deliveries: dict[tuple[str, str], str]
    rulesets: dict[str, str]
    definitions: dict[str, str]
    divisions: str
    code: dict[str, Any]


def side_of_folder(folder: Path) -> Side:
    """A published edition."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    indicators, ranking = (pq.read_table(folder / f"{name}.parquet") for name in ("indicators", "ranking"))
    made_by = manifest.get("definitions", {"indicators": {}, "divisions": ""})
    return Side(
        manifest["quarter"],
        manifest["edition"],
        _cells(indicators, ranking, manifest["quarter"]),
        {(each["quarter"], each["feed"]): each["sha256"] for each in [*manifest["deliveries"], *manifest.get("earlier_deliveries", [])]},
        _rulesets((each["id"], each["version"], each["sha256"]) for each in manifest["rulesets"]),
        made_by["indicators"],
        made_by["divisions"],
        manifest["code"],
    )


def side_of_sources(sources: Sources, edition: str, code: dict[str, Any]) -> Side:
    """What is about to be published."""
    return Side(
        sources.quarter,
        edition,
        _cells(sources.tables["indicators"], sources.tables["ranking"], sources.quarter),
        {(each.quarter, each.feed): each.sha256 for each in [*sources.deliveries, *sources.earlier_deliveries]},
        _rulesets((each.id, each.version, each.sha256) for each in sources.rulesets),
        sources.definitions,
        sources.divisions,
        code,
    )


def _rulesets(used: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {name: f"{version} ({sha256[:12]})" for name, version, sha256 in used}


def _cells(indicators: pa.Table, ranking: pa.Table, quarter: str) -> dict[Key, Cell]:
    cells = {(row["region_code"], row["indicator"], row["period"]): (row["value"], row["status"]) for row in indicators.to_pylist()}
    for row in ranking.to_pylist():
        name = row["ruleset"].split("/")[0]
        for what, column in STANDING.items():
            value = row[column]
            cells[row["region_code"], f"{name}/{what}", quarter] = (None if value is None else float(value), "value")
    return cells
