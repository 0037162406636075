"""Revisions: which cells differ from the edition before, and why.

Here: comparing two indicator tables and naming the cause of each change. Not here: deciding whether an edition is needed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa

from pipelines.editions.formats import from_rows
from pipelines.editions.schema import REVISIONS
from pipelines.editions.sources import Sources
from pipelines.errors import Failure

_SHOWN = 12


class Unexplained(Failure):
    """Cells differ from the edition before although deliveries and code are the same."""


def revisions(before: pa.Table | None, before_manifest: dict[str, Any], sources: Sources, code: dict[str, Any]) -> pa.Table:
    """One row per indicator cell whose value or status differs from the edition before; no rows for a first edition."""
    if before is None:
        return from_rows(REVISIONS, [])
    old_cells, new_cells = _cells(before), _cells(sources.tables["indicators"])
    feeds = {entry["code"]: _feeds(entry) for entry in sources.catalogue}
    changed = _changed_deliveries(before_manifest, sources)
    rows: list[dict[str, object]] = []
    for key in sorted(old_cells.keys() | new_cells.keys()):
        old, new = old_cells.get(key, (None, "absent")), new_cells.get(key, (None, "absent"))
        if old != new:
            cause = _cause(key, feeds.get(key[1], set()), changed, before_manifest.get("code", {}), code)
            if old[1] != new[1]:
                cause += f"; status {old[1]} → {new[1]}"
            rows.append({"region_code": key[0], "indicator": key[1], "period": key[2], "old": old[0], "new": new[0], "cause": cause})
    return from_rows(REVISIONS, rows)


def _cells(indicators: pa.Table) -> dict[tuple[str, str, str], tuple[float | None, str]]:
    return {(row["region_code"], row["indicator"], row["period"]): (row["value"], row["status"]) for row in indicators.to_pylist()}


def _feeds(entry: dict[str, Any]) -> set[str]:
    return set(str(entry["feed"] or "").split())


def _changed_deliveries(before: dict[str, Any], sources: Sources) -> dict[tuple[str, str], str]:
    """(quarter, feed) -> how the delivery in force moved, for those that moved."""
    old = {(each["quarter"], each["feed"]): each["sha256"] for each in before.get("deliveries", [])}
    new = {(each["quarter"], each["feed"]): each["sha256"] for each in map(asdict, sources.deliveries)}
    moved = {}
    for quarter, feed in sorted(old.keys() | new.keys()):
        was, now = old.get((quarter, feed), ""), new.get((quarter, feed), "")
        if was != now:
            moved[quarter, feed] = f"{feed} {quarter} {was[:_SHOWN] or 'none'} → {now[:_SHOWN] or 'none'}"
    return moved


def _cause(
    key: tuple[str, str, str], feeds: set[str], changed: dict[tuple[str, str], str], old_code: dict[str, Any], new_code: dict[str, Any]
) -> str:
    related = [text for (_, feed), text in changed.items() if feed in feeds]
    if related or changed:
        return "data: " + ", ".join(related or changed.values())
    was, now = _code_name(old_code), _code_name(new_code)
    if was != now or new_code.get("is_changed") or new_code.get("commit") == "unknown":
        return f"method: code {was} → {now}"
    raise Unexplained(
        f"{key[1]} of {key[0]} in {key[2]}: found a value other than in the edition before, with the same deliveries and code {now}; "
        "expected the same; next: run the quarter again from its deliveries"
    )


def _code_name(code: dict[str, Any]) -> str:
    return f"{code.get('version', 'unknown')}@{str(code.get('commit', 'unknown'))[:_SHOWN]}{'+' if code.get('is_changed') else ''}"
