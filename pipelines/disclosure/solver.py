"""HiGHS such that it says nothing and answers the same on every machine.

Here: making a solver. Not here: programmes. highspy is imported when the first one is made: it costs a tenth of a second.
"""

from __future__ import annotations

from typing import Any

from pipelines.errors import Failure

OPTIONS: dict[str, bool | int | float | str] = {
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "presolve": "off",
    "solver": "simplex",
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


class SolverFailed(Failure):
    """The solver ended without an answer where there is one, or refuses an option: nothing may be concluded."""


def quiet_solver(**options: bool | int | float | str) -> Any:
    """A solver with OPTIONS and these beside them."""
    import highspy

    def silenced(solver: Any) -> None:
        solver.setOptionValue("output_flag", False)

    # Highs writes its banner when it enables callbacks, before anybody can say that it should not; there are none to enable here.
    solver = type("Quiet", (highspy.Highs,), {"enableCallbacks": silenced})()
    for option, value in (OPTIONS | options).items():
        if solver.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise SolverFailed(f"HiGHS refuses {option} = {value}; next: install the version of highspy that requirements.lock names")
    return solver


def run(model: Any) -> Any:
    """Solve a linear programme and return HiGHS's status.

    Where it cannot tell from the last programme's basis on, it starts afresh, and then with presolve: programmes whose numbers lie far
    apart may need either.
    """
    import highspy

    known = highspy.HighsModelStatus
    model.run()
    for presolve in ("off", "on"):
        if model.getModelStatus() in (known.kOptimal, known.kUnbounded, known.kInfeasible):
            break
        model.clearSolver()
        model.setOptionValue("presolve", presolve)
        model.run()
        model.setOptionValue("presolve", "off")
    return model.getModelStatus()
