"""Typed reading of one mapping of a ruleset, with the line and path of every key in every error.

Here: text, numbers, exact fractions, choices, lists, and the refusal of keys that nobody asked for.
Not here: which keys the rule language has.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NoReturn

from pipelines.errors import UsageError
from pipelines.rulesets.strict_yaml import Source

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)
_NAME = re.compile(r"[^\W\d]\w*([.-]\w+)*")


class Section:
    """A mapping of the file; keys are taken one by one, and what is left at the end is an unknown key."""

    def __init__(self, content: Any, path: str, source: Source) -> None:
        self.path = path
        self.source = source
        self._known: set[str] = set()
        if not isinstance(content, dict):
            self.refuse("", show(content), "a mapping")
        self._content: dict[str, Any] = content
        self._left = list(content)

    def refuse(self, key: str, found: str, expected: str) -> NoReturn:
        """Raise the usage error that names the line and path of `key` in this mapping."""
        raise UsageError(f"{self.source.where(self.at(key))}: found {found}; expected {expected}")

    def at(self, key: str) -> str:
        """The path of a key of this mapping."""
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def __contains__(self, key: str) -> bool:
        self._known.add(key)
        return key in self._content

    def names_found(self) -> list[str]:
        """All keys as they stand in the file."""
        return list(self._content)

    def raw(self, key: str) -> Any:
        """The value of a key that must be there, untyped."""
        self._known.add(key)
        if key not in self._content:
            self.refuse(key, "no such key", "a value")
        if key in self._left:
            self._left.remove(key)
        return self._content[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        if key not in self and default is not None:
            return default
        value = self.raw(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, show(value), "text")
        return value.strip()

    def identifier(self, key: str) -> str:
        """A name: letters, digits, `_`, `-`, `.`, starting with a letter."""
        value = self.text(key)
        if not _NAME.fullmatch(value):
            self.refuse(key, show(value), "a name of letters, digits, '_' and '-', starting with a letter")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of the allowed words."""
        value = self.text(key, default)
        if value not in (words := list(allowed)):
            self.refuse(key, show(value), f"one of {', '.join(words)}{nearest(value, words)}")
        return value

    def fraction(self, key: str) -> Fraction:
        """A number or a quotient of two numbers such as `1/3`, exact."""
        return as_fraction(self.raw(key), self, key)

    def number(self, key: str) -> float:
        """A finite number."""
        return as_number(self.raw(key), self, key)

    def maybe_number(self, key: str) -> float | None:
        """A finite number, or none if the key is absent."""
        return self.number(key) if key in self else None

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number between two bounds, both included."""
        if key not in self and default is not None:
            return default
        value = self.number(key)
        if value != int(value) or not low <= value <= high:
            self.refuse(key, show(self._content[key]), f"a whole number from {low} to {high}")
        return int(value)

    def flag(self, key: str, default: bool = False) -> bool:
        """`true` or `false`; the other words of YAML 1.1 are refused."""
        return self.choice(key, ("true", "false"), "true" if default else "false") == "true"

    def pair(self, key: str) -> tuple[float, float] | None:
        """Two numbers, the smaller first, or none if the key is absent."""
        if key not in self:
            return None
        items = self.items(key)
        if len(items) != 2:
            self.refuse(key, f"{len(items)} values", "two numbers")
        low, high = (as_number(item, self, f"{key}[{index}]") for index, item in enumerate(items))
        if not low < high:
            self.refuse(key, f"[{items[0]}, {items[1]}]", "the smaller number first, and two different ones")
        return low, high

    def interval(self, key: str) -> tuple[float | None, float | None]:
        """Two numbers, the smaller first; `none` for one of them leaves that side open. Both open if the key is absent."""
        if key not in self:
            return None, None
        items = self.items(key)
        if len(items) != 2 or items == ["none", "none"]:
            self.refuse(key, f"{len(items)} values" if len(items) != 2 else "[none, none]", "two numbers, or one and 'none'")
        low, high = (None if item == "none" else as_number(item, self, f"{key}[{index}]") for index, item in enumerate(items))
        if low is not None and high is not None and not low < high:
            self.refuse(key, f"[{items[0]}, {items[1]}]", "the smaller number first, and two different ones")
        return low, high

    def items(self, key: str) -> list[Any]:
        """A list."""
        value = self.raw(key)
        if not isinstance(value, list):
            self.refuse(key, show(value), "a list")
        return value

    def names(self, key: str) -> list[str]:
        """A list of texts, each once."""
        values = self.items(key)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value or value in values[:index]:
                self.refuse(f"{key}[{index}]", show(value), "text, each only once")
        return values

    @contextmanager
    def inside(self, key: str) -> Iterator[Section]:
        """The mapping under a key; keys of it that were not taken when the block ends are unknown."""
        with closed(Section(self.raw(key), self.at(key), self.source)) as section:
            yield section

    def each(self, key: str) -> Iterator[Section]:
        """The mappings of the list under a key, each checked for unknown keys when the next is asked for."""
        for index, item in enumerate(self.items(key)):
            with closed(Section(item, f"{self.at(key)}[{index}]", self.source)) as section:
                yield section

    def refuse_rest(self) -> None:
        """Raise if a key was never asked for."""
        if self._left:
            known = sorted(self._known)
            near = nearest(self._left[0], known)
            self.refuse(self._left[0], "an unknown key", f"only keys of the rule language here ({', '.join(known) or 'none'}){near}")


@contextmanager
def closed(section: Section) -> Iterator[Section]:
    """A section whose unknown keys are refused when the block ends."""
    yield section
    section.refuse_rest()


def as_fraction(value: Any, section: Section, key: str) -> Fraction:
    """`value` as an exact number; `1/3` is a quotient."""
    parts = value.split("/") if isinstance(value, str) else []
    if not 1 <= len(parts) <= 2 or not all(len(part) <= 40 and _NUMBER.fullmatch(part.strip()) for part in parts):
        section.refuse(key, show(value), "a number")
    numbers = [Fraction(part.strip()) for part in parts]
    if len(numbers) == 2 and numbers[1] == 0:
        section.refuse(key, show(value), "a quotient whose denominator is not zero")
    return numbers[0] / numbers[1] if len(numbers) == 2 else numbers[0]


def as_number(value: Any, section: Section, key: str) -> float:
    """`value` as the nearest double."""
    exact = as_fraction(value, section, key)
    if abs(exact) > 10**15 or not math.isfinite(float(exact)):
        section.refuse(key, show(value), "a number between -1e15 and 1e15")
    return float(exact)


def nearest(found: str, known: Iterable[str]) -> str:
    """`, nearest: …` for the known name that a wrong one is most like; nothing if it is like none."""
    like = difflib.get_close_matches(found, list(known), n=1)
    return f", nearest: {like[0]}" if like else ""


def show(value: Any) -> str:
    """How a found value is named in an error."""
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)
