"""The linked tables of a measure as one system: counties in cities in the province, quarters in the year to date.

Here: which figures belong together and what everyone knows between them. Not here: what is withheld (patterns.py), what stands published
(published.py), cells and relations as such (system.py).

Two figures of one year to date differ by what the quarter brought. Nobody publishes that difference and everybody can compute it, so it
is a cell like any other, and where one firm could be read off it, one of the two figures cannot stand beside the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pipelines.disclosure.system import Cell, Relation, State, System
from pipelines.quarters import Quarter, span

PROVINCE, CITY, COUNTY, BESIDE = "p", "m", "c", "r"
LEAST_COST = 1e-3
"""A figure is worth at least this share of the province's: a zero says something too."""


@dataclass(frozen=True)
class Region:
    """A county with its city, a city with the province, what belongs to no city likewise, or the province, which has nothing above it."""

    code: str
    level: str
    above: str


@dataclass(frozen=True)
class Need:
    """The rules that a figure fails, in their order, and how wide its interval must stay open on either side (unit of the figure)."""

    unsafe_by: str
    protection: float


@dataclass
class Figures:
    """All that systems are made of, undivided (yuan, persons, square metres, contracts).

    `amounts` by (quarter, measure, region); `needs` by (kind, quarter, measure, region), kind `to_date`, `quarter` or an edition, unsafe
    ones only; `regions` by quarter; `to_date` are the measures of which two quarters of a year can be subtracted; `told` are the figures
    that editions published, by (quarter, measure, region), with the edition.
    """

    amounts: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    needs: dict[tuple[str, str, str, str], Need] = field(default_factory=dict)
    regions: dict[str, list[Region]] = field(default_factory=dict)
    to_date: frozenset[str] = frozenset()
    told: dict[tuple[str, str, str], dict[str, Decimal]] = field(default_factory=dict)

    def is_told(self, quarter: str, measure: str, region: str) -> bool:
        """Whether an edition published the figure as it is now."""
        key = quarter, measure, region
        return self.amounts.get(key) in self.told.get(key, {}).values()

    @property
    def measures(self) -> list[str]:
        """Measures with anything unsafe, in order."""
        return sorted({measure for _, _, measure, _ in self.needs})

    def quarters_together(self, measure: str, quarter: str) -> list[str]:
        """The quarters whose figures are judged together with that one's: the year's to date, or itself alone."""
        last = Quarter.parse(quarter)
        first = Quarter(last.year, 1) if measure in self.to_date else last
        return [str(each) for each in span(first, last) if str(each) in self.regions]


def figures_of(
    amounts: Iterable[dict[str, Any]],
    cells: Iterable[dict[str, Any]],
    divisions: Iterable[dict[str, Any]],
    to_date: Iterable[str],
    told: dict[tuple[str, str, str], dict[str, Decimal]],
) -> Figures:
    """Figures from rows of `int_measures`, `dis_cells` and the divisions; `to_date` are measures that add up over the year."""
    found = Figures(to_date=frozenset(to_date), told=told)
    quarters = set()
    for row in amounts:
        quarters.add(row["quarter"])
        if row["amount"] is not None:
            found.amounts[row["quarter"], row["measure"], row["region_code"]] = row["amount"]
    for row in cells:
        if row["unsafe_by"] is not None:
            key = row["kind"], row["quarter"], row["measure"], row["region_code"]
            found.needs[key] = Need(row["unsafe_by"], float(row["protection"]))
    listed = list(divisions)
    for quarter in sorted(quarters):
        found.regions[quarter] = _regions_of(quarter, listed)
        _add_beside(quarter, found)
    return found


def _add_beside(quarter: str, found: Figures) -> None:
    """What belongs to no city is published nowhere: it is what the cities leave of the province."""
    (province,) = (region.code for region in found.regions[quarter] if region.level == PROVINCE)
    cities = [region.code for region in found.regions[quarter] if region.level == CITY]
    for beside in (region.code for region in found.regions[quarter] if region.level == BESIDE):
        for measure in sorted({of for of_quarter, of, _ in found.amounts if of_quarter == quarter}):
            known = {
                code: found.amounts[quarter, measure, code] for code in (province, *cities) if (quarter, measure, code) in found.amounts
            }
            if len(known) == 1 + len(cities):
                found.amounts[quarter, measure, beside] = known[province] - sum(known[city] for city in cities)


def _regions_of(quarter: str, divisions: list[dict[str, Any]]) -> list[Region]:
    day = Quarter.parse(quarter).last_day
    in_force = [row for row in divisions if row["valid_from"] <= day and (row["valid_to"] is None or day <= row["valid_to"])]
    (province,) = (row["code"] for row in in_force if row["level"] == PROVINCE)
    above = {PROVINCE: lambda row: "", CITY: lambda row: province, BESIDE: lambda row: province, COUNTY: lambda row: row["city_code"]}
    regions = [Region(row["code"], row["level"], above[row["level"]](row)) for row in in_force if row["level"] in above]
    return sorted(regions, key=lambda region: region.code)


def key_of(quarter: str, region: str) -> str:
    """The key of a figure in its measure's system."""
    return f"{quarter}/{region}"


def system_of(measure: str, quarter: str, figures: Figures, state_of: Callable[[str, str], State]) -> System:
    """The system of a measure's figures of the year to date; `state_of` says of (quarter, region) what may be decided about it."""
    cells: dict[str, Cell] = {}
    relations: list[Relation] = []
    together = figures.quarters_together(measure, quarter)
    for each in together:
        _add_regions(measure, each, figures, state_of, cells, relations)
        _add_corrections(measure, each, figures, cells, relations)
    for earlier, later in pairwise(together):
        _add_differences(measure, earlier, later, figures, cells, relations)
    return System(tuple(cells.values()), tuple(relations))


def _add_regions(
    measure: str,
    quarter: str,
    figures: Figures,
    state_of: Callable[[str, str], State],
    cells: dict[str, Cell],
    relations: list[Relation],
) -> None:
    """A figure per region, and what the regions below one add up to."""
    amounts = {region: figures.amounts.get((quarter, measure, region.code)) for region in figures.regions[quarter]}
    known = {region.code: amount for region, amount in amounts.items() if amount is not None}
    (province,) = (region.code for region in amounts if region.level == PROVINCE)
    least = LEAST_COST * float(abs(known.get(province, Decimal(0))))
    below = defaultdict(list)
    for region in amounts:
        if region.above:
            below[region.above].append(region.code)
        if region.code in known:
            amount, need = known[region.code], figures.needs.get(("to_date", quarter, measure, region.code))
            cost = max(float(abs(amount)), least)
            key = key_of(quarter, region.code)
            state = State.NEVER if region.level == BESIDE else state_of(quarter, region.code)
            cells[key] = _cell(key, amount, cost, state, region.level in (CITY, PROVINCE), need)
    for code, parts in sorted(below.items()):
        # Where one is missing, its figure is nobody's, and so is what the others would leave for it.
        if not {code, *parts} <= known.keys():
            continue
        rest = known[code] - sum(known[each] for each in parts)
        terms = [(key_of(quarter, code), 1.0), *((key_of(quarter, each), -1.0) for each in parts)]
        relations.append(Relation(f"parts of {key_of(quarter, code)}", tuple(terms), float(rest)))


def _add_differences(measure: str, earlier: str, later: str, figures: Figures, cells: dict[str, Cell], relations: list[Relation]) -> None:
    """What the later quarter brought to each region, as the difference of its two figures."""
    for region in figures.regions[later]:
        before, now = key_of(earlier, region.code), key_of(later, region.code)
        if before in cells and now in cells:
            key = f"{now} since {earlier}"
            amount = figures.amounts[later, measure, region.code] - figures.amounts[earlier, measure, region.code]
            cells[key] = _cell(key, amount, 0.0, State.NEVER, False, figures.needs.get(("quarter", later, measure, region.code)))
            relations.append(Relation(f"quarter of {now}", ((now, 1.0), (before, -1.0), (key, -1.0))))


def _add_corrections(measure: str, quarter: str, figures: Figures, cells: dict[str, Cell], relations: list[Relation]) -> None:
    """What changed of each region since an edition that published another figure."""
    for region in figures.regions[quarter]:
        now = key_of(quarter, region.code)
        for edition, then in sorted(figures.told.get((quarter, measure, region.code), {}).items()):
            amount = figures.amounts.get((quarter, measure, region.code), then) - then
            if amount and now in cells:
                key = f"{now} since edition {edition}"
                cells[key] = _cell(key, amount, 0.0, State.NEVER, False, figures.needs.get((edition, quarter, measure, region.code)))
                relations.append(Relation(f"edition {edition} of {now}", ((now, 1.0), (key, -1.0)), float(then)))


def _cell(key: str, amount: Decimal, cost: float, state: State, is_parent: bool, need: Need | None) -> Cell:
    lower = 0.0 if amount >= 0 else -math.inf
    wide = need.protection if need else 0.0
    return Cell(key, float(amount), cost, lower, need_below=wide, need_above=wide, state=state, is_parent=is_parent)
