"""A system is refused with the name of what is wrong and never its value, and falls into parts that do not depend on the order told."""

from __future__ import annotations

import math

import pytest

from pipelines.disclosure.system import Cell, Relation, State, System, SystemInvalid

SECRET = 4711.5


def total(name: str, *parts: str) -> Relation:
    return Relation(name, ((name, -1.0), *((part, 1.0) for part in parts)))


@pytest.mark.parametrize(
    ("cells", "relations", "words"),
    [
        pytest.param(["a", "a"], [], "cell a stands in the system twice", id="a cell told twice"),
        pytest.param(["a"], [total("a", "b")], "relation a names cell b", id="a relation with an unknown cell"),
        pytest.param(
            ["a", "b"], [Relation("r", (("a", 1.0), ("b", 1.0)), 2 * SECRET * 1.001)], "relation r", id="values that do not add up"
        ),
        pytest.param(["a", "b"], [Relation("r", (("a", 1.0), ("b", math.nan)))], "relation r", id="a coefficient that is no number"),
    ],
)
def test_a_contradiction_is_refused_without_a_value(cells: list[str], relations: list[Relation], words: str) -> None:
    with pytest.raises(SystemInvalid, match=words) as refused:
        System(tuple(Cell(key, SECRET) for key in cells), tuple(relations))
    assert "4711" not in str(refused.value)
    assert "9423" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [{"lower": SECRET + 1}, {"upper": SECRET - 1}, {"need_below": -1.0}, {"need_above": math.inf}, {"cost": -1.0}, {"lower": math.nan}],
)
def test_a_cell_that_cannot_be_is_refused_without_its_value(wrong: dict[str, float]) -> None:
    with pytest.raises(SystemInvalid, match="cell a") as refused:
        Cell("a", SECRET, **wrong)
    assert "4711" not in str(refused.value)


def test_amounts_of_doubles_fulfil_their_relations() -> None:
    parts = [Cell(f"c{number}", 0.1 + 1e9 * number) for number in range(90)]
    System((*parts, Cell("all", math.fsum(part.value for part in parts))), (total("all", *(part.key for part in parts)),))


def test_a_published_cell_links_nothing() -> None:
    cells = [Cell("a", 1), Cell("b", 2), Cell("ab", 3, state=State.PUBLISHED), Cell("c", 4), Cell("abc", 7), Cell("alone", 1)]
    parts = System(tuple(cells), (total("ab", "a", "b"), total("abc", "ab", "c"))).parts()
    assert [[cell.key for cell in part.cells] for part in parts] == [["a", "b"], ["abc", "c"], ["alone"]]
    assert [[relation.constant for relation in part.relations] for part in parts] == [[3], [-3], []]


def test_the_order_told_does_not_matter() -> None:
    cells, relations = (Cell("a", 1), Cell("b", 2), Cell("t", 3)), (total("t", "a", "b"), Relation("s", (("b", 1.0), ("a", -2.0))))
    told_backwards = [Relation(one.name, one.terms[::-1], one.constant) for one in relations[::-1]]
    assert System(cells, relations) == System(cells[::-1], tuple(told_backwards))


def test_terms_of_one_cell_are_one() -> None:
    system = System((Cell("a", 1), Cell("b", 2)), (Relation("r", (("a", 1.0), ("b", -1.0), ("a", 1.0), ("b", 0.0))),))
    assert system.relations[0].terms == (("a", 2.0), ("b", -1.0))


@pytest.mark.parametrize(
    ("cell", "range_needed"),
    [
        (Cell("a", 10, need_below=3, need_above=4), (7, 14)),
        (Cell("a", 2, need_below=3, need_above=4), (0, 6)),
        (Cell("a", 2, upper=5, need_below=1, need_above=4), (1, 5)),
        (Cell("a", 0, need_below=3), (0, 3)),
        (Cell("a", -2, lower=-math.inf, need_below=3, need_above=1), (-5, -1)),
    ],
)
def test_nobody_can_be_made_to_doubt_the_bounds(cell: Cell, range_needed: tuple[float, float]) -> None:
    assert (cell.low_needed, cell.high_needed) == range_needed
