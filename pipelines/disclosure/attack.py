"""What an attacker can compute from a pattern, and what a pattern must withhold so that he cannot: programmes over changes of cells.

Here: one part of a system as arrays, the range of a primary under a pattern, the inequality that every sufficient pattern fulfils, the
cheapest way to open a range. Not here: which pattern is chosen (master.py, suppression.py), the audit, which has programmes of its own.

All programmes are over the *changes* of cells against their values: relations then add up to zero exactly, and no digit is lost between
a province's total and a county's need. Method: Fischetti and Salazar-González, Models and algorithms for optimizing cell suppression in
tabular data with linear constraints, JASA 95 (2000).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.disclosure.scaling import Floats, equilibrated
from pipelines.disclosure.solver import SolverFailed, quiet_solver, run
from pipelines.disclosure.system import State, System

Flags = npt.NDArray[np.bool_]

ENOUGH = 1 - 1e-7
"""The share of a need at which it counts as met: what a solver's tolerance can take away."""
LEAST_NEED = 1e-6
"""The least need as a share of the cell's value: below it a programme in doubles cannot tell an open range from none."""
FARTHEST = 1e6
"""Farthest change of a cell in units of the need at hand; taking more for impossible can only withhold more."""
LEAST_CAPACITY = 1e-3
"""Cells that can change by less of a need count as this much when a way is priced: it is a guess, and the solver wants like numbers."""
NOTHING = 1e-9


@dataclass(frozen=True)
class Target:
    """One end of a primary's range: cell `place` must be able to change by `need` in the direction of `sign` (both scaled)."""

    place: int
    sign: int
    need: float


@dataclass(frozen=True)
class Answer:
    """What a programme found: the share of the need that is reached, a change of all cells that does it, and the inequality behind it.

    A pattern is sufficient for this target only if the `weights` of its withheld cells add up to 1 or more.
    """

    reached: float
    changes: Floats
    weights: Floats


class Part:
    """One connected part as arrays in the order of its cells; changes are in scaled units (`unit` × value)."""

    def __init__(self, system: System) -> None:
        cells = system.cells
        place = {cell.key: number for number, cell in enumerate(cells)}
        terms = [(row, place[key], weight) for row, relation in enumerate(system.relations) for key, weight in relation.terms]
        self.keys = [cell.key for cell in cells]
        self.shape = (len(system.relations), len(cells))
        self.rows = np.array([row for row, _, _ in terms], dtype=np.int32)
        self.columns = np.array([column for _, column, _ in terms], dtype=np.int32)
        entries = np.array([weight for _, _, weight in terms], dtype=float)
        of_rows, of_columns = equilibrated(self.rows, self.columns, entries, self.shape)
        self.entries: Floats = entries * of_rows[self.rows] * of_columns[self.columns]
        self.down = np.array([cell.value - cell.lower for cell in cells]) / of_columns
        self.up = np.array([cell.upper - cell.value for cell in cells]) / of_columns
        self.primary = np.array([cell.is_primary for cell in cells], dtype=bool)
        self.always: Flags = self.primary | np.array([cell.state is State.NEVER for cell in cells], dtype=bool)
        self.is_parent = np.array([cell.is_parent for cell in cells], dtype=bool)
        self.cost = np.array([cell.cost for cell in cells])
        self.movable: Flags = (self.down > 0) | (self.up > 0)
        self.targets = [
            Target(number, sign, min(max(need, LEAST_NEED * abs(cell.value)) / of_columns[number], limit[number]))
            for number, cell in enumerate(cells)
            if cell.is_primary
            for sign, need, limit in ((1, cell.high_needed - cell.value, self.up), (-1, cell.value - cell.low_needed, self.down))
            if need > 0
        ]


class Attacker:
    """The attacker's two programmes for each primary of a part, one model for all of them: only bounds and the objective change."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._model = linear_model(part.shape, part.rows, part.columns, part.entries)
        self._places = np.arange(part.shape[1], dtype=np.int32)
        self._aim = 0

    def answer(self, target: Target, withheld: Floats, room: float = FARTHEST) -> Answer:
        """How far a target is reached where cells are withheld to these shares; optional ones change by at most `room` needs."""
        part, model = self.part, self._model
        limit = np.where(part.always, FARTHEST, room)
        up = np.minimum(part.up / target.need, limit) * withheld
        down = np.minimum(part.down / target.need, limit) * withheld
        (up if target.sign > 0 else down)[target.place] = 1.0
        model.changeColCost(self._aim, 0.0)
        model.changeColCost(target.place, -float(target.sign))
        self._aim = target.place
        model.changeColsBounds(len(up), self._places, -down, up)
        solution = solved(model)
        changes = np.array(solution.col_value)
        return Answer(target.sign * changes[target.place], changes * target.need, self._weights(target, np.array(solution.col_dual)))

    def _weights(self, target: Target, reduced: Floats) -> Floats:
        """Weights of the optional cells, from the reduced costs: sign × change of the target = sum of price × change of the others."""
        part = self.part
        own = 1 + target.sign * reduced[target.place]
        if own <= NOTHING:
            return np.zeros(len(reduced))
        price = -reduced / own
        price[np.abs(price) < NOTHING] = 0
        price[target.place] = 0
        capacity = np.where(price > 0, part.up, part.down)
        most = np.zeros(len(price))
        used = price != 0
        most[used] = np.abs(price[used]) * capacity[used] / target.need
        missing = 1 - most[part.always].sum()
        if missing <= NOTHING:
            return np.zeros(len(price))
        return np.where(part.always, 0.0, np.minimum(most / missing, 1.0))


class Router:
    """The cheapest change that reaches a target, each cell at a price per change: a way to open a range that costs little."""

    def __init__(self, part: Part) -> None:
        self.part = part
        rows, cells = part.shape
        self._places = np.arange(2 * cells, dtype=np.int32)
        both = np.concatenate([part.columns, part.columns + cells]).astype(np.int32)
        entries = np.concatenate([part.entries, -part.entries])
        self._model = linear_model((rows, 2 * cells), np.concatenate([part.rows, part.rows]), both, entries)

    def change(self, target: Target, price: Floats) -> Floats | None:
        """A change of all cells that reaches the target in full, or None where no change does."""
        part, model, cells = self.part, self._model, len(price)
        up, down = np.minimum(part.up / target.need, FARTHEST), np.minimum(part.down / target.need, FARTHEST)
        lower = np.zeros(2 * cells)
        upper = np.concatenate([up, down])
        forward, back = (target.place, target.place + cells)[:: target.sign]
        lower[forward] = upper[forward] = 1.0
        upper[back] = 0.0
        scaled = price / max(price.max(), NOTHING)
        fixed_charge = np.concatenate([scaled / np.clip(up, LEAST_CAPACITY, 1), scaled / np.clip(down, LEAST_CAPACITY, 1)])
        model.changeColsCost(2 * cells, self._places, fixed_charge)
        model.changeColsBounds(2 * cells, self._places, lower, upper)
        solution = solved(model, may_be_infeasible=True)
        if solution is None:
            return None
        values = np.array(solution.col_value)
        changes: Floats = (values[:cells] - values[cells:]) * target.need
        return changes


def reaching(targets: list[Target], changes: Floats) -> Iterator[int]:
    """Numbers of the targets that a change of all cells reaches."""
    for number, target in enumerate(targets):
        if target.sign * changes[target.place] >= ENOUGH * target.need:
            yield number


def linear_model(shape: tuple[int, int], rows: npt.NDArray[Any], columns: npt.NDArray[Any], entries: Floats) -> Any:
    """A silent, single-threaded model whose rows add up to zero; the caller sets bounds and objective."""
    import highspy

    model = quiet_solver()
    order = np.lexsort((rows, columns))
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = shape
    programme.col_cost_ = programme.col_lower_ = programme.col_upper_ = np.zeros(shape[1])
    programme.row_lower_ = programme.row_upper_ = np.zeros(shape[0])
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=shape[1]))]).astype(np.int32)
    programme.a_matrix_.index_ = rows[order].astype(np.int32)
    programme.a_matrix_.value_ = entries[order]
    model.passModel(programme)
    return model


def solved(model: Any, *, may_be_infeasible: bool = False) -> Any:
    """The solution of a linear programme; None only where it has none and that is an answer."""
    import highspy

    status = run(model)
    if status == highspy.HighsModelStatus.kOptimal:
        return model.getSolution()
    if may_be_infeasible and status == highspy.HighsModelStatus.kInfeasible:
        return None
    raise SolverFailed(f"HiGHS ended an attacker's programme as {model.modelStatusToString(status)}; expected an optimum")
