"""What a delivery or a row reached, for people and for machines.

Here: lines, tables, the document. Not here: what was reached (impact.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console

from pipelines.tracing.impact import Reach, Selected
from pipelines.tracing.listing import Listing


def show_reach(selected: Selected, reached: list[Reach], out: Console, *, is_all: bool) -> None:
    """Print what was reached in each edition: by indicator, or cell by cell."""
    out.print(selected.name, markup=False)
    touched = [each for each in reached if each.rows or each.excluded or each.cells or each.targets or each.totals or each.moved_from]
    if not touched:
        out.print("\nreached no edition: none that was looked at rests on it", markup=False)
    for each in touched:
        out.print(f"\n{each.edition.name}: {len(each.cells):,} cells, {each.rows:,} contributions counted", markup=False)
        (_cells(each) if is_all else _by_indicator(each)).show(out)
        for ruleset, counties in each.totals.items():
            out.print(
                f"  totals under {ruleset}: {len(counties)} counties by values of their own; "
                f"ranks and relative scores compare all {each.compared[ruleset]}",
                markup=False,
            )
        for ruleset, counties in each.moved_from.items():
            out.print(f"  rank_change under {ruleset}: totals of {len(counties)} counties in the quarter before", markup=False)
        if each.completions:
            out.print(f"  completion of targets: {', '.join(' '.join(target) for target in each.completions)}", markup=False)
        if each.targets:
            out.print(f"  targets: {', '.join(' '.join(target) for target in each.targets)}", markup=False)
        for reason, rows in sorted(each.excluded.items(), key=lambda item: -item[1]):
            out.print(f"  not counted: {rows:,} × {reason}", markup=False)


def _cells(reached: Reach) -> Listing:
    table = Listing("region", "indicator", "period", "value", "way")
    for cell in reached.cells:
        table.add_row(cell.region, cell.indicator, cell.period, "" if cell.value is None else repr(cell.value), ", ".join(cell.ways))
    return table


def _by_indicator(reached: Reach) -> Listing:
    table = Listing("indicator", "period", "cells", "regions", "way")
    counted = Counter((cell.indicator, cell.period, cell.ways) for cell in reached.cells)
    for (indicator, period, ways), count in sorted(counted.items()):
        regions = [cell.region for cell in reached.cells if (cell.indicator, cell.period, cell.ways) == (indicator, period, ways)]
        shown = ", ".join(regions[:5]) + (", …" if count > 5 else "")
        table.add_row(indicator, period, str(count), shown, ", ".join(ways))
    return table


def reach_document(selected: Selected, reached: list[Reach]) -> dict[str, Any]:
    """Everything that was reached, for machines."""
    delivery = selected.delivery
    return {
        "delivery": {"quarter": delivery.quarter, "feed": delivery.feed, "file": delivery.file_name, "sha256": delivery.sha256},
        "table": selected.table,
        "row": selected.row,
        "editions": [
            {
                "quarter": each.edition.quarter,
                "edition": each.edition.number,
                "contributions": each.rows,
                "cells": [vars(cell) for cell in each.cells],
                "targets": [list(target) for target in each.targets],
                "completions": [list(target) for target in each.completions],
                "totals": each.totals,
                "totals_of_the_quarter_before": each.moved_from,
                "counties_compared": each.compared,
                "not_counted": each.excluded,
            }
            for each in reached
        ],
    }
