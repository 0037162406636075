"""The audit against another solver on other programmes, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from pipelines.disclosure.audit import AuditFailed, audit
from pipelines.disclosure.suppression import suppress
from pipelines.disclosure.system import Cell, Relation, State, System
from tests.reference.table_systems import generated_system


def by_scipy(system: System, withheld: frozenset[str]) -> dict[str, tuple[float, float]]:
    """Ranges of all hidden cells over the values themselves, published ones held fast by their bounds."""
    place = {cell.key: number for number, cell in enumerate(system.cells)}
    matrix = np.zeros((len(system.relations), len(place)))
    for row, relation in enumerate(system.relations):
        for key, weight in relation.terms:
            matrix[row, place[key]] = weight
    hidden = [cell.key in withheld or cell.state is State.NEVER for cell in system.cells]
    bounds = [(cell.lower, cell.upper) if free else (cell.value, cell.value) for cell, free in zip(system.cells, hidden, strict=True)]
    right = matrix @ np.array([cell.value for cell in system.cells])
    found = {}
    for number, cell in enumerate(system.cells):
        if hidden[number]:
            aim = np.zeros(len(place))
            aim[number] = 1
            low, high = (linprog(sign * aim, A_eq=matrix, b_eq=right, bounds=bounds, method="highs") for sign in (1, -1))
            found[cell.key] = (low.fun, -high.fun if high.status == 0 else math.inf)
    return found


@pytest.mark.parametrize("seed", range(2000, 2010))
def test_another_solver_finds_the_same_ranges(seed: int) -> None:
    system = generated_system(seed)
    withheld = suppress(system).withheld
    found = {one.key: (one.low, one.high) for one in audit(system, withheld, every=True)}
    expected = by_scipy(system, withheld)
    assert found.keys() == expected.keys()
    for key, ends in expected.items():
        assert found[key] == pytest.approx(ends, rel=1e-6, abs=1e-4), key


def test_a_published_primary_is_known_exactly() -> None:
    found = audit(System((Cell("a", 5, need_above=1, state=State.PUBLISHED),), ()), frozenset())
    assert [(one.key, one.low, one.high, one.is_exposed) for one in found] == [("a", 5, 5, True)]


def test_a_primary_that_was_not_withheld_is_exposed() -> None:
    assert [one.is_exposed for one in audit(System((Cell("a", 5, need_above=1),), ()), frozenset())] == [True]


def test_a_published_cell_cannot_be_withheld_any_more() -> None:
    cells = (Cell("a", 5, need_above=1), Cell("b", 7, state=State.PUBLISHED), Cell("t", 12, state=State.PUBLISHED))
    system = System(cells, (Relation("t", (("a", 1.0), ("b", 1.0), ("t", -1.0))),))
    assert [one.is_exposed for one in audit(system, {"a", "b"})] == [True]


def test_without_bounds_a_range_has_no_end() -> None:
    cells = (Cell("a", 5, lower=-math.inf, need_above=1), Cell("b", 7, lower=-math.inf), Cell("t", 12))
    system = System(cells, (Relation("t", (("a", 1.0), ("b", 1.0), ("t", -1.0))),))
    assert [(one.low, one.high) for one in audit(system, {"a", "b"})] == [(-math.inf, math.inf)]


def test_a_withheld_cell_that_the_system_does_not_have_is_an_error() -> None:
    with pytest.raises(AuditFailed, match="withheld cell x is not in the system"):
        audit(System((Cell("a", 5, need_above=1),), ()), {"a", "x"})


def test_a_thousandth_of_a_need_missing_is_exposure() -> None:
    cells = (Cell("a", 10, need_below=5, need_above=4), Cell("b", 3.996), Cell("t", 13.996, state=State.PUBLISHED))
    system = System(cells, (Relation("t", (("a", 1.0), ("b", 1.0), ("t", -1.0))),))
    assert [one.is_exposed for one in audit(system, {"a", "b"})] == [True]
    relaxed = (Cell("a", 10, need_below=5, need_above=3.996), *cells[1:])
    assert [one.is_exposed for one in audit(System(relaxed, system.relations), {"a", "b"})] == [False]
