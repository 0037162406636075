"""Arguments of expectations, checked before Great Expectations sees them.

Here: what each argument may be. Great Expectations takes an endless or absent bound, an empty pattern or a text for a flag
without a word, and then every row passes. Not here: which arguments a type takes (suites).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pipelines.errors import UsageError


def check_arguments(kwargs: dict[str, Any], where: str) -> None:
    """A usage error naming the first argument that is not what its name promises."""
    for name, value in kwargs.items():
        is_right, expected = ARGUMENTS[name]
        if not is_right(value):
            raise UsageError(f"{where}: {name}: found {value!r}; expected {expected}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_values(value: Any) -> bool:
    return isinstance(value, list) and value != []


def _are_columns(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(map(_is_text, value))


#: Argument -> what it may be, and that in words.
ARGUMENTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("column", "column_A", "column_B", "regex"), (_is_text, "a text")),
    **dict.fromkeys(("min_value", "max_value"), (_is_number, "a finite number")),
    **dict.fromkeys(("strict_min", "strict_max", "or_equal"), (_is_flag, "true or false")),
    "value_set": (_are_values, "a list of values"),
    "column_list": (_are_columns, "a list of two or more columns"),
}
