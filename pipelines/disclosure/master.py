"""The choice of the cells to withhold as an integer programme that grows by inequalities.

Here: the programme over the optional cells of one part, its relaxation, the limit of its search. Not here: where inequalities come from
(attack.py), when a pattern is good (suppression.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.attack import Flags, Part
from pipelines.disclosure.scaling import Floats
from pipelines.disclosure.solver import SolverFailed, quiet_solver

RESOLUTION = 1e6
"""Steps that the loss of the pattern known at the start is counted in: losses that differ by less are equal, and keys decide."""
WORTHLESS = 1e-9


@dataclass(frozen=True)
class Limits:
    """When the search ends without an answer: `nodes` of branching per programme, `rounds` of new inequalities, `seconds` of the clock.

    Nodes and rounds are the same on every machine; seconds are not, and None leaves the clock out.
    """

    nodes: int | None
    rounds: int
    seconds: float | None = None


def whole_prices(cost: Floats, known: float) -> Floats:
    """Costs as whole steps of the `known` pattern's loss, plus parts of a step that tell patterns of equal loss apart by their keys.

    All those parts together are below half a step, smaller for smaller keys.
    """
    steps = np.maximum(np.round(cost * (RESOLUTION / known)) if known > 0 else cost, 1.0)
    places = np.arange(1, len(cost) + 1) / max(len(cost), 1)
    prices: Floats = steps + 0.5 / max(len(cost), 1) * places**1.5
    return prices


class Master:
    """A binary variable per cell, 1 for withheld; the cells that are hidden anyway stand at 1 and cost nothing."""

    def __init__(self, part: Part, prices: Floats, most: float) -> None:
        """Cells that cannot change, and those that cost more than `most` by themselves, are no help."""
        import highspy

        self._binary, self._continuous = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        self._optimal = highspy.HighsModelStatus.kOptimal
        self.part = part
        self._places = np.arange(len(prices), dtype=np.int32)
        self._model = quiet_solver(presolve="choose", mip_rel_gap=0.0, mip_abs_gap=0.0)
        price = np.where(part.always, 0.0, prices)
        useful = part.movable & (price <= most)
        self._model.addVars(len(prices), np.where(part.always, 1.0, 0.0), np.where(part.always | useful, 1.0, 0.0))
        self._model.changeColsCost(len(prices), self._places, price)
        self._is_whole = False

    def require(self, weights: Floats) -> None:
        """The weights of the withheld cells add up to 1 or more."""
        used = np.flatnonzero(weights > WORTHLESS).astype(np.int32)
        self._model.addRow(1.0, np.inf, len(used), used, weights[used])

    def require_company(self, cell: int, others: np.ndarray) -> None:
        """A cell is withheld only together with one of the others: alone in a relation it would be determined, and lost for nothing."""
        used = np.concatenate([[cell], others]).astype(np.int32)
        self._model.addRow(0.0, np.inf, len(used), used, np.concatenate([[-1.0], np.ones(len(others))]))

    def relaxed(self) -> tuple[Floats, float]:
        """Shares of withholding that fulfil all inequalities so far at the least price, and that price."""
        self._run()
        return np.array(self._model.getSolution().col_value), float(self._model.getInfo().objective_function_value)

    def chosen(self, known: Flags, limits: Limits) -> Flags | None:
        """The cheapest whole choice that fulfils all inequalities so far, None where the search ended before it was proven.

        `known` is a pattern that fulfils them all: nothing dearer is looked at.
        """
        if limits.nodes is not None:
            self._model.setOptionValue("mip_max_nodes", limits.nodes)
        if limits.seconds is not None:
            self._model.setOptionValue("time_limit", self._model.getRunTime() + limits.seconds)
        if not self._run(known):
            return None
        chosen: Flags = np.array(self._model.getSolution().col_value) > 0.5
        return chosen

    def _run(self, known: Flags | None = None) -> bool:
        import highspy

        whole = known is not None
        if whole != self._is_whole:
            kinds = np.full(len(self._places), (self._binary if whole else self._continuous).value, dtype=np.uint8)
            self._model.changeColsIntegrality(len(kinds), self._places, kinds)
            self._is_whole = whole
        if known is not None:
            start = highspy.HighsSolution()
            start.col_value = known.astype(float)
            self._model.setSolution(start)
        self._model.run()
        status = self._model.getModelStatus()
        if status == self._optimal:
            return True
        if whole and self._model.getInfo().primal_solution_status >= 0 and "limit" in self._model.modelStatusToString(status).lower():
            return False
        raise SolverFailed(f"HiGHS ended the choice of a pattern as {self._model.modelStatusToString(status)}; expected an optimum")
