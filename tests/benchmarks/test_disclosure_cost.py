"""What disclosure control costs for tables of the real size: processor seconds of patterns and audit, for 40 parts of 110 to 600 cells."""

from __future__ import annotations

import random
import time

from pipelines.disclosure.audit import audit
from pipelines.disclosure.suppression import suppress
from pipelines.disclosure.system import Cell, Relation, State, System

COUNTIES, CITIES = 90, 11
PARTS = 40
LONGEST = 12.0
"""Processor seconds for all: a fifth of a run at a hundred times the sample."""


def part(name: str, quarters: int, primaries: int, chance: random.Random) -> tuple[list[Cell], list[Relation]]:
    """Counties, cities and the province over a year's quarters and to date; all quarters but the last one are published."""
    cells, relations = [], []
    places = [f"county {number:02}" for number in range(COUNTIES)]
    city_of = {place: f"city {number * CITIES // COUNTIES:02}" for number, place in enumerate(places)}
    history: dict[str, float] = dict.fromkeys([*places, *city_of.values(), "province"], 0.0)
    for quarter in range(quarters):
        is_newest = quarter == quarters - 1
        state = State.FREE if is_newest else State.PUBLISHED
        value = {place: 0.0 if chance.random() < 0.05 else round(10 ** chance.uniform(4, 9), 2) for place in places}
        value |= {city: sum(value[place] for place in places if city_of[place] == city) for city in sorted(set(city_of.values()))}
        value["province"] = sum(value[place] for place in places)
        unsafe = set(chance.sample(places, primaries)) if is_newest else set()
        for place, amount in value.items():
            need = chance.choice([0.02, 0.1, 0.3]) * amount if place in unsafe else 0.0
            cells.append(
                Cell(f"{name} {place} {quarter}", amount, need_below=need, need_above=need, state=state, is_parent=place not in city_of)
            )
            history[place] += amount
        for whole in [*sorted(set(city_of.values())), "province"]:
            inside = sorted(set(city_of.values())) if whole == "province" else [place for place in places if city_of[place] == whole]
            terms = ((f"{name} {whole} {quarter}", -1.0), *((f"{name} {one} {quarter}", 1.0) for one in inside))
            relations.append(Relation(f"{name} {whole} {quarter}", terms))
    for place, amount in history.items():
        cells.append(Cell(f"{name} {place} to date", amount, is_parent=place not in city_of))
        terms = ((f"{name} {place} to date", -1.0), *((f"{name} {place} {quarter}", 1.0) for quarter in range(quarters)))
        relations.append(Relation(f"{name} {place} to date", terms))
    return cells, relations


def test_forty_county_tables_cost_seconds() -> None:
    chance = random.Random(315)
    parts = [part(f"table {number}", chance.randrange(1, 5), chance.randrange(21), chance) for number in range(PARTS)]
    started = time.process_time()
    system = System(tuple(cell for cells, _ in parts for cell in cells), tuple(one for _, relations in parts for one in relations))
    built = time.process_time()
    pattern = suppress(system)
    suppressed = time.process_time()
    found = audit(system, pattern.withheld)
    audited = time.process_time()
    print(
        f"\n{len(system.cells)} cells, {len(pattern.primaries)} primaries, {len(pattern.withheld - pattern.primaries)} secondary cells; "
        f"system {built - started:.2f} s, pattern {suppressed - built:.2f} s, audit {audited - suppressed:.2f} s of the processor"
    )
    assert pattern.is_proven
    assert not any(interval.is_exposed for interval in found)
    assert audited - started < LONGEST
