"""The audit: what an attacker can compute of every withheld cell from all that is published, by two linear programmes each.

Here: intervals and whether they expose a primary. Not here: choosing a pattern (suppression.py), of which nothing is used: the audit has
its own matrices, its own parts and its own programmes, so that an error there is found here.

The programmes are over the changes of the withheld cells against their values, in units of the need that is judged: published cells
cannot change, so every relation's changes add up to zero. What rounding leaves over in a relation is taken for nobody's knowledge.
"""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.disclosure.scaling import Floats, equilibrated
from pipelines.disclosure.solver import quiet_solver, run
from pipelines.disclosure.system import Cell, Relation, State, System
from pipelines.errors import Failure

SLACK = 1e-6
"""The share of a need that may be missing: a solver's tolerance, and nothing that a reader could use."""
FAR = 1e6
"""How far cells may change, in needs of the cell that is judged, where the solver has no answer without a limit."""


class AuditFailed(Failure):
    """The audit has no answer, or was asked about cells that the system does not have: nothing may be published on it."""


@dataclass(frozen=True)
class Interval:
    """What can be computed of a cell: its values lie from `low` to `high`; a primary needs at least `low_needed` to `high_needed`."""

    key: str
    value: float
    low: float
    high: float
    low_needed: float
    high_needed: float

    @property
    def is_exposed(self) -> bool:
        """Whether less is left open than the cell needs; never true of a cell that needs nothing."""
        slack = SLACK * max(self.high_needed - self.value, self.value - self.low_needed)
        return not (self.low <= self.low_needed + slack and self.high >= self.high_needed - slack)


def audit(system: System, withheld: Set[str], *, every: bool = False) -> list[Interval]:
    """The intervals of all primaries, by key, under a pattern; with `every` also those of the other withheld cells.

    Primaries that are published stand there as known exactly. Raises AuditFailed where a programme has no answer.
    """
    unknown = sorted(withheld - system.by_key.keys())
    if unknown:
        raise AuditFailed(f"withheld cell {unknown[0]} is not in the system; expected cells of the system only")
    hidden = {cell.key for cell in system.cells if cell.state is State.NEVER or (cell.key in withheld and cell.state is State.FREE)}
    asked = [cell for cell in system.cells if cell.is_primary or (every and cell.key in hidden)]
    found = [
        Interval(cell.key, cell.value, cell.value, cell.value, cell.low_needed, cell.high_needed)
        for cell in asked
        if cell.key not in hidden
    ]
    wanted = {cell.key for cell in asked}
    for cells, relations in _groups(system, hidden):
        mine = [cell for cell in cells if cell.key in wanted]
        if mine:
            programme = _Programme(cells, relations)
            found.extend(programme.interval(cell) for cell in mine)
    return sorted(found, key=lambda interval: interval.key)


def _groups(system: System, hidden: set[str]) -> list[tuple[list[Cell], list[Relation]]]:
    """Hidden cells that relations link to each other, with what those relations say of hidden cells."""
    open_relations = [
        Relation(relation.name, terms)
        for relation in system.relations
        if (terms := tuple((key, weight) for key, weight in relation.terms if key in hidden))
    ]
    through: dict[str, list[int]] = {key: [] for key in hidden}
    for number, relation in enumerate(open_relations):
        for key, _ in relation.terms:
            through[key].append(number)
    groups, seen_cells, seen_relations = [], set[str](), set[int]()
    for start in sorted(hidden):
        if start in seen_cells:
            continue
        seen_cells.add(start)
        cells, relations, waiting = [], [], [start]
        while waiting:
            key = waiting.pop()
            cells.append(system.by_key[key])
            for number in through[key]:
                if number not in seen_relations:
                    seen_relations.add(number)
                    relations.append(open_relations[number])
                    fresh = [other for other, _ in open_relations[number].terms if other not in seen_cells]
                    seen_cells.update(fresh)
                    waiting.extend(fresh)
        groups.append((cells, relations))
    return groups


class _Programme:
    """The changes that one group of hidden cells can make together; each question sets bounds and objective anew."""

    def __init__(self, cells: list[Cell], relations: list[Relation]) -> None:
        place = {cell.key: number for number, cell in enumerate(cells)}
        terms = [(row, place[key], weight) for row, relation in enumerate(relations) for key, weight in relation.terms]
        rows = np.array([term[0] for term in terms], dtype=np.int32)
        columns = np.array([term[1] for term in terms], dtype=np.int32)
        weights = np.array([term[2] for term in terms], dtype=float)
        of_rows, self._units = equilibrated(rows, columns, weights, (len(relations), len(cells)))
        self._place = place
        self._down: Floats = np.array([cell.value - cell.lower for cell in cells]) / self._units
        self._up: Floats = np.array([cell.upper - cell.value for cell in cells]) / self._units
        self._model = quiet_solver()
        self._model.addVars(len(cells), np.zeros(len(cells)), np.zeros(len(cells)))
        scaled = weights * of_rows[rows] * self._units[columns]
        for row in range(len(relations)):
            mine = rows == row
            self._model.addRow(0.0, 0.0, int(mine.sum()), columns[mine], scaled[mine])

    def interval(self, cell: Cell) -> Interval:
        """What can be computed of one cell of the group."""
        need = max(cell.high_needed - cell.value, cell.value - cell.low_needed)
        unit = need if need > 0 else abs(cell.value) or 1.0
        # What stands in the way may be the cell's own bounds, which are then met exactly.
        low = max(cell.lower, cell.value - self._farthest(cell, -1.0, unit) * unit)
        high = min(cell.upper, cell.value + self._farthest(cell, 1.0, unit) * unit)
        return Interval(cell.key, cell.value, low, high, cell.low_needed, cell.high_needed)

    def _farthest(self, cell: Cell, sign: float, unit: float) -> float:
        """The farthest change of a cell in one direction in units of its need, without end where nothing holds it.

        Where numbers lie too far apart for an answer, all cells are held within FAR: the interval can only come out too short then. A
        change without end must be one of a whole need within FAR too, so that an error of the solver opens no interval.
        """
        import highspy

        place = self._place[cell.key]
        self._model.changeColCost(place, -sign)
        status, farthest = self._solved(unit / self._units[place], math.inf)
        if status != highspy.HighsModelStatus.kOptimal:
            was_unbounded = status == highspy.HighsModelStatus.kUnbounded
            status, farthest = self._solved(unit / self._units[place], FAR)
            if was_unbounded and farthest >= 1:
                farthest = math.inf
        self._model.changeColCost(place, 0.0)
        if status != highspy.HighsModelStatus.kOptimal or math.isnan(farthest):
            found = self._model.modelStatusToString(status)
            raise AuditFailed(f"cell {cell.key}: the solver ended as {found}; expected the farthest change of the cell")
        return max(farthest, 0.0)

    def _solved(self, unit: float, most: float) -> tuple[Any, float]:
        """The solver's status and the farthest change in these units, with no cell changing by more than `most` of them."""
        places = np.arange(len(self._up), dtype=np.int32)
        self._model.changeColsBounds(len(places), places, -np.minimum(self._down / unit, most), np.minimum(self._up / unit, most))
        return run(self._model), -float(self._model.getInfo().objective_function_value)
