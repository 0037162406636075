"""Arguments by which Great Expectations would let everything pass are refused."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.errors import UsageError
from pipelines.gate import load_suites
from tests.unit.gate.conftest import Shelf, rule

BETWEEN = "expect_column_values_to_be_between"
COLUMN = "expect_column_values_to_be_in_set"
REGEX = "expect_column_values_to_match_regex"
PAIR = "expect_column_pair_values_a_to_be_greater_than_b"
COMPOUND = "expect_compound_columns_to_be_unique"
ROWS = "expect_table_row_count_to_be_between"
NO_NUMBERS = (None, "100", True, float("inf"), float("-inf"), float("nan"), [1])


@pytest.mark.parametrize(
    ("kind", "kwargs", "name", "expected"),
    [
        *((BETWEEN, {"column": wrong, "max_value": 0}, "column", "a text") for wrong in (None, "", " ", 1, ["excess"])),
        *((REGEX, {"column": "level", "regex": wrong}, "regex", "a text") for wrong in (None, "", 20)),
        *((PAIR, {"column_A": "a", "column_B": "b"} | {name: None}, name, "a text") for name in ("column_A", "column_B")),
        *((PAIR, {"column_A": "a", "column_B": "b", "or_equal": wrong}, "or_equal", "true or false") for wrong in ("no", 0, None)),
        *((ROWS, {"min_value": wrong}, "min_value", "a finite number") for wrong in NO_NUMBERS),
        *((ROWS, {"max_value": wrong}, "max_value", "a finite number") for wrong in NO_NUMBERS),
        *((BETWEEN, {"column": "a", "max_value": 0, name: "yes"}, name, "true or false") for name in ("strict_min", "strict_max")),
        *((COLUMN, {"column": "level", "value_set": wrong}, "value_set", "a list of values") for wrong in (None, [], "cmp")),
        *(
            (COMPOUND, {"column_list": wrong}, "column_list", "a list of two or more columns")
            for wrong in (None, [], ["a"], "ab", ["a", 1], ["a", ""])
        ),
    ],
)
def test_an_argument_by_which_everything_would_pass_is_refused(shelf: Shelf, kind: str, kwargs: dict[str, Any], name: str, expected: str):
    shelf.suite(rule(type=kind, kwargs=kwargs))
    with pytest.raises(UsageError) as caught:
        load_suites(shelf.expectations, models=None)
    assert f"T-001: kwargs: {name}: found {kwargs[name]!r}; expected {expected}" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        (BETWEEN, {"column": "excess", "min_value": -0.5, "max_value": 0, "strict_min": True, "strict_max": False}),
        (COLUMN, {"column": "level", "value_set": ["c"]}),
        (REGEX, {"column": "level", "regex": "^c$"}),
        (PAIR, {"column_A": "a", "column_B": "b", "or_equal": True}),
        (COMPOUND, {"column_list": ["a", "b"]}),
    ],
)
def test_arguments_as_they_should_be_are_taken(shelf: Shelf, kind: str, kwargs: dict[str, Any]):
    shelf.suite(rule(type=kind, kwargs=kwargs))
    assert load_suites(shelf.expectations, models=None)[0].expectations[0].kwargs == kwargs
