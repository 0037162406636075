"""Patterns: the same whatever the order told, safe in odd cases, closed where the search ends early."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.disclosure.attack import FARTHEST, Answer, Attacker, Target
from pipelines.disclosure.audit import audit
from pipelines.disclosure.scaling import Floats
from pipelines.disclosure.suppression import suppress
from pipelines.disclosure.system import Cell, Relation, State, System
from tests.reference.every_pattern import is_safe
from tests.reference.table_systems import generated_system, shuffled

SEEDS = st.integers(1000, 9999)
NEEDS_BRANCHING = 16
"""A generated system that the relaxed programme does not decide."""


def line(*cells: Cell, state: State = State.FREE) -> System:
    """Cells and their total."""
    whole = Cell("total", sum(cell.value for cell in cells), lower=-math.inf, state=state, is_parent=True)
    return System((*cells, whole), (Relation("total", (("total", -1.0), *((cell.key, 1.0) for cell in cells))),))


@settings(max_examples=25, derandomize=True)
@given(seed=SEEDS, order=st.integers(0, 99))
def test_the_order_of_the_input_decides_nothing(seed: int, order: int) -> None:
    system = generated_system(seed)
    assert suppress(shuffled(system, order)) == suppress(system)


@settings(max_examples=25, derandomize=True)
@given(seed=SEEDS)
def test_every_primary_is_withheld_and_nothing_that_is_published_already(seed: int) -> None:
    system = generated_system(seed)
    pattern = suppress(system)
    free = {cell.key for cell in system.cells if cell.state is State.FREE}
    assert pattern.primaries == {cell.key for cell in system.cells if cell.is_primary}
    assert pattern.primaries & free <= pattern.withheld <= free
    assert pattern.loss == pytest.approx(sum(system.by_key[key].cost for key in pattern.withheld - pattern.primaries))


@settings(max_examples=15, derandomize=True)
@given(seed=SEEDS)
def test_less_to_protect_never_costs_more(seed: int) -> None:
    system = generated_system(seed)
    half = [replace(cell, need_below=cell.need_below / 2, need_above=cell.need_above / 2) for cell in system.cells]
    assert suppress(System(tuple(half), system.relations)).loss <= suppress(system).loss * (1 + 1e-4)


@settings(max_examples=15, derandomize=True)
@given(seed=SEEDS)
def test_last_quarters_pattern_stays_where_it_is_as_good(seed: int) -> None:
    system = generated_system(seed)
    pattern = suppress(system)
    assert suppress(system, preferred=pattern.withheld).withheld == pattern.withheld


def test_among_equals_the_preferred_cells_are_withheld_again() -> None:
    system = line(Cell("a", 10, need_below=1, need_above=1), *(Cell(key, 20) for key in "bcd"))
    assert suppress(system).withheld == {"a", "b"}
    assert suppress(system, preferred=frozenset("c")).withheld == {"a", "c"}


def test_without_a_primary_nothing_is_withheld() -> None:
    assert suppress(line(Cell("a", 1), Cell("b", 2))).withheld == frozenset()


def test_a_primary_in_no_relation_is_withheld_alone() -> None:
    assert suppress(System((Cell("a", 5, need_above=1), Cell("b", 5)), ())).withheld == {"a"}


def test_a_search_that_ends_early_publishes_parents_only_and_says_so() -> None:
    system = generated_system(NEEDS_BRANCHING)
    pattern = suppress(system, nodes=0)
    parents = {cell.key for cell in system.cells if cell.is_parent}
    assert (pattern.is_proven, pattern.given_up) == (False, (system.parts()[0].cells[0].key,))
    assert pattern.withheld in ({cell.key for cell in system.cells} - parents, {cell.key for cell in system.cells})
    assert is_safe(system, pattern.withheld)


def test_no_time_at_all_is_an_early_end_too() -> None:
    system = generated_system(NEEDS_BRANCHING)
    assert not suppress(system, seconds=0.0).is_proven
    assert is_safe(system, suppress(system, seconds=0.0).withheld)


def test_what_published_cells_have_given_away_is_left_to_the_audit() -> None:
    known = [Cell("b", 20, state=State.PUBLISHED), Cell("c", 30)]
    lost = line(Cell("a", 10, need_below=1, need_above=1), known[0], state=State.PUBLISHED)
    assert suppress(lost).withheld == {"a"}
    assert [one.key for one in audit(lost, {"a"}) if one.is_exposed] == ["a"]
    saved = line(Cell("a", 10, need_below=1, need_above=1), *known, state=State.PUBLISHED)
    assert suppress(saved).withheld == {"a", "c"}


def test_a_range_that_can_only_be_opened_in_part_is_opened_that_far() -> None:
    system = line(Cell("a", 10, need_below=8, need_above=8), Cell("b", 3), Cell("c", 2), state=State.PUBLISHED)
    pattern = suppress(system)
    assert pattern.withheld == {"a", "b", "c"}
    assert [(one.low, one.high, one.is_exposed) for one in audit(system, pattern.withheld)] == [(0, 15, True)]


def test_a_range_that_primaries_open_as_far_as_it_goes_takes_no_further_cell() -> None:
    unsafe = [Cell("a", 10, need_below=8, need_above=8), Cell("b", 3, need_above=1), Cell("c", 2, need_above=1)]
    pattern = suppress(line(*unsafe, Cell("d", 0, upper=0), state=State.PUBLISHED))
    assert (pattern.withheld, pattern.loss, pattern.is_proven) == ({"a", "b", "c"}, 0, True)


def test_primaries_that_protect_each_other_are_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, asked = Attacker.answer, []

    def counted(attacker: Attacker, target: Target, withheld: Floats, room: float = FARTHEST) -> Answer:
        asked.append(target)
        return answer(attacker, target, withheld, room)

    monkeypatch.setattr(Attacker, "answer", counted)
    unsafe = [Cell(f"unsafe {number:02}", 10 + number, need_below=2, need_above=2) for number in range(20)]
    pattern = suppress(line(*unsafe, Cell("safe", 500)))
    assert (pattern.withheld, pattern.loss) == ({cell.key for cell in unsafe}, 0)
    assert len(asked) <= 2 * len(unsafe), "a programme for each end of each range is enough"


@pytest.mark.parametrize(
    "primary",
    [
        pytest.param(Cell("a", 0, need_below=2), id="nothing, which could be more"),
        pytest.param(Cell("a", 100, need_below=1e-9), id="a need that a solver cannot see"),
        pytest.param(Cell("a", 1e10, need_below=1, need_above=1), id="a small need of a large cell"),
        pytest.param(Cell("a", 10, need_below=500, need_above=1), id="a need beyond what anyone would doubt"),
        pytest.param(Cell("a", 10, upper=11, need_above=500), id="a need beyond the upper bound"),
        pytest.param(Cell("a", -50, lower=-math.inf, need_below=5, need_above=5), id="a negative cell"),
    ],
)
def test_odd_primaries_are_protected(primary: Cell) -> None:
    system = line(primary, Cell("b", 4e9), Cell("c", 7, lower=-math.inf), Cell("d", 0))
    pattern = suppress(system)
    assert pattern.withheld > {"a"}
    found = audit(system, pattern.withheld)
    assert [one.is_exposed for one in found] == [False]
    assert found[0].low < found[0].high


def test_cells_that_everyone_knows_protect_nothing() -> None:
    system = line(Cell("a", 10, need_below=1, need_above=1), Cell("b", 1, lower=1, upper=1), Cell("c", 90))
    assert suppress(system).withheld == {"a", "c"}


def test_a_difference_that_nobody_publishes_is_protected_through_what_is() -> None:
    """Year to date of two quarters: with both published the second quarter's figure is their difference."""
    flow = Cell("flow", 5, need_below=2, need_above=2, state=State.NEVER)
    cells = (Cell("q1", 20, state=State.PUBLISHED), flow, Cell("q2", 25), Cell("other", 40), Cell("all", 65))
    relations = (Relation("q2", (("q1", 1.0), ("flow", 1.0), ("q2", -1.0))), Relation("all", (("q2", 1.0), ("other", 1.0), ("all", -1.0))))
    pattern = suppress(System(cells, relations))
    assert pattern.withheld == {"q2", "other"}
    assert pattern.primaries == {"flow"}
