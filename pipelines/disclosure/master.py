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
SAME_PRICE = 0.1
"""How far, in steps, the price of a choice may be from what the solver says: its variables are whole to a tolerance only."""


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
        self._places = np.arange(len(prices), dtype=np.int32)
        self._model = quiet_solver(presolve="choose", mip_rel_gap=0.0, mip_abs_gap=0.0, mip_feasibility_tolerance=1e-9)
        self._price = np.where(part.always, 0.0, prices)
        useful = part.movable & (self._price <= most)
        self._model.addVars(len(prices), np.where(part.always, 1.0, 0.0), np.where(part.always | useful, 1.0, 0.0))
        self._model.changeColsCost(len(prices), self._places, self._price)
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
        self._run(whole=False)
        return np.array(self._model.getSolution().col_value), float(self._model.getInfo().objective_function_value)

    def chosen(self, limits: Limits) -> Flags | None:
        """The cheapest whole choice that fulfils all inequalities so far, None where the search ended before it was proven.

        It starts from nothing: HiGHS 1.16 may return a start, also the last programme's solution, as the optimum together with another
        choice's price. So the price is compared; where it does not fit, the programme is solved without presolve, and then not at all.
        """
        if limits.nodes is not None:
            self._model.setOptionValue("mip_max_nodes", limits.nodes)
        for presolve in ("choose", "off"):
            self._model.clearSolver()
            self._model.setOptionValue("presolve", presolve)
            if limits.seconds is not None:
                self._model.setOptionValue("time_limit", self._model.getRunTime() + limits.seconds)
            if not self._run(whole=True):
                return None
            chosen: Flags = np.array(self._model.getSolution().col_value) > 0.5
            if abs(self._price[chosen].sum() - self._model.getInfo().objective_function_value) <= SAME_PRICE:
                return chosen
        return None

    def _run(self, *, whole: bool) -> bool:
        import highspy

        if whole != self._is_whole:
            kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
            kinds = np.full(len(self._places), kind.value, dtype=np.uint8)
            self._model.changeColsIntegrality(len(kinds), self._places, kinds)
            self._is_whole = whole
        self._model.run()
        status = self._model.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return True
        if whole and status in (highspy.HighsModelStatus.kSolutionLimit, highspy.HighsModelStatus.kTimeLimit):
            return False
        raise SolverFailed(f"HiGHS ended the choice of a pattern as {self._model.modelStatusToString(status)}; expected an optimum")
