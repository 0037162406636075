"""Patterns: which figures of each quarter are withheld, quarter after quarter, measure by measure.

Here: the order, and what an earlier quarter's pattern means for a later one. Not here: the search (suppression.py), the tables that the
figures come from and go to (dbt_project/models/disclosure).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from pipelines.disclosure.linked import Figures, key_of, system_of
from pipelines.disclosure.suppression import suppress
from pipelines.disclosure.system import State
from pipelines.quarters import Quarter

SECONDARY, GIVEN_UP = "secondary", "given_up"
Held = Mapping[tuple[str, str], Set[str]]
"""Regions withheld, by (quarter, measure)."""


def withheld_figures(figures: Figures, quarters: list[str], earlier: Held) -> list[dict[str, Any]]:
    """What is withheld in `quarters`, one row per figure: `quarter, measure, region_code, withheld_because`, sorted.

    `earlier` are the patterns of other quarters. `withheld_because` names the primary rules that
    the figure fails, or says that it protects another, or that the search for what protects it was given up.
    """
    held = {key: set(regions) for key, regions in earlier.items()}
    rows = []
    for measure in figures.measures:
        for quarter in sorted(quarters):
            found = _of_quarter(measure, quarter, figures, held)
            held[quarter, measure] = {row["region_code"] for row in found}
            rows += found
    return sorted(rows, key=lambda row: (row["quarter"], row["measure"], row["region_code"]))


def _of_quarter(measure: str, quarter: str, figures: Figures, held: Held) -> list[dict[str, Any]]:
    if quarter not in figures.regions:
        return []

    def state_of(of_quarter: str, region: str) -> State:
        if of_quarter == quarter:
            return State.PUBLISHED if figures.is_told(quarter, measure, region) else State.FREE
        return State.NEVER if region in held.get((of_quarter, measure), ()) else State.PUBLISHED

    before = held.get((str(Quarter.parse(quarter).plus(-1)), measure), ())
    preferred = frozenset(key_of(quarter, region) for region in before)
    pattern = suppress(system_of(measure, quarter, figures, state_of), preferred)
    rows = []
    for region in figures.regions[quarter]:
        if key_of(quarter, region.code) in pattern.withheld:
            need = figures.needs.get(("to_date", quarter, measure, region.code))
            because = need.unsafe_by if need else GIVEN_UP if pattern.given_up else SECONDARY
            rows.append({"quarter": quarter, "measure": measure, "region_code": region.code, "withheld_because": because})
    return rows
