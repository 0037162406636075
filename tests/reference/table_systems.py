"""Generated systems of linked tables, as the county tables link: hierarchies, crossed classifications, year-to-date figures of which
earlier ones are published, growth rates of published digits, editions among each other. Every system has a primary; seeds are fixed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pipelines.disclosure.audit import audit
from pipelines.disclosure.system import Cell, Relation, State, System

SMALL = 12
"""Optional cells up to which all patterns can be tried."""


class Tables:
    """Cells and relations under construction; inner cells may become primaries, all others follow from them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.cells: dict[str, Cell] = {}
        self.relations: list[Relation] = []
        self.is_by_count = chance.random() < 0.2
        self.zeros = chance.choice([0, 0.1])

    def amount(self) -> float:
        """An amount of very different size from cell to cell, with two decimals; now and then nothing."""
        return 0.0 if self.chance.random() < self.zeros else round(10 ** self.chance.uniform(1, 5), 2)

    def add(self, key: str, value: float, **more: Any) -> str:
        """A cell that costs its value, or one where cells are counted."""
        cost = {"cost": 1.0} if self.is_by_count else {}
        self.cells[key] = Cell(key, value, **cost, **more)
        return key

    def total(self, key: str, parts: Iterable[str]) -> str:
        """A cell that is the sum of others, and the relation that says so."""
        names = list(parts)
        self.add(key, sum(self.cells[name].value for name in names), is_parent=True)
        self.adds_up(key, names)
        return key

    def adds_up(self, key: str, parts: Iterable[str]) -> None:
        """The relation of a total that is there already."""
        self.relations.append(Relation(f"{key} #{len(self.relations)}", ((key, -1.0), *((name, 1.0) for name in parts))))

    def protect(self, share: float, among: Iterable[str] | None = None) -> None:
        """Some of the inner cells, at least one, become primaries."""
        inner = [key for key in among or self.cells if not self.cells[key].is_parent and self.cells[key].state is not State.PUBLISHED]
        chosen = [key for key in inner if self.chance.random() < share] or [self.chance.choice(inner)]
        for key in chosen:
            size = abs(self.cells[key].value) or 1.0
            below, above = size * self.chance.choice([0.02, 0.1, 0.3]), size * self.chance.choice([0.02, 0.1, 0.3, 0.5])
            self.cells[key] = replace(self.cells[key], need_below=below, need_above=above)

    def publish(self, keys: Iterable[str]) -> None:
        """Cells of an earlier edition."""
        for key in keys:
            self.cells[key] = replace(self.cells[key], state=State.PUBLISHED)

    def system(self) -> System:
        """What was built."""
        return System(tuple(self.cells.values()), tuple(self.relations))


def hierarchy(tables: Tables, is_small: bool) -> None:
    """Counties, cities, the province."""
    cities = [tables.chance.randrange(2, 4 if is_small else 7) for _ in range(2 if is_small else 4)]
    for city, counties in enumerate(cities):
        tables.total(f"city {city}", [tables.add(f"county {city}.{number}", tables.amount()) for number in range(counties)])
    tables.total("province", [f"city {city}" for city in range(len(cities))])
    tables.protect(0.2)


def crossed(tables: Tables, is_small: bool) -> None:
    """Regions by sectors with both margins, as the worked example of scoring.md."""
    rows, columns = (3, tables.chance.choice([2, 3])) if is_small else (tables.chance.randrange(4, 6), tables.chance.randrange(3, 6))
    for row in range(rows):
        tables.total(f"row {row}", [tables.add(f"cell {row}.{column}", tables.amount()) for column in range(columns)])
    for column in range(columns):
        tables.total(f"column {column}", [f"cell {row}.{column}" for row in range(rows)])
    tables.total("all", [f"row {row}" for row in range(rows)])
    tables.adds_up("all", [f"column {column}" for column in range(columns)])
    if is_small:
        tables.publish(["all", *(f"row {row}" for row in range(rows) if tables.chance.random() < 0.5)])
    tables.protect(0.15)


def year_to_date(tables: Tables, is_small: bool) -> None:
    """Counties' year-to-date figures of two quarters, the first one published, and what the second quarter alone must have been."""
    counties = range(3 if is_small else tables.chance.randrange(5, 10))
    for quarter in (1, 2):
        for county in counties:
            if quarter == 1:
                tables.add(f"q1 {county}", tables.amount())
            else:
                tables.add(f"flow {county}", tables.amount(), state=State.NEVER)
                tables.add(f"q2 {county}", tables.cells[f"q1 {county}"].value + tables.cells[f"flow {county}"].value)
                tables.adds_up(f"q2 {county}", [f"q1 {county}", f"flow {county}"])
        tables.total(f"q{quarter} all", [f"q{quarter} {county}" for county in counties])
    withheld = {f"q1 {county}" for county in counties if tables.chance.random() < 0.4}
    tables.publish(key for key in list(tables.cells) if key.startswith("q1") and key not in withheld)
    tables.protect(0.25, [f"flow {county}" for county in counties] + [f"q2 {county}" for county in counties])


def growth(tables: Tables, is_small: bool) -> None:
    """Two years of counties with a total and growth in percent to one decimal, so that a year's figure nearly gives the other one."""
    counties = range(3 if is_small else tables.chance.randrange(4, 8))
    for county in counties:
        last = tables.add(f"last {county}", round(10 ** tables.chance.uniform(2, 5), 2))
        now = tables.add(f"now {county}", round(tables.cells[last].value * tables.chance.uniform(0.7, 1.4), 2))
        exact = 100 * (tables.cells[now].value / tables.cells[last].value - 1)
        percent = round(exact, 1)
        left = 100 * tables.cells[now].value - (100 + percent) * tables.cells[last].value
        most = 0.0501 * tables.cells[last].value
        tables.add(f"rounding {county}", left, lower=-most, upper=most, state=State.NEVER)
        terms = ((now, 100.0), (last, -100.0 - percent), (f"rounding {county}", -1.0))
        tables.relations.append(Relation(f"growth {county}", terms))
    for year in ("last", "now"):
        tables.total(f"{year} all", [f"{year} {county}" for county in counties])
    if tables.chance.random() < 0.5:
        tables.publish(f"last {county}" for county in counties if tables.chance.random() < 0.3)
    tables.protect(0.2, [f"now {county}" for county in counties])


def editions(tables: Tables, is_small: bool) -> None:
    """A hierarchy published once, and anew with some counties revised by late returns of few firms."""
    counties = range(4 if is_small else tables.chance.randrange(6, 12))
    revised = {county for county in counties if tables.chance.random() < 0.4} or {0}
    for county in counties:
        old, new = tables.add(f"old {county}", tables.amount()), f"new {county}"
        if county in revised:
            change = tables.add(f"change {county}", tables.amount(), lower=-1e6, state=State.NEVER)
            tables.add(new, tables.cells[old].value + tables.cells[change].value)
            tables.adds_up(new, [old, change])
        else:
            tables.add(new, tables.cells[old].value)
            tables.adds_up(new, [old])
    for edition in ("old", "new"):
        half = len(counties) // 2
        groups = [
            tables.total(f"{edition} part {part}", [f"{edition} {county}" for county in some])
            for part, some in enumerate((counties[:half], counties[half:]))
        ]
        tables.total(f"{edition} all", groups)
    hidden = {f"old {county}" for county in counties if tables.chance.random() < 0.5}
    tables.publish(key for key in list(tables.cells) if key.startswith("old") and key not in hidden)
    tables.protect(0.2, [f"change {county}" for county in sorted(revised)] + sorted(hidden))


KINDS: tuple[Callable[[Tables, bool], None], ...] = (hierarchy, crossed, year_to_date, growth, editions)


def optional_cells(system: System) -> list[Cell]:
    """Cells that a pattern may withhold beside the primaries."""
    return [cell for cell in system.cells if cell.state is State.FREE and not cell.is_primary]


def generated_system(seed: int) -> System:
    """One system; the seed says of which kind, and half of them are small.

    What is published already must leave a way to protect every primary, else the draw counts for nothing and the next one does.
    """
    chance = random.Random(seed)
    while True:
        tables = Tables(chance)
        KINDS[seed % len(KINDS)](tables, seed // len(KINDS) % 2 == 0)
        system = tables.system()
        if not any(interval.is_exposed for interval in audit(system, {cell.key for cell in system.cells if cell.state is State.FREE})):
            return system


def shuffled(system: System, seed: int) -> System:
    """The same system with cells, relations and terms told in another order."""
    chance = random.Random(seed)
    relations = [Relation(one.name, tuple(chance.sample(one.terms, len(one.terms))), one.constant) for one in system.relations]
    return System(tuple(chance.sample(system.cells, len(system.cells))), tuple(chance.sample(relations, len(relations))))
