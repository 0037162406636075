"""Pooling: rules that ask the same of different rows are asked once, of all those rows together.

Here: which expectations of which tasks can be one, their rows in one frame, and the one result taken apart again.
Not here: Great Expectations (adapter). It spends tens of milliseconds per expectation whatever the rows, and nearly all rules of the
check tables ask one thing: that nothing exceeds its own bound.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.gate.suites import Expectation

if TYPE_CHECKING:
    import pandas as pd

ORIGIN = "pooled_from"
_UNIQUE = "expect_compound_columns_to_be_unique"
# What these say of a row depends on that row alone; with its origin among the columns, a repeated key does too.
_ROW_BY_ROW = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_be_null",
        _UNIQUE,
    }
)


@dataclass(frozen=True)
class Task:
    """Expectations about the same rows of a table, with those rows; the frame's index counts from 0."""

    name: str
    frame: pd.DataFrame
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True)
class Part:
    """Where the rows of one task stand in a pool, and the rule that asks about them."""

    task: str
    rule: str
    first: int
    last: int


@dataclass(frozen=True)
class Pool:
    """One expectation about the rows of several tasks, in one task; `alone` are the same questions, each by itself."""

    task: Task
    parts: tuple[Part, ...]
    alone: tuple[Task, ...]

    def failing(self, positions: Iterable[int]) -> Iterator[tuple[Part, tuple[int, ...]]]:
        """Each part with its own failing positions, counted from its first row."""
        failed = sorted(positions)
        for part in self.parts:
            yield part, tuple(position - part.first for position in failed if part.first <= position < part.last)


def pooled(tasks: Iterable[Task]) -> tuple[list[Pool], list[Task]]:
    """The pools, and what is left to be asked task by task."""
    alike: dict[tuple[object, ...], list[Task]] = defaultdict(list)
    left = []
    for task in tasks:
        single = []
        for expectation in task.expectations:
            if _can_pool(expectation, task.frame):
                alike[_question(expectation, task.frame)].append(dataclasses.replace(task, expectations=(expectation,)))
            else:
                single.append(expectation)
        if single:
            left.append(dataclasses.replace(task, expectations=tuple(single)))
    for group in alike.values():
        left += group if len(group) == 1 else []
    return [_pool(group) for group in alike.values() if len(group) > 1], left


def _can_pool(expectation: Expectation, frame: pd.DataFrame) -> bool:
    columns = list(expectation.columns)
    if expectation.type not in _ROW_BY_ROW or not set(columns) <= set(frame.columns) or ORIGIN in frame.columns:
        return False
    # A column without any value is a fault of its own, which other tasks' rows would hide.
    return not frame[columns].isna().all().any()


def _question(expectation: Expectation, frame: pd.DataFrame) -> tuple[object, ...]:
    kinds = tuple(str(frame[column].dtype) for column in expectation.columns)
    return expectation.type, repr(sorted(expectation.kwargs.items())), kinds


def _pool(group: list[Task]) -> Pool:
    import pandas as pd

    (asked,) = group[0].expectations
    frames, parts, first = [], [], 0
    for number, task in enumerate(group):
        frames.append(task.frame[list(asked.columns)].assign(**{ORIGIN: number}))
        parts.append(Part(task.name, task.expectations[0].rule, first, first + len(task.frame)))
        first += len(task.frame)
    if asked.type == _UNIQUE:
        asked = dataclasses.replace(asked, kwargs=asked.kwargs | {"column_list": [*asked.kwargs["column_list"], ORIGIN]})
    name = f"{asked.rule} and {len(group) - 1} alike"
    return Pool(Task(name, pd.concat(frames, ignore_index=True), (asked,)), tuple(parts), tuple(group))
