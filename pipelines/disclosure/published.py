"""The audit of what is about to be published: which figures the published tables tell, and what follows for every unsafe one.

Here: reading figures back out of published rows. Not here: the pattern, which this code does not ask for; programmes (audit.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any

from pipelines.disclosure.audit import audit
from pipelines.disclosure.linked import Figures, system_of
from pipelines.disclosure.system import State
from pipelines.quarters import Quarter

Told = set[tuple[str, str, str]]
"""(quarter, measure, region) of figures that published rows tell."""
A_YEAR = 4


def told_figures(
    indicators: Iterable[Mapping[str, Any]],
    targets: Iterable[Mapping[str, Any]],
    catalogue: Iterable[Mapping[str, Any]],
    growth_of: Mapping[str, str],
) -> Told:
    """The figures that rows of `ed_indicators` and `ed_targets` tell, by value, numerator, denominator, or one through the other.

    `growth_of` names the measure that a delivered growth is the growth of: with the growth, one year's figure tells the other's.
    """
    rules = {row["code"]: row for row in catalogue}
    told: Told = set()
    grown: dict[str, Told] = defaultdict(set)
    for row in indicators:
        rule = rules.get(row["indicator"])
        if rule is None or rule["numerator"] is None or row["period"] != row["quarter"]:
            continue
        quarter, region = row["quarter"], row["region_code"]
        if rule["numerator"] in growth_of and row["value"] is not None:
            grown[growth_of[rule["numerator"]]].add((quarter, growth_of[rule["numerator"]], region))
        shown = {name for name in ("value", "numerator", "denominator") if row[name] is not None}
        if shown & {"value", "numerator"}:
            told.add((quarter, rule["numerator"], region))
        if shown & {"value", "denominator"} and rule["rule"] == "growth_pct":
            told.add((_a_year_before(quarter), rule["numerator"], region))
        if shown & {"value", "denominator"} and rule["denominator"] is not None:
            told.add((quarter, rule["denominator"], region))
    for row in targets:
        rule = rules.get(row["indicator"])
        if (
            rule is not None
            and rule["numerator"] is not None
            and any(row[name] is not None for name in ("value", "completion", "run_rate"))
        ):
            told.add((row["quarter"], rule["numerator"], row["region_code"]))
    for growths in grown.values():
        for quarter, measure, region in sorted(growths):
            pair = {(quarter, measure, region), (_a_year_before(quarter), measure, region)}
            if pair & told:
                told |= pair
    return told


def _a_year_before(quarter: str) -> str:
    return str(Quarter.parse(quarter).plus(-A_YEAR))


def audited(figures: Figures, quarters: Iterable[str], told: Set[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """What anyone can compute of every unsafe figure of each quarter's year to date: one row per quarter, measure and figure.

    `low` and `high` bound it, null where nothing does; `low_needed` and `high_needed` are what must stay possible; all undivided.
    """
    rows = []
    for measure in figures.measures:
        for quarter in sorted(set(quarters) & figures.regions.keys()):

            def state_of(of_quarter: str, region: str, measure: str = measure) -> State:
                is_known = (of_quarter, measure, region) in told or figures.is_told(of_quarter, measure, region)
                return State.PUBLISHED if is_known else State.NEVER

            for found in audit(system_of(measure, quarter, figures, state_of), frozenset()):
                bounds = {"low": found.low, "high": found.high, "low_needed": found.low_needed, "high_needed": found.high_needed}
                finite = {name: bound if abs(bound) != float("inf") else None for name, bound in bounds.items()}
                rows.append({"quarter": quarter, "measure": measure, "figure": found.key, **finite, "is_exposed": found.is_exposed})
    return rows
